"""Nothing changes by time alone before the instant that is told: never late, for random rules and people; and not much too
early, for the tests that people write most."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profile_engine.rules.evaluate import evaluated
from profile_engine.rules.moment import LATEST, instant
from profile_engine.rules.program import Program
from tests.support.event_strategies import conditions, event_conditions, item_events, sequences
from tests.support.oracle_calendar import month_moved
from tests.support.rule_people import parsed, tables
from tests.support.rule_strategies import (
    AS_OF,
    ZONES,
    date_tests,
    events,
    one,
    profiles,
    time_tests,
    yaml_text,
)
from tests.support.rules_oracle import Oracle

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
FIXED = [timedelta(days=days) for days in (0, 1, 2, 7, 14, 30, 90, 365)] + [timedelta(minutes=m) for m in (30, 60, 90)]
MONTHS = (1, 2, 3, 12, 13)
moving = st.one_of(
    event_conditions(), event_conditions(), sequences(), item_events(), one("born", date_tests), one("seen_at", time_tests),
    conditions,
)  # fmt: skip


def critical_instants(person: dict[str, Any], mine: list[Any], as_of: datetime, zone: str) -> set[datetime]:
    """Where a test of time can tip: each time of the person moved by each length that the rules use, and midnights."""
    here = ZoneInfo(zone)
    times = {event[name] for event in mine for name in ("occurred_at", "shipped_at") if event.get(name)}
    times |= {datetime.combine(event["due"], time.min, here) for event in mine if event.get("due")}
    times |= {person["seen_at"] or as_of, datetime.combine(person["born"] or as_of.date(), time.min, here)}
    times = {at for at in times if 1 < at.year < 9999}  # the calendar's ends are further away than any length
    found = {at + sign * length for at in times for length in FIXED for sign in (1, -1)}
    for at in times:
        local = at.astimezone(here)
        for months in MONTHS:
            for sign in (1, -1):
                found.add(datetime.combine(month_moved(local.date(), sign * months), local.timetz()).astimezone(UTC))
    for ahead in range(60):
        found.add(
            datetime.combine(as_of.astimezone(here).date() + timedelta(days=ahead), time.min, here).astimezone(UTC)
        )
    beside = [timedelta(0), timedelta(microseconds=1), timedelta(microseconds=-1)]
    return {at + micro for at in found for micro in beside if at + micro > as_of}


def next_change_of(rules: dict[str, Any], people: list[Any], as_of: datetime, zone: str) -> list[int]:
    rows, happened = tables(list(rules.values()), [one for one, _ in people], [mine for _, mine in people])
    found = evaluated(Program.of(rules, zone), rows, happened, as_of, looking_ahead=True).next_change
    assert found is not None
    return found.tolist()


@settings(max_examples=400, deadline=None, suppress_health_check=QUIET)
@given(
    rules=st.lists(moving, min_size=2, max_size=4),
    person=profiles,
    mine=st.lists(events, min_size=3, max_size=6),
    zone=st.sampled_from(ZONES),
    as_of=st.sampled_from([AS_OF, AS_OF - timedelta(days=2, hours=3), AS_OF - timedelta(days=31), AS_OF - timedelta(days=157)]),
)  # fmt: skip
def test_nothing_changes_before_the_next_change(rules, person, mine, zone, as_of):
    # given
    read = {f"s{number}": parsed(yaml_text(rule), time_zone=zone) for number, rule in enumerate(rules)}
    oracle = Oracle(as_of, zone)
    answers = [oracle.member(rule, person, mine) for rule in read.values()]
    # when
    (next_change,) = next_change_of(read, [(person, mine)], as_of, zone)
    # then
    assert next_change > instant(as_of)
    for when in critical_instants(person, mine, as_of, zone):
        if instant(when) < next_change:
            then = Oracle(when, zone)
            now = [then.member(rule, person, mine) for rule in read.values()]
            assert now == answers, (when, [yaml_text(rule) for rule in rules])


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
    ("sequence: {steps: [{event: order, as: o}, {event: order, where: {labels: {includes: {step: o, field: category}}}}], within_last: 30 days}",
     [order(20, category="a"), order(3, labels=["b", "a"])], 10),
    ("sequence: {steps: [{event: order, as: o}, {event: order, where: {labels: {includes: {step: o, field: category}}}}], within_last: 30 days}",
     [order(20, category="c"), order(3, labels=["b", "a"])], None),
])  # fmt: skip
def test_the_next_change_is_not_told_too_early(rule: str, events: list[Any], days: float | None):
    zone = "Europe/Amsterdam" if days == 20.5 else "UTC"
    person = {"seen_at": NOON - timedelta(days=1), "born": None}
    (found,) = next_change_of({"rule": parsed(rule, time_zone=zone)}, [(person, events)], NOON, zone)
    if days == 20.5:  # the first of July begins at 22:00 UTC
        days = 20 + 10 / 24
    assert found == (LATEST if days is None else instant(NOON + timedelta(days=days)))


def test_an_event_can_come_back_into_a_window_of_months():
    """On 28 March at 10:00 one month back is 28 February at 10:00; on 29 March it is 28 February again, at midnight."""
    happened = datetime(2026, 2, 28, 6, 30, tzinfo=UTC)
    as_of = datetime(2026, 3, 28, 10, tzinfo=UTC)
    rule = {"rule": parsed("did: {event: order, within_last: 1 month}")}
    person = ({}, [{"event_type": "order", "occurred_at": happened}])
    oracle = Oracle(as_of, "UTC")
    assert not oracle.member(rule["rule"], *person)
    assert Oracle(datetime(2026, 3, 29, tzinfo=UTC), "UTC").member(rule["rule"], *person)
    assert next_change_of(rule, [person], as_of, "UTC") == [instant(datetime(2026, 3, 29, tzinfo=UTC))]
