"""Windows and calendar words at their edges: to the microsecond, across changed clocks, month ends and leap days."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from profile_engine.rules.evaluate import members
from profile_engine.rules.program import Program
from tests.support.rule_people import at, parsed, tables

AMSTERDAM = "Europe/Amsterdam"


def ordered(window: str, as_of: str, zone: str, moments: list[str]) -> list[bool]:
    """Whether one person a moment did order in the window."""
    rule = parsed(f"{{did: {{event: order, {window}}}}}", time_zone=zone)
    events = [[{"event_type": "order", "occurred_at": at(moment)}] for moment in moments]
    return members(Program.of({"s": rule}, zone), *tables([rule], [{}] * len(moments), events), at(as_of))[0].tolist()


def passes(field: str, test: str, as_of: str, zone: str, values: list[date | datetime | None]) -> list[bool]:
    rule = parsed(f"{{{field}: {test}}}", time_zone=zone)
    people = [{field: value} for value in values]
    return members(Program.of({"s": rule}, zone), *tables([rule], people, [[]] * len(people)), at(as_of))[0].tolist()


@pytest.mark.parametrize(
    ("window", "as_of", "zone", "inside", "outside"),
    [
        # exact to the microsecond, as_of itself inside, never past it
        ("within_last: 1 day", "2026-05-31T12:00:00Z", "UTC",
         ["2026-05-30T12:00:00.000001Z", "2026-05-31T12:00:00Z"], ["2026-05-30T12:00:00Z", "2026-05-31T12:00:00.000001Z"]),
        # a day of the calendar whose clocks changed has 23 hours, `1 day` has 24
        ("within_last: 1 day", "2026-03-29T12:00:00+02:00", AMSTERDAM, ["2026-03-28T11:00:00.000001+01:00"], ["2026-03-28T11:00:00+01:00"]),
        ("during: today", "2026-03-29T12:00:00+02:00", AMSTERDAM, ["2026-03-29T00:00:00+01:00"], ["2026-03-28T23:59:59.999999+01:00"]),
        ("during: yesterday", "2026-10-26T12:00:00+01:00", AMSTERDAM,
         ["2026-10-25T00:00:00+02:00", "2026-10-25T23:59:59.999999+01:00"], ["2026-10-26T00:00:00+01:00", "2026-10-24T23:59:59+02:00"]),
        # just after midnight in Amsterdam it is the day before in UTC
        ("during: this month", "2026-05-31T22:30:00Z", AMSTERDAM, ["2026-05-31T22:00:00Z"], ["2026-05-31T21:59:59.999999Z"]),
        ("during: last month", "2026-05-31T22:30:00Z", AMSTERDAM, ["2026-04-30T22:00:00Z", "2026-05-31T21:59:59.999999Z"], ["2026-05-31T22:00:00Z"]),
        # months go back on the calendar, clipped to the month's end, at the same time on the wall clock
        ("within_last: 1 month", "2026-03-31T12:00:00Z", "UTC", ["2026-02-28T12:00:00.000001Z"], ["2026-02-28T12:00:00Z"]),
        ("within_last: 1 month", "2028-03-31T12:00:00Z", "UTC", ["2028-02-29T12:00:00.000001Z"], ["2028-02-29T12:00:00Z"]),
        ("within_last: 1 year", "2028-02-29T12:00:00Z", "UTC", ["2027-02-28T12:00:00.000001Z"], ["2027-02-28T12:00:00Z"]),
        ("within_last: 1 month", "2026-04-15T12:00:00+02:00", AMSTERDAM, ["2026-03-15T12:00:00.000001+01:00"], ["2026-03-15T12:00:00+01:00"]),
        # a midnight that the clocks skip: the day begins when it does
        ("during: 2018-11-04", "2026-01-01T00:00:00Z", "America/Sao_Paulo", ["2018-11-04T03:00:00Z"], ["2018-11-04T02:59:59.999999Z", "2018-11-05T02:00:00Z"]),
        # weeks start on Monday; half-open; never past as_of
        ("during: this week", "2026-06-03T12:00:00Z", "UTC", ["2026-06-01T00:00:00Z", "2026-06-03T12:00:00Z"], ["2026-05-31T23:59:59.999999Z", "2026-06-03T12:00:01Z"]),
        ("during: last quarter", "2026-06-03T12:00:00Z", "UTC", ["2026-01-01T00:00:00Z", "2026-03-31T23:59:59Z"], ["2026-04-01T00:00:00Z"]),
        ("during: next month", "2026-06-03T12:00:00Z", "UTC", [], ["2026-07-01T00:00:00Z"]),
        # dates of a between are whole days here; times are themselves
        ("between: [2026-01-01, 2026-03-31]", "2026-06-01T00:00:00Z", AMSTERDAM,
         ["2025-12-31T23:00:00Z", "2026-03-31T21:59:59.999999Z"], ["2025-12-31T22:59:59.999999Z", "2026-03-31T22:00:00Z"]),
        ("between: [2026-01-01T10:00, 2026-01-01T11:00]", "2026-06-01T00:00:00Z", AMSTERDAM, ["2026-01-01T09:00:00Z", "2026-01-01T10:00:00Z"], ["2026-01-01T10:00:00.000001Z"]),
        # what 90 days hold and 30 days do not
        ("window: {from: 90 days ago, to: 30 days ago}", "2026-05-31T12:00:00Z", "UTC",
         ["2026-05-01T12:00:00Z", "2026-03-02T12:00:00.000001Z"], ["2026-05-01T12:00:00.000001Z", "2026-03-02T12:00:00Z"]),
        ("after: 2026-05-01, before: 2026-05-03", "2026-05-31T12:00:00Z", "UTC", ["2026-05-02T00:00:00Z"], ["2026-05-01T23:59:59Z", "2026-05-03T00:00:00Z"]),
        ("longer_ago_than: 1 day", "2026-05-31T12:00:00Z", "UTC", ["2026-05-30T12:00:00Z"], ["2026-05-30T12:00:00.000001Z"]),
        # the longest length there is; before the first day of the calendar there is nothing
        ("within_last: 1000 years", "2026-05-31T12:00:00Z", AMSTERDAM, ["1027-01-01T00:00:00Z"], ["1026-01-01T00:00:00Z"]),
        ("within_last: 1000 years", "0999-05-31T12:00:00Z", AMSTERDAM, ["0001-01-01T00:00:00.000001Z"], ["0999-06-01T00:00:00Z"]),
        ("within_last: 366000 days", "0999-05-31T12:00:00Z", "UTC", ["0001-01-01T00:00:00.000001Z"], []),
    ],
)  # fmt: skip
def test_windows_of_events(window: str, as_of: str, zone: str, inside: list[str], outside: list[str]):
    assert ordered(window, as_of, zone, inside + outside) == [True] * len(inside) + [False] * len(outside)


def test_a_future_event_counts_when_its_time_comes():
    future = ["2026-06-02T00:00:00Z"]
    assert ordered("within_last: 30 days", "2026-06-01T00:00:00Z", "UTC", future) == [False]
    assert ordered("within_last: 30 days", "2026-06-02T00:00:00Z", "UTC", future) == [True]


def test_a_date_is_compared_with_the_day_here():
    # at 22:30 in UTC it is the first of June in Amsterdam
    as_of = "2026-05-31T22:30:00Z"
    days: list[date | datetime | None] = [date(2026, 5, 31), date(2026, 6, 1), date(2026, 6, 2), None]
    assert passes("born", "{during: today}", as_of, AMSTERDAM, days) == [False, True, False, False]
    assert passes("born", "{during: today}", as_of, "UTC", days) == [True, False, False, False]
    assert passes("born", "{within_last: 1 day}", as_of, AMSTERDAM, days) == [False, True, False, False]
    assert passes("born", "{within_next: 1 day}", as_of, AMSTERDAM, days) == [False, False, True, False]


@pytest.mark.parametrize(
    ("test", "today", "birthdays"),
    [
        ("02-28", "2027-06-01", [True, True, False]),
        ("02-28", "2028-06-01", [True, False, False]),
        # a day that a rule names falls where a birthday on it falls
        ("02-29", "2027-06-01", [True, True, False]),
        ("02-29", "2028-06-01", [False, True, False]),
        ("{between: [02-29, 03-05]}", "2027-06-01", [True, True, False]),
        ("{between: [02-29, 03-05]}", "2028-06-01", [False, True, False]),
        ("{between: [02-29, 02-28]}", "2027-06-01", [True, True, True]),
        ("{between: [02-28, 02-29]}", "2027-06-01", [True, True, False]),
        ("{within_next: 7 days}", "2027-12-30", [False, False, True]),
        ("{within_last: 7 days}", "2028-01-09", [False, False, True]),
        ("{between: [12-24, 01-06]}", "2026-06-01", [False, False, True]),
        ("{during: 2027-02-28}", "2026-06-01", [True, True, False]),
        ("{during: 2028-02-29}", "2026-06-01", [False, True, False]),
        ("{within_next: 1 year}", "2026-06-01", [True, True, True]),
        ("{within_next: 1 month}", "2027-01-31", [True, True, False]),
    ],
)
def test_anniversaries_ignore_the_year_and_wrap_it(test: str, today: str, birthdays: list[bool]):
    born: list[date | datetime | None] = [date(1990, 2, 28), date(1992, 2, 29), date(1991, 1, 3)]
    assert passes("born", f"{{anniversary: {test}}}", f"{today}T12:00:00Z", "UTC", born) == birthdays


ENDS = [at("0001-01-01T00:00:00Z"), at("2026-05-31T12:00:00Z"), at("9999-12-31T23:59:59.999999Z")]
"""In Amsterdam the last is in the year 10000, west of UTC the first is in the year 0."""


@pytest.mark.parametrize("zone", ["UTC", AMSTERDAM, "America/Sao_Paulo", "Asia/Kolkata"])
@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("{year: 2026}", [False, True, False]), ("{year: 1}", [True, False, False]), ("{year: 9999}", [False, False, True]),
        ("{month: 5}", [False, True, False]), ("{day_of_month: 31}", [False, True, True]), ("{anniversary: 12-31}", [False, False, True]),
        ("{anniversary: {during: this month}}", [False, True, False]),
        ("{during: 0001}", [True, False, False]), ("{during: 0001-01-01}", [True, False, False]),
        ("{during: 9999}", [False, False, True]), ("{during: 9999-12}", [False, False, True]), ("{during: 9999-12-31}", [False, False, True]),
        ("{between: [0001-01-01, 2026-12-31]}", [True, True, False]), ("{between: [2026-01-01, 9999-12-31]}", [False, True, True]),
        ("{before: 0001-01-01}", [False, False, False]), ("{after: 9999-12-31}", [False, False, False]),
        ("{after: 0001-01-01}", [False, True, True]), ("{before: 9999-12-31}", [True, True, False]),
        ("{within_last: 1000 years}", [False, True, False]), ("{further_ahead_than: 1000 years}", [False, False, True]),
    ],
)  # fmt: skip
def test_the_ends_of_the_calendar_are_days_of_it_in_every_zone(test: str, expected: list[bool], zone: str):
    as_of = "2026-05-31T12:00:00Z"
    assert passes("seen_at", test, as_of, zone, list(ENDS)) == expected
    days: list[date | datetime | None] = [date.min, date(2026, 5, 31), date.max]
    assert passes("born", test, as_of, zone, days) == expected


def test_an_event_at_the_end_of_the_calendar_stops_no_rule():
    rule = "where: {occurred_at: {month: 5}}"
    assert ordered(rule, "2026-06-01T00:00:00Z", AMSTERDAM, [at.isoformat() for at in ENDS]) == [False, True, False]


def test_every_time_is_on_one_side_of_a_length():
    times = [at(f"2026-05-{day:02}T12:00:00Z") for day in range(1, 31)]
    tests = ["longer_ago_than", "within_last", "within_next", "further_ahead_than"]
    found = [passes("seen_at", f"{{{name}: 5 days}}", "2026-05-15T12:00:00Z", "UTC", list(times)) for name in tests]
    assert [sum(answers) for answers in zip(*found, strict=True)] == [1] * len(times)
