"""The calendar days on which values fall: a date's own, and of a time the one in the project's time zone."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from profile_engine.rules.columns import Column, DateColumn, TimeColumn, Whole
from profile_engine.rules.moment import EPOCH, FIRST_DAY, FIRST_TIME, LAST_DAY, LAST_TIME, Moment, day_of

_QUARTER_HOUR = 900_000_000
_DAY = 86_400_000_000
_MICROSECOND = timedelta(microseconds=1)


def days_of(column: Column, moment: Moment) -> tuple[list[date], Whole]:
    """(the distinct days, the place of each value's day among them); 1970-01-01 stands in where a value is missing, and the
    calendar's first or last day for what lies beyond it."""
    assert isinstance(column, DateColumn | TimeColumn)
    values = np.where(column.present, column.values, 0)
    numbers = values if isinstance(column, DateColumn) else _local_days(values, moment.zone)
    distinct, place = np.unique(np.clip(numbers, FIRST_DAY, LAST_DAY), return_inverse=True)
    return [day_of(int(number)) for number in distinct], place.reshape(-1).astype(np.int64)


def _local_days(times: Whole, zone: ZoneInfo) -> Whole:
    """Days since 1970 on the zone's calendar. The zone is asked about quarters of an hour, of which even millions of events
    have few, and about single times only in a quarter in which it changes."""
    quarters, place = np.unique(times // _QUARTER_HOUR, return_inverse=True)
    place = place.reshape(-1)
    begins = quarters * _QUARTER_HOUR
    at_first = np.array([_offset(int(at), zone) for at in begins], dtype=np.int64)
    at_last = np.array([_offset(int(at) + _QUARTER_HOUR - 1, zone) for at in begins], dtype=np.int64)
    offsets = at_first[place] if len(times) else times
    for row in np.flatnonzero((at_first != at_last)[place]).tolist():
        offsets[row] = _offset(int(times[row]), zone)
    return np.asarray((times + offsets) // _DAY, dtype=np.int64)


def _offset(at: int, zone: ZoneInfo) -> int:
    """Microseconds by which the zone's clocks are ahead of UTC; at the calendar's ends, what they are a day further in, where
    the wall clock is still on the calendar."""
    at = min(max(at, FIRST_TIME + _DAY), LAST_TIME - _DAY)
    ahead = (EPOCH + timedelta(microseconds=at)).astimezone(zone).utcoffset()
    assert ahead is not None
    return ahead // _MICROSECOND
