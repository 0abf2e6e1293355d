"""An explanation's verdict is the evaluation's, and each test shows the value that it saw."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profile_engine.rules.evaluate import members
from profile_engine.rules.explain import Explained, explained
from profile_engine.rules.program import Program
from tests.support.event_strategies import conditions
from tests.support.rule_people import at, parsed, tables
from tests.support.rule_strategies import AS_OF, events, profiles, yaml_text

NOW = at("2026-05-31T12:00:00Z")


def as_timeline(event: dict[str, Any]) -> dict[str, Any]:
    fields = {path: value for path, value in event.items() if path not in ("event_type", "occurred_at")}
    return {"event_type": event["event_type"], "occurred_at": event["occurred_at"], "fields": fields}


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(rule=conditions, person=profiles, happened=st.lists(events, max_size=4))
def test_the_verdict_is_that_of_the_evaluation(rule: Any, person: Any, happened: list[Any]):
    condition = parsed(yaml_text(rule))
    found = members(Program.of({"s": condition}, "UTC"), *tables([condition], [person], [happened]), AS_OF)
    told = explained(condition, person, [as_timeline(event) for event in happened], (), AS_OF, "UTC")
    assert told.verdict == bool(found[0, 0])


def test_each_test_shows_the_value_seen():
    condition = parsed(
        """
        all:
          - address.country: [NL, BE]
          - any: [{age: {above: 5}}, {in_segment: vip}]
          - not: {did: {event: order, within_last: 30 days, sum: {of: amount, at_least: 50}}}
        """,
        "vip",
    )
    orders = [
        {"event_type": "order", "occurred_at": at("2026-05-20T00:00:00Z"), "fields": {"amount": Decimal("19.99")}},
        {"event_type": "order", "occurred_at": at("2026-01-01T00:00:00Z"), "fields": {"amount": Decimal("99.00")}},
    ]
    told = explained(condition, {"address": {"country": "NL"}}, orders, {"vip"}, NOW, "UTC", {"vip": "VIP"})
    lines: list[tuple[bool, str, object]] = []

    def walk(one: Explained) -> None:
        lines.append((one.verdict, one.words, one.seen))
        for part in one.parts:
            walk(part)

    walk(told)
    assert lines == [
        (True, "all of", None),
        (True, "whose country is NL or BE", "NL"),
        (True, "any of", None),
        (False, "whose age is above 5", None),
        (True, "who are in VIP", None),
        (True, "not", None),
        (False, "whose sum of amount over every order in the last 30 days is at least 50", Decimal("19.99")),
    ]


def test_a_test_shows_its_threshold_and_how_far_the_value_is_from_it():
    rule = parsed(
        "{all: [{age: {at_least: 18}}, {seen_at: {within_last: 1 day}}, {compute: 'age * 2', above: 30}, {name: a}]}"
    )
    person = {"age": 15, "seen_at": at("2026-05-31T10:00:00Z")}
    told = explained(rule, person, [], (), NOW, "UTC")
    assert [(part.threshold, part.distance) for part in told.parts] == [
        ("18", "3 to the threshold"), ("1 day", "2:00:00.000001 to the edge"), ("30", "0 to the threshold"), ("a", None)
    ]  # fmt: skip
    assert told.parts[2].seen == 30


@pytest.mark.parametrize(
    ("rule", "threshold", "distance"),
    [
        ("{cards: {any_item: {kind: x, points: {above: 3}}}}", None, None),
        ("{cards: {any_item: {not: {kind: x}}}}", None, None),
        ("{tags: {any_item: {any: [{item: a}, {item: b}]}}}", None, None),
        ("{age: {above: {field: score}}}", "5.5", "2.5 to the threshold"),
        ("{name: {differs_from: {field: address.city}}}", "Porto", None),
        ("{name: {one_of: {field: tags}}}", "[a, b, c]", None),
        ("{age: {above: {field: balance}}}", None, None),
        ("{seen_at: {before: {field: joined_at}}}", "2026-05-02T00:00:00Z", "1 day, 0:00:00 to the edge"),
        ("{tags: {size: {at_least: 5}}}", "5", "2 to the threshold"),
        ("{tags: {size: {at_least: 5, below: 9}}}", "5, 9", "2 to the threshold"),
        ("{name: {length: {between: [6, 9]}}}", "[6, 9]", "1 to the threshold"),
        ("{seen_at: {year: 2025}}", "2025", None),
        ("{seen_at: {anniversary: {within_next: 7 days}}}", "7 days", None),
    ],
)
def test_a_threshold_is_what_the_value_was_compared_with(rule: str, threshold: str | None, distance: str | None):
    # given a person with a value on each side, balance aside
    person = {
        "age": 3, "score": 5.5, "name": "Anton", "address": {"city": "Porto"}, "tags": ["a", "b", "c"],
        "cards": [{"kind": "x", "points": 1}], "seen_at": at("2026-05-01T00:00:00Z"), "joined_at": at("2026-05-02T00:00:00Z"),
    }  # fmt: skip
    # when
    told = explained(parsed(rule), person, [], (), NOW, "UTC")
    # then
    assert (told.threshold, told.distance) == (threshold, distance)
