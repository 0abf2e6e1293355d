"""Nothing changes by time alone before the instant that is told: never late, for random rules and people; and not much too
early, for the tests that people write most."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profile_engine.rules.evaluate import evaluated
from profile_engine.rules.moment import EPOCH, LATEST, instant
from profile_engine.rules.program import Program
from tests.support.event_strategies import conditions
from tests.support.rule_people import parsed, tables
from tests.support.rule_strategies import AS_OF, ZONES, events, profiles, yaml_text
from tests.support.rules_oracle import Oracle

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
FURTHEST = instant(datetime(2060, 1, 1, tzinfo=UTC))
LATER = st.one_of(
    st.sampled_from([1, 10**6, 3600 * 10**6]),
    st.integers(1, 60).map(lambda days: days * 86400 * 10**6),
    st.integers(1, 60 * 86400).map(lambda seconds: seconds * 10**6 - 1),
    st.integers(60, 1200).map(lambda days: days * 86400 * 10**6),
)


def next_change_of(rules: dict[str, Any], people: list[Any], as_of: datetime, zone: str) -> list[int]:
    rows, happened = tables(list(rules.values()), [one for one, _ in people], [mine for _, mine in people])
    found = evaluated(Program.of(rules, zone), rows, happened, as_of, looking_ahead=True).next_change
    assert found is not None
    return found.tolist()


@settings(max_examples=300, deadline=None, suppress_health_check=QUIET)
@given(
    rules=st.lists(conditions, min_size=1, max_size=4),
    people=st.lists(st.tuples(profiles, st.lists(events, max_size=6)), min_size=1, max_size=4),
    zone=st.sampled_from(ZONES),
    as_of=st.sampled_from([AS_OF, AS_OF - timedelta(days=2, hours=3), AS_OF - timedelta(days=31), AS_OF - timedelta(days=157)]),
    later=st.lists(LATER, min_size=1, max_size=4),
)  # fmt: skip
def test_nothing_changes_before_the_next_change(rules, people, zone, as_of, later):
    # given
    read = {f"s{number}": parsed(yaml_text(rule), time_zone=zone) for number, rule in enumerate(rules)}
    oracle = Oracle(as_of, zone)
    # when
    found = next_change_of(read, people, as_of, zone)
    # then
    for (person, mine), next_change in zip(people, found, strict=True):
        assert next_change > instant(as_of)
        last = min(next_change, FURTHEST) - 1
        answers = [oracle.member(rule, person, mine) for rule in read.values()]
        for at in {last, *(min(instant(as_of) + micro, last) for micro in later)}:
            when = EPOCH + timedelta(microseconds=at)
            then = Oracle(when, zone)
            assert [then.member(rule, person, mine) for rule in read.values()] == answers, (
                when, [yaml_text(rule) for rule in rules])  # fmt: skip


def order(days: float, **fields: Any) -> dict[str, Any]:
    return {"event_type": "order", "occurred_at": NOON - timedelta(days=days), **fields}


@pytest.mark.parametrize(("rule", "events", "days"), [
    ("did: {event: order, within_last: 30 days}", [order(3), order(20)], 27),  # the newest keeps it true
    ("did: {event: order, within_last: 30 days, times: {at_least: 2}}", [order(3), order(20)], 10),
    ("did: {event: order, within_last: 30 days, times: {at_least: 3}}", [order(3), order(20)], None),  # can't come by itself
    ("did: {event: order, within_last: 30 days, times: {equals: 1}}", [order(3), order(20)], 10),
    ("did: {event: order, times: {at_least: 1}}", [order(3)], None),  # no window, no change
    ("did: {event: order, within_last: 30 days, sum: {of: pieces, at_least: 5}}", [order(3, pieces=5), order(20, pieces=9)], 27),
    ("did: {event: order, within_last: 30 days, sum: {of: pieces, at_least: 6}}", [order(3, pieces=5), order(20, pieces=9)], 10),
    ("did: {event: order, within_last: 30 days, average: {of: pieces, below: 6}}", [order(3, pieces=5), order(20, pieces=9)], 10),
    ("did: {event: order, within_last: 30 days, distinct: {of: category, at_least: 1}}", [order(3, category="a"), order(20, category="a")], 27),
    ("did: {event: order, within_last: 30 days, max: {of: pieces, above: 1}}", [order(3, pieces=2), order(20, pieces=2)], 27),
    ("did: {event: order, within_last: 30 days, latest: {of: category, equals: a}}", [order(3, category="a"), order(20)], 27),
    ("did: {event: order}", [order(-2)], 2),  # an event of the future comes due
    ("did: {event: order, window: {to: 30 days ago}}", [order(20)], 10),
    ("did: {event: order, during: last month}", [order(20)], 20.5),
    ("seen_at: {longer_ago_than: 7 days}", [], 6),
    ("born: {within_last: 7 days}", [], None),
    ("sequence: {steps: [{event: order}, {without: refund, gap: {at_most: 5 days}}]}", [order(3), order(40)], 2),
    ("sequence: {steps: [{event: visit}, {event: order}], within_last: 30 days}", [order(3)], None),
])  # fmt: skip
def test_the_next_change_is_not_told_too_early(rule: str, events: list[Any], days: float | None):
    zone = "Europe/Amsterdam" if days == 20.5 else "UTC"
    person = {"seen_at": NOON - timedelta(days=1), "born": None}
    (found,) = next_change_of({"rule": parsed(rule, time_zone=zone)}, [(person, events)], NOON, zone)
    if days == 20.5:  # the first of July begins at 22:00 UTC
        days = 20 + 10 / 24
    assert found == (LATEST if days is None else instant(NOON + timedelta(days=days)))
