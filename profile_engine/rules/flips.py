"""When the answer of a test of time can change by time alone: early is allowed, late never.

A test of time compares a value with edges that move with as_of: as_of itself, as_of some length of time ago or ahead,
the ends of calendar periods. For every value the first instant after as_of is worked out at which such an edge reaches
it. Lengths of days and hours are exact; lengths of months and years, whose edge can step back at a month's end, are
looked up day by day and are early by a day at most, or tell a later day to look again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache, reduce

import numpy as np

from profile_engine.config.units import Span
from profile_engine.rules.columns import Column, DateColumn, TimeColumn, Whole
from profile_engine.rules.moment import EPOCH, LATEST, Moment, day_number, day_of
from profile_engine.rules.operators.operator import of_type
from profile_engine.rules.periods import Ago, Period, days_later
from profile_engine.rules.syntax import Check

FlipsOf = Callable[[Column, Check, Moment], Whole]
"""For each value the instant after as_of before which the test answers as it does at as_of; LATEST where it always will."""
DAYS_LOOKED_AHEAD = 40
_TWO_HOURS = 2 * 3600 * 10**6
"""No change of clocks moves an edge further within a day."""
_MICROSECOND = timedelta(microseconds=1)
_NO_SPAN = Span(0, "day")
_LAST_DAY = date.max.toordinal() - date(1970, 1, 1).toordinal() - 2


def last_flips(column: Column, check: Check, moment: Moment) -> Whole:
    """Of `within_last`: where the value itself comes, and where the edge behind as_of passes it."""
    return np.minimum(_passed(column, moment, _NO_SPAN, -1), _passed(column, moment, of_type(check.operand, Span), -1))


def edge_flips(direction: int) -> FlipsOf:
    """Of `longer_ago_than` and `further_ahead_than`: where the edge behind or ahead of as_of passes the value."""
    return lambda column, check, moment: _passed(column, moment, of_type(check.operand, Span), direction)


def next_flips(column: Column, check: Check, moment: Moment) -> Whole:
    """Of `within_next`: where the edge ahead of as_of reaches a value to come, and where that comes itself."""
    comes = _passed(column, moment, _NO_SPAN, -1)
    reached = np.minimum(comes, _passed(column, moment, of_type(check.operand, Span), 1))
    return np.where(comes == LATEST, LATEST, reached)


def during_flips(column: Column, check: Check, moment: Moment) -> Whole:
    """Of `during`: values in the period or after it, at the end of the calendar unit that holds as_of."""
    period = of_type(check.operand, Period)
    if period.first is not None:
        return _never(column)
    first, _ = period.days(moment.today)
    _, last = Period(period.unit).days(moment.today)
    begins = day_number(first) if isinstance(column, DateColumn) else moment.day_begins(first)
    return np.where(_values(column) >= begins, moment.day_ends(last) + 1, LATEST)


def window_flips(column: Column, check: Check, moment: Moment) -> Whole:
    """Of `window`: where an edge that is so long ago passes the value."""
    spans = [edge.operand.span for edge in of_type(check.operand, tuple) if isinstance(edge.operand, Ago)]
    return reduce(np.minimum, [_passed(column, moment, span, -1) for span in spans], _never(column))


def instants_of_days(days: Whole, moment: Moment) -> Whole:
    """When each day begins here; LATEST for days that the calendar no longer has and for LATEST itself."""
    distinct, place = np.unique(days, return_inverse=True)
    begins = [moment.day_begins(day_of(int(day))) if day <= _LAST_DAY else LATEST for day in distinct]
    return np.array(begins, dtype=np.int64)[place.reshape(-1)] if len(days) else days


def days_ahead(moment: Moment) -> tuple[Moment, ...]:
    """as_of, then the beginning of each of the coming days here."""
    coming = [days_later(moment.today, ahead) for ahead in range(1, DAYS_LOOKED_AHEAD + 2)]
    begins = [EPOCH + timedelta(microseconds=moment.day_begins(day)) for day in coming if day < date.max]
    return (moment, *(Moment(at, moment.time_zone) for at in begins))


def _never(column: Column) -> Whole:
    return np.full(len(column), LATEST, dtype=np.int64)


def _values(column: Column) -> Whole:
    assert isinstance(column, DateColumn | TimeColumn)
    return column.values


def _passed(column: Column, moment: Moment, span: Span, direction: int) -> Whole:
    """When `value <= edge` may change, the edge being as_of or its day moved by the span."""
    values, is_date = _values(column), isinstance(column, DateColumn)
    if span.is_calendar:
        return _calendar_passed(values, moment, span, direction, is_date=is_date)
    length = direction * (span.duration.days if is_date else span.duration // _MICROSECOND)
    edge = (day_number(moment.today) if is_date else moment.now) + length
    to_come = values > edge
    at = np.where(to_come, values, edge) - length
    if is_date:
        at[~to_come] = _LAST_DAY + 1
        return instants_of_days(at, moment)
    return np.where(to_come, at, LATEST)


def _calendar_passed(values: Whole, moment: Moment, span: Span, direction: int, *, is_date: bool) -> Whole:
    looks, least, most = _edges_ahead(moment, span, direction, is_date)
    edge = moment.shifted_day(span, direction) if is_date else moment.shifted(span, direction)
    # `least` never rises and `most` never falls: the first day on which the edge can be on the value's other side
    falls = len(least) - np.searchsorted(least[::-1], values, "left")
    rises = np.searchsorted(most, values, "left")
    return looks[np.where(values <= edge, falls, rises)]


@lru_cache(maxsize=64)
def _edges_ahead(moment: Moment, span: Span, direction: int, is_date: bool) -> tuple[Whole, Whole, Whole]:
    """The beginnings of the coming days (as_of in the place of today's), one more than days are looked at; and the least
    and the greatest edge from now to the end of each day."""
    starts = days_ahead(moment)
    if is_date:
        least = most = np.array([start.shifted_day(span, direction) for start in starts[:-1]], dtype=np.int64)
    else:
        ends = [Moment(start.as_of - _MICROSECOND, start.time_zone) for start in starts[1:]]
        bounds = [(a.shifted(span, direction), b.shifted(span, direction)) for a, b in zip(starts, ends, strict=False)]
        least = np.array([min(pair) for pair in bounds], dtype=np.int64) - _TWO_HOURS
        most = np.array([max(pair) for pair in bounds], dtype=np.int64) + _TWO_HOURS
    looks = np.array([start.now for start in starts], dtype=np.int64)
    looks[0] += 1
    return looks, np.minimum.accumulate(least), np.maximum.accumulate(most)
