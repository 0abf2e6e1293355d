"""An explanation's verdict is the evaluation's, and each test shows the value that it saw."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

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
