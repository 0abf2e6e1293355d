"""Every word of conditions and every measure has a true, a false and a missing case; a new one fails until it has them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from profile_engine.rules.evaluate import members
from profile_engine.rules.measure_kinds import MEASURE_KINDS
from profile_engine.rules.names import WORDS
from profile_engine.rules.program import Program
from tests.support.rule_people import parsed, tables
from tests.support.rules_oracle import Oracle

AS_OF = datetime(2026, 5, 31, 12, tzinfo=UTC)
Person = tuple[dict[str, Any], list[dict[str, Any]]]


def who(*orders: tuple[int, Any], age: Any = None, name: Any = None) -> Person:
    """A person with orders so many days ago, of an amount each."""
    return {"age": age, "name": name}, [
        {"event_type": "order", "occurred_at": AS_OF - timedelta(days=days), "amount": None if amount is None else Decimal(amount)}
        for days, amount in orders
    ]  # fmt: skip


NOBODY = who()
WORD_CASES: dict[str, tuple[str, Person, Person, tuple[Person, bool]]] = {
    # the rule, one whom it holds for, one whom it does not, one of whom nothing is known and what it says of them
    "all": ("{all: [{age: 1}, {name: a}]}", who(age=1, name="a"), who(age=1, name="b"), (who(age=1), False)),
    "any": ("{any: [{age: 1}, {name: a}]}", who(age=2, name="a"), who(age=2, name="b"), (NOBODY, False)),
    "none": ("{none: [{age: 1}, {name: a}]}", who(age=2, name="b"), who(age=2, name="a"), (NOBODY, True)),
    "not": ("{not: {age: 1}}", who(age=2), who(age=1), (NOBODY, True)),
    "field": ("{field: age, above: 1}", who(age=2), who(age=1), (NOBODY, False)),
    "compute": ('{compute: "age * 2", above: 3}', who(age=2), who(age=1), (NOBODY, False)),
    "did": ("{did: {event: order, within_last: 2 days}}", who((1, "1")), who((3, "1")), (NOBODY, False)),
    "did_not": ("{did_not: {event: order, within_last: 2 days}}", who((3, "1")), who((1, "1")), (NOBODY, True)),
    "sequence": (
        "{sequence: {steps: [{event: order}, {event: order, gap: {at_most: 1 day}}]}}",
        who((3, "1"), (2, "1")), who((4, "1"), (2, "1")), (NOBODY, False),
    ),
    "in_segment": ("{in_segment: grown}", who(age=20), who(age=2), (NOBODY, False)),
}  # fmt: skip
MEASURE_CASES: dict[str, tuple[str, Person, Person, tuple[Person, bool]]] = {
    "times": ("{at_least: 2}", who((1, "1"), (2, "1")), who((1, "1")), (NOBODY, False)),
    "times: all": ("", who((1, "5")), who((1, "5"), (2, "1")), (NOBODY, False)),
    "sum": ("{of: amount, below: 5}", who((1, "1"), (2, "2")), who((1, "5")), (NOBODY, True)),
    "average": ("{of: amount, below: 5}", who((1, "1"), (2, "2"), (3, None)), who((1, "5")), (who((1, None)), False)),
    "min": ("{of: amount, below: 5}", who((1, "1"), (2, "9")), who((1, "5")), (who((1, None)), False)),
    "max": ("{of: amount, below: 5}", who((1, "1")), who((1, "1"), (2, "9")), (who((1, None)), False)),
    "distinct": ("{of: amount, below: 2}", who((1, "1"), (2, "1")), who((1, "1"), (2, "2")), (who((1, None)), True)),
    "first": ("{of: amount, below: 5}", who((2, "1"), (1, "9")), who((2, "9"), (1, "1")), (who((1, None)), False)),
    "latest": ("{of: amount, below: 5}", who((2, "9"), (1, "1")), who((2, "1"), (1, "9")), (who((1, None)), False)),
}  # fmt: skip


def test_no_word_and_no_measure_is_left_out():
    assert set(WORD_CASES) == {word for words in WORDS.values() for word in words}
    assert set(MEASURE_CASES) == {"times", "times: all", *MEASURE_KINDS}


@pytest.mark.parametrize("name", [*WORD_CASES, *MEASURE_CASES])
def test_it_holds_and_it_does_not_and_it_says_what_it_says_of_the_missing(name: str):
    # given
    text, holds, fails, (missing, expected) = WORD_CASES.get(name) or MEASURE_CASES[name]
    if name == "times: all":
        text = "{did: {event: order, where: {amount: 5}, times: all}}"
    elif name in MEASURE_CASES:
        text = f"{{did: {{event: order, {name}: {text}}}}}"
    rules = {"grown": parsed("{age: {at_least: 18}}"), "rule": parsed(text, "grown")}
    people = [holds, fails, missing]
    # when
    rows, events = tables(list(rules.values()), [one for one, _ in people], [mine for _, mine in people])
    found = members(Program.of(rules, "UTC"), rows, events, AS_OF)[1].tolist()
    # then, as plain Python has it too
    assert found == [True, False, expected]
    oracle = Oracle(AS_OF, "UTC", {"grown": rules["grown"]})
    assert [oracle.member(rules["rule"], *person) for person in people] == found
