"""How far a value is from where a test turns, in words; nothing where no length can be given."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from profile_engine.rules.moment import EARLIEST, LATEST, Moment, day_number, instant
from profile_engine.rules.operators.operator import items_of
from profile_engine.rules.operators.registry import operators
from profile_engine.rules.syntax import Check, Condition, Field
from profile_engine.rules.words import told

_EDGES = {"above", "at_least", "below", "at_most", "equals", "between"}
_COUNTED = {"length", "size"}
"""Tests of how long a text or an array is."""


def threshold_of(check: Check) -> str | None:
    """The literal or the literals that the value is compared with, those of inner tests (`size: {at_least: 2}`) among them;
    nothing where it is put to a condition."""
    operand = check.operand
    if isinstance(operand, Condition | Field):
        return None
    if not isinstance(operand, tuple):
        return told(operand)
    if not any(isinstance(item, Check) for item in operand):
        return f"[{', '.join(told(item) for item in operand)}]"
    inner = [threshold_of(item) for item in operand if isinstance(item, Check)]
    return ", ".join(one for one in inner if one is not None)


def distance_of(check: Check, seen: object, moment: Moment) -> str | None:
    """Such as `30.01 to the threshold` or `2 days to the edge of the window`."""
    if check.operator in _COUNTED and isinstance(seen, str | list | tuple):
        return _of_numbers(len(seen), items_of(check.operand, Check))
    if isinstance(seen, bool) or seen is None or isinstance(check.operand, Field):
        return None
    if isinstance(seen, datetime | date):
        return _of_time(check, seen, moment)
    return _of_numbers(seen, (check,)) if isinstance(seen, int | float | Decimal) else None


def _of_numbers(seen: float | Decimal, checks: tuple[Check, ...]) -> str | None:
    limits: list[object] = []
    for check in checks:
        limits += check.operand if isinstance(check.operand, tuple) else (check.operand,)
    numbers = [Fraction(limit) for limit in limits if isinstance(limit, int | float | Decimal)]
    if len(numbers) != len(limits) or not numbers or any(check.operator not in _EDGES for check in checks):
        return None
    nearest = min(abs(Fraction(seen) - number) for number in numbers)
    shown = int(nearest) if nearest.denominator == 1 else f"{float(nearest):.6f}".rstrip("0").rstrip(".")
    return f"{shown} to the threshold"


def _of_time(check: Check, seen: date, moment: Moment) -> str | None:
    stretch_of = operators()[check.operator].stretch
    if stretch_of is None:
        return None
    if isinstance(seen, datetime):
        at, (first, last) = instant(seen), stretch_of(check, moment, "time")
    else:
        at, (first, last) = day_number(seen), stretch_of(check, moment, "date")
    edges = [first - 1 if at >= first else first, last + 1 if at <= last else last]
    edges = [edge for edge, open_end in zip(edges, (first == EARLIEST, last == LATEST), strict=True) if not open_end]
    if not edges:
        return None
    away = min(abs(at - edge) for edge in edges)
    return f"{timedelta(microseconds=away) if isinstance(seen, datetime) else timedelta(days=away)} to the edge"
