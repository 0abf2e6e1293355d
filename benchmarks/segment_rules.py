"""Rules of the benchmark of segments, drawn from a seed: the same ones for the engine (YAML) and for its peers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from benchmarks.segment_people import CATEGORIES, CHANNELS, COUNTRIES, LANGUAGES, TIERS

Operator = Literal["equals", "one_of", "at_least", "below", "between", "starts_with", "within_days"]


@dataclass(frozen=True)
class Test:
    """A test of an attribute; false where the value is missing. `negated` is the exact complement."""

    column: str
    operator: Operator
    operand: tuple[str | int | float | bool, ...]
    negated: bool = False


@dataclass(frozen=True)
class Happening:
    """Events of a type, of a category if one is given."""

    event_type: str
    category: str | None


@dataclass(frozen=True)
class Aggregate:
    """A figure over the events of the last so many days."""

    name: Literal["count", "sum", "max"]
    of: Happening
    days: int


@dataclass(frozen=True)
class Order:
    """The second event after the first, within so many days of it, both in the last so many days."""

    first: Happening
    second: Happening
    gap_days: int
    days: int


@dataclass(frozen=True)
class Rule:
    """All tests of one of the groups pass; so does the aggregate (at least, or below if `few`), and the order is there."""

    id: str
    groups: tuple[tuple[Test, ...], ...]
    aggregate: Aggregate | None = None
    threshold: float = 0
    few: bool = False
    order: Order | None = None


def draw_rules(count: int, seed: int = 1, *, attributes_only: bool = False) -> tuple[Rule, ...]:
    """40 % of attributes alone, 40 % with an aggregate, 20 % with two events in order."""
    random = np.random.default_rng(seed)
    aggregates = [_aggregate(random) for _ in range(140)]
    orders = [_order(random) for _ in range(40)]
    rules = []
    for number in range(count):
        id, kind = f"r{number:04}", 0 if attributes_only else number % 5
        if kind in (0, 1):
            rules.append(Rule(id, tuple(_group(random, 2, 5) for _ in range(2 if random.random() < 0.15 else 1))))
        elif kind in (2, 3):
            aggregate = aggregates[random.integers(len(aggregates))]
            threshold = (
                0.005 + float(random.integers(2, 60)) * 10 if aggregate.name != "count" else int(random.integers(1, 5))
            )
            few = aggregate.name == "count" and random.random() < 0.1
            rules.append(Rule(id, (_group(random, 1, 2),), aggregate, threshold, few))
        else:
            rules.append(Rule(id, (_group(random, 1, 2),), order=orders[random.integers(len(orders))]))
    return tuple(rules)


def _group(random: np.random.Generator, least: int, most: int) -> tuple[Test, ...]:
    return tuple(_test(random) for _ in range(random.integers(least, most)))


def _test(random: np.random.Generator) -> Test:
    column = str(random.choice(["country", "tier", "channel", "language", "city", "age", "points", "visits", "score", "margin", "vip", "newsletter", "signed_up_at"]))  # fmt: skip
    negated = bool(random.random() < 0.06)
    words = {"country": COUNTRIES, "tier": TIERS, "channel": CHANNELS, "language": LANGUAGES}.get(column)
    if words is not None:
        chosen = tuple(str(word) for word in random.choice(words, random.integers(1, 4), replace=False))
        return Test(column, "one_of" if len(chosen) > 1 else "equals", chosen, negated)
    if column == "city":
        return Test(column, "starts_with", (f"{random.choice(list('abcdefgh'))}{random.integers(4)}",), negated)
    if column in ("vip", "newsletter"):
        return Test(column, "equals", (bool(random.random() < 0.7),), negated)
    if column == "signed_up_at":
        return Test(column, "within_days", (int(random.choice([7, 14, 30, 60, 90, 180, 365, 730])),), negated)
    if column in ("score", "margin"):
        edge = round(float(random.random()) * (1 if column == "score" else 40), 2)
        return Test(column, "at_least" if random.random() < 0.5 else "below", (edge,), negated)
    low = int(random.integers(0, {"age": 90, "points": 500, "visits": 12}[column]))
    if random.random() < 0.3:
        return Test(column, "between", (low, low + int(random.integers(1, 20))), negated)
    return Test(column, "at_least" if random.random() < 0.5 else "below", (low,), negated)


def _happening(random: np.random.Generator, types: tuple[str, ...]) -> Happening:
    event_type = str(random.choice(types))
    with_category = event_type in ("product_view", "add_to_cart", "purchase") and random.random() < 0.6
    return Happening(event_type, str(random.choice(CATEGORIES)) if with_category else None)


def _aggregate(random: np.random.Generator) -> Aggregate:
    days = int(random.choice([7, 30, 90]))
    if random.random() < 0.7:
        types = ("page_view", "product_view", "add_to_cart", "purchase", "search", "newsletter_open")
        return Aggregate("count", _happening(random, types), days)
    name: Literal["sum", "max"] = "sum" if random.random() < 0.7 else "max"
    return Aggregate(name, _happening(random, ("add_to_cart", "purchase")), days)


def _order(random: np.random.Generator) -> Order:
    first = _happening(random, ("product_view", "search", "newsletter_open", "add_to_cart"))
    second = _happening(random, ("add_to_cart", "purchase", "product_view"))
    return Order(first, second, int(random.choice([1, 7, 14])), int(random.choice([30, 90])))


def yaml_of(rule: Rule) -> str:
    """The segment's file."""
    groups = [[_yaml_test(test) for test in group] for group in rule.groups]
    parts = (
        groups[0] if len(groups) == 1 else [f"any: [{', '.join(f'{{all: [{_braced(group)}]}}' for group in groups)}]"]
    )
    if rule.aggregate is not None:
        one = rule.aggregate
        word = "below" if rule.few else "at_least"
        figure = (
            f"times: {{{word}: {rule.threshold}}}"
            if one.name == "count"
            else f"{one.name}: {{of: amount, {word}: {rule.threshold}}}"
        )
        parts.append(f"did: {{{_yaml_happening(one.of)}, within_last: {one.days} days, {figure}}}")
    if rule.order is not None:
        one_by_one = f"{{{_yaml_happening(rule.order.first)}}}, {{{_yaml_happening(rule.order.second)}, gap: {{at_most: {rule.order.gap_days} days}}}}"
        parts.append(f"sequence: {{steps: [{one_by_one}], within_last: {rule.order.days} days}}")
    return f"name: Rule {rule.id}\nmembers:\n  all:\n" + "".join(f"    - {part}\n" for part in parts)


def _braced(tests: list[str]) -> str:
    return ", ".join(f"{{{test}}}" for test in tests)


def _yaml_test(test: Test) -> str:
    values = [str(value).lower() if isinstance(value, bool) else str(value) for value in test.operand]
    quoted = [
        f'"{value}"' if isinstance(value, str) else shown for value, shown in zip(test.operand, values, strict=True)
    ]
    operand = {
        "equals": quoted[0], "one_of": f"[{', '.join(quoted)}]", "within_days": f"{{within_last: {values[0]} days}}",
        "between": f"{{between: [{', '.join(values)}]}}",
    }.get(test.operator, f"{{{test.operator}: {quoted[0]}}}")  # fmt: skip
    return f"not: {{{test.column}: {operand}}}" if test.negated else f"{test.column}: {operand}"


def _yaml_happening(one: Happening) -> str:
    return f"event: {one.event_type}" + ("" if one.category is None else f", where: {{category: {one.category}}}")
