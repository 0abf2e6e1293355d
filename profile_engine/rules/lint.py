"""What is odd about a rule that can be read: it is always or never true, asks for what no schema allows, or is dear."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from profile_engine.config.problems import Position
from profile_engine.rules.fields import filters_of, step_fields
from profile_engine.rules.scope import Scope
from profile_engine.rules.syntax import (
    EVERYONE,
    AllOf,
    AnyOf,
    Attribute,
    Check,
    Condition,
    EventField,
    InSegment,
    Measure,
    NoneOf,
    Not,
    Passes,
    Sequence,
    Source,
    parts,
)

ALWAYS_OR_NEVER, NEVER_SEEN, DEAR = "E317", "E318", "E319"
MANY_VALUES = 100
_INFINITE = Fraction(10**60)


@dataclass(frozen=True)
class Oddity:
    """`code` as in the table of codes; always a warning, never an error."""

    code: str
    message: str
    position: Position
    hint: str


def oddities(condition: Condition, scope: Scope) -> Iterator[Oddity]:
    """Everything odd about a rule, at its place."""
    yield from _of_itself(condition)
    if isinstance(condition, Passes):
        yield from _of_test(condition, scope)
        for where in filters_of(condition.source):
            yield from oddities(where, scope)
        if isinstance(condition.check.operand, Condition):
            yield from oddities(condition.check.operand, scope)
    for part in parts(condition):
        yield from oddities(part, scope)


def _of_itself(condition: Condition) -> Iterator[Oddity]:
    if isinstance(condition, AllOf | AnyOf):
        told = set(condition.conditions)
        for part in condition.conditions:
            if isinstance(part, Not) and part.condition in told:
                word = "never" if isinstance(condition, AllOf) else "always"
                yield _told(f"is {word} true: a condition stands beside its own complement", part.position)
    inner = condition.condition if isinstance(condition, Not) else None
    if isinstance(inner, InSegment) and EVERYONE in inner.segments:
        yield _told("is never true: everyone is in the built-in segment everyone", condition.position)
    if isinstance(condition, NoneOf) and any(
        isinstance(p, InSegment) and EVERYONE in p.segments for p in condition.conditions
    ):
        yield _told("is never true: everyone is in the built-in segment everyone", condition.position)
    if isinstance(condition, AllOf):
        tests: dict[Source, list[Passes]] = defaultdict(list)
        for part in condition.conditions:
            if isinstance(part, Passes):
                tests[part.source].append(part)
        for found in tests.values():
            yield from _contradictions(found)


def _contradictions(tests: list[Passes]) -> Iterator[Oddity]:
    low, high = -_INFINITE, _INFINITE
    values: set[object] | None = None
    for test in tests:
        first, last = _interval(test.check)
        low, high = max(low, first), min(high, last)
        options = _options(test.check)
        if options is not None:
            values = options if values is None else values & options
        if low > high or values == set():
            yield _told("is never true: no value passes all of these tests", test.position)
            return


def _of_test(test: Passes, scope: Scope) -> Iterator[Oddity]:
    check, source = test.check, test.source
    if isinstance(source, Measure) and source.name in {"count", "distinct"}:
        first, last = _interval(check)
        if last < 0:
            yield _told("is never true: a number of events is never below 0", test.position)
        elif first <= 0 and last == _INFINITE and check.operator in {"at_least", "above"}:
            yield _told("is always true: a number of events is never below 0", test.position)
    if check.operator in {"equals", "one_of"} and isinstance(source, Attribute | EventField):
        union = scope.attributes if isinstance(source, Attribute) else scope.events
        field = union.leaf(source.path)
        options = _options(check) or set()
        if field is not None and field.one_of and not check.ignoring_case:
            for value in sorted(str(one) for one in options if isinstance(one, str) and one not in field.one_of):
                yield Oddity(NEVER_SEEN, f"'{value}' is no value that the schema allows for '{source.path}'", check.position,
                             f"it allows {', '.join(field.one_of)}")  # fmt: skip
    if isinstance(check.operand, tuple) and len(check.operand) > MANY_VALUES:
        yield Oddity(DEAR, f"the list has {len(check.operand)} values", check.position,
                     "keep such a list as an attribute of the person, and test that")  # fmt: skip
    if isinstance(source, Sequence) and not source.window:
        varies = any(list(step_fields(step.where)) for step in source.steps)
        yield Oddity(DEAR, "the sequence has no window, so all events ever are looked through"
                     + (" for every pair of steps" if varies else ""), test.position, "write within_last: 30 days")  # fmt: skip


def _told(message: str, position: Position) -> Oddity:
    return Oddity(ALWAYS_OR_NEVER, f"the rule {message}", position, "take one of the conditions out")


def _interval(check: Check) -> tuple[Fraction, Fraction]:
    """Numbers that can pass, both ends counted in; an open end is moved by less than any literal can tell."""
    literals = check.operand if isinstance(check.operand, tuple) else (check.operand,)
    numbers = [
        Fraction(one) for one in literals if isinstance(one, int | float | Decimal) and not isinstance(one, bool)
    ]
    if len(numbers) != len(literals) or not numbers:
        return -_INFINITE, _INFINITE
    least = Fraction(1, 10**50)
    return {
        "above": (numbers[0] + least, _INFINITE), "at_least": (numbers[0], _INFINITE), "below": (-_INFINITE, numbers[0] - least),
        "at_most": (-_INFINITE, numbers[0]), "between": (numbers[0], numbers[-1]), "equals": (numbers[0], numbers[0]),
        "one_of": (min(numbers), max(numbers)),
    }.get(check.operator, (-_INFINITE, _INFINITE))  # fmt: skip


def _options(check: Check) -> set[object] | None:
    if check.ignoring_case or check.operator not in {"equals", "one_of"}:
        return None
    options = check.operand if isinstance(check.operand, tuple) else (check.operand,)
    return set(options) if all(isinstance(one, str | bool) for one in options) else None
