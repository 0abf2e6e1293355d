"""Whether tests of time and windows of events leave any time at all, whatever the day that they are asked on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from profile_engine.rules.field_types import Kind
from profile_engine.rules.moment import EARLIEST, LATEST, Moment
from profile_engine.rules.operators.operator import items_of
from profile_engine.rules.operators.registry import operators
from profile_engine.rules.periods import Ago, Period
from profile_engine.rules.syntax import Check, Field, Sequence, Step

_MOVING = frozenset({"within_last", "longer_ago_than", "within_next", "further_ahead_than"})
"""Tests whose stretch moves with as_of; those of calendar words and of `N ago` do too."""
_FIRST_DAY, _LAST_DAY = date(2027, 1, 1), date(2029, 12, 31)
"""A leap year and one on each side: every length that months, quarters and years have."""
_LAST_OF_DAY = time(23, 59, 59, 999999)


def can_pass(checks: Iterable[Check], kind: Kind, time_zone: str) -> bool:
    """Whether some value passes all these tests of time on some day; other tests are not looked at.

    What stays and what moves with as_of are looked at apart, as as_of may be any: between them there is always a day.
    """
    return _can_pass(checks, kind, time_zone, past=False)


def can_hold_events(window: Iterable[Check], time_zone: str) -> bool:
    """Whether a window, which never reaches past as_of, holds some instant on some day."""
    return _can_pass(window, "time", time_zone, past=True)


def can_happen(sequence: Sequence, time_zone: str) -> bool:
    """Whether the least that the gaps take fits into the window, and the time after a last `without` before as_of."""
    steps = sequence.steps
    lasting = sum(max(step.gap.at_least, 1) for step in steps[1:] if isinstance(step, Step))
    waiting = 0 if isinstance(steps[-1], Step) else steps[-1].gap.at_most or 0
    return _can_pass(sequence.window, "time", time_zone, past=True, lasting=lasting, waiting=waiting)


def _can_pass(
    checks: Iterable[Check], kind: Kind, time_zone: str, *, past: bool, lasting: int = 0, waiting: int = 0
) -> bool:
    moving: list[Check] = []
    staying: list[Check] = []
    for check in _edges(checks):
        (moving if _moves(check) else staying).append(check)
    moments = _moments(time_zone)
    return _leave_room(staying, moments[0], kind, LATEST, lasting, waiting) and (
        not (moving or past)
        or any(_leave_room(moving, one, kind, one.now if past else LATEST, lasting, waiting) for one in moments)
    )


def _leave_room(checks: Iterable[Check], moment: Moment, kind: Kind, now: int, lasting: int, waiting: int) -> bool:
    first, last = EARLIEST, now
    for check in checks:
        stretch_of = operators()[check.operator].stretch
        assert stretch_of is not None
        low, high = stretch_of(check, moment, kind)
        first, last = max(first, low), min(last, high)
    return first + lasting <= min(last, now - waiting)


def _edges(checks: Iterable[Check]) -> Iterator[Check]:
    """The tests that have a stretch, the two edges of a `window` one by one."""
    for check in checks:
        if isinstance(check.operand, Field):
            continue
        if check.operator == "window":
            yield from (Check("window", (edge,)) for edge in items_of(check.operand, Check))
        elif operators()[check.operator].stretch is not None:
            yield check
        elif check.operator == "equals":
            yield Check("between", (check.operand, check.operand))


def _moves(check: Check) -> bool:
    if check.operator == "window":
        return any(isinstance(edge.operand, Ago) for edge in items_of(check.operand, Check))
    return check.operator in _MOVING or (isinstance(check.operand, Period) and check.operand.first is None)


@lru_cache(maxsize=8)
def _moments(time_zone: str) -> tuple[Moment, ...]:
    """Both ends and the middle of every day of some years, the last day first: then most periods have all their days."""
    zone = ZoneInfo(time_zone)
    days = (_LAST_DAY - timedelta(days=back) for back in range((_LAST_DAY - _FIRST_DAY).days + 1))
    return tuple(
        Moment(datetime.combine(day, at, zone), time_zone) for day in days for at in (_LAST_OF_DAY, time(12), time.min)
    )
