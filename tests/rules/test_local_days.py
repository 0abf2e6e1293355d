"""The day of a time in a zone, for many times at once, as Python's own calendar has it for each."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profile_engine.rules.columns import DateColumn, TimeColumn
from profile_engine.rules.local_days import days_of
from profile_engine.rules.moment import FIRST_TIME, LAST_TIME, Moment, day_number, instant

ZONES = ["UTC", "Europe/Amsterdam", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns", "Africa/Monrovia"]
# a change of clocks, one off a quarter of an hour (Amsterdam 1937, Monrovia 1972), midnights, far years
NEAR = [
    datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC), datetime(1937, 6, 30, 23, 40, 28, tzinfo=UTC),
    datetime(1972, 1, 7, 0, 44, 30, tzinfo=UTC), datetime(2026, 4, 4, 15, tzinfo=UTC), datetime(1900, 1, 1, tzinfo=UTC), datetime(2400, 2, 29, tzinfo=UTC),
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    near=st.lists(st.tuples(st.sampled_from(NEAR), st.integers(-(10**11), 10**11)), max_size=20),
    zone=st.sampled_from(ZONES),
)
def test_days_of_times_are_those_of_the_calendar(near: list[tuple[datetime, int]], zone: str):
    times = [at + timedelta(microseconds=micro) for at, micro in near]
    moment = Moment(datetime(2026, 5, 31, tzinfo=UTC), zone)
    column = TimeColumn(np.ones(len(times), np.bool_), np.array([instant(at) for at in times], dtype=np.int64))
    days, place = days_of(column, moment)
    assert [days[at] for at in place.tolist()] == [at.astimezone(moment.zone).date() for at in times]


@pytest.mark.parametrize("zone", ZONES)
def test_days_beyond_the_calendar_are_its_ends(zone: str):
    # the first and the last microsecond of the calendar, and one of the year 12000, which Arrow can hold
    times = [FIRST_TIME, LAST_TIME, LAST_TIME + 2_000 * 366 * 86_400_000_000]
    column = TimeColumn(np.ones(len(times), np.bool_), np.array(times, dtype=np.int64))
    days, place = days_of(column, Moment(datetime(2026, 5, 31, tzinfo=UTC), zone))
    assert [days[at] for at in place.tolist()] == [date.min, date.max, date.max]


def test_dates_stay_and_missing_ones_are_the_first_day():
    column = DateColumn(np.array([True, False]), np.array([day_number(date(1992, 2, 29)), 77]))
    days, place = days_of(column, Moment(datetime(2026, 5, 31, tzinfo=UTC), "Asia/Kathmandu"))
    assert [days[at] for at in place.tolist()] == [date(1992, 2, 29), date(1970, 1, 1)]
