"""Where tests of time pass: for each, the stretch of instants or of days, exact to the microsecond.

A date against a time means the whole day in the project's time zone. For a length N, every time is in exactly one of
`longer_ago_than N` (time <= as_of - N), `within_last N` (as_of - N < time <= as_of), `within_next N`
(as_of < time <= as_of + N) and `further_ahead_than N` (time > as_of + N).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from profile_engine.config.units import Span
from profile_engine.rules.columns import Column, DateColumn, Mask, TimeColumn
from profile_engine.rules.field_types import Kind
from profile_engine.rules.moment import EARLIEST, LATEST, Moment, Stretch, day_number, instant
from profile_engine.rules.operators.operator import Testing, of_type
from profile_engine.rules.periods import Ago, Period
from profile_engine.rules.syntax import Check

StretchOf = Callable[[Check, Moment, Kind], Stretch]


def within_stretch(column: Column, stretch_of: StretchOf, testing: Testing) -> Mask:
    """The test of a date or time column by its stretch."""
    if isinstance(column, DateColumn):
        return column.within(stretch_of(testing.check, testing.moment, "date"))
    return of_type(column, TimeColumn).within(stretch_of(testing.check, testing.moment, "time"))


def begins(edge: object, moment: Moment, kind: Kind) -> int:
    """The first instant or day of a literal."""
    if kind == "date":
        return day_number(of_type(edge, date))
    return instant(edge) if isinstance(edge, datetime) else moment.day_begins(of_type(edge, date))


def ends(edge: object, moment: Moment, kind: Kind) -> int:
    """The last instant or day of a literal; a date ends just before the next day begins."""
    if kind == "date" or isinstance(edge, datetime):
        return begins(edge, moment, kind)
    return moment.day_ends(of_type(edge, date))


def before_stretch(check: Check, moment: Moment, kind: Kind) -> Stretch:
    return EARLIEST, begins(check.operand, moment, kind) - 1


def after_stretch(check: Check, moment: Moment, kind: Kind) -> Stretch:
    return ends(check.operand, moment, kind) + 1, LATEST


def between_stretch(check: Check, moment: Moment, kind: Kind) -> Stretch:
    low, high = of_type(check.operand, tuple)
    return begins(low, moment, kind), ends(high, moment, kind)


def now(moment: Moment, kind: Kind) -> int:
    return day_number(moment.today) if kind == "date" else moment.now


def shifted(check: Check, moment: Moment, kind: Kind, direction: int) -> int:
    """as_of, or its day, moved by the operand's length of time."""
    span = of_type(check.operand, Span)
    return moment.shifted_day(span, direction) if kind == "date" else moment.shifted(span, direction)


def within_last_stretch(check: Check, moment: Moment, kind: Kind) -> Stretch:
    return shifted(check, moment, kind, -1) + 1, now(moment, kind)


def longer_ago_stretch(check: Check, moment: Moment, kind: Kind) -> Stretch:
    return EARLIEST, shifted(check, moment, kind, -1)


def within_next_stretch(check: Check, moment: Moment, kind: Kind) -> Stretch:
    return now(moment, kind) + 1, shifted(check, moment, kind, 1)


def further_ahead_stretch(check: Check, moment: Moment, kind: Kind) -> Stretch:
    return shifted(check, moment, kind, 1) + 1, LATEST


def during_stretch(check: Check, moment: Moment, kind: Kind) -> Stretch:
    first, last = of_type(check.operand, Period).days(moment.today)
    if kind == "date":
        return day_number(first), day_number(last)
    return moment.day_begins(first), moment.day_ends(last)


def window_stretch(check: Check, moment: Moment, kind: Kind) -> Stretch:
    """`from` and `to` as inner checks: a date or time belongs to the window; N ago is outside as `from`, inside as `to`."""
    first, last = EARLIEST, LATEST
    for edge in of_type(check.operand, tuple):
        value = edge.operand
        ago = moment.shifted(value.span, -1) if isinstance(value, Ago) else None
        if edge.operator == "from":
            first = ago + 1 if ago is not None else begins(value, moment, kind)
        else:
            last = ago if ago is not None else ends(value, moment, kind)
    return first, last
