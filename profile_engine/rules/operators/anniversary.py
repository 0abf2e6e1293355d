"""The test for the day of the year: birthdays and the like."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache, reduce
from typing import TYPE_CHECKING

import numpy as np

from profile_engine.config.yaml_document import Mapping, Node, Scalar
from profile_engine.rules.columns import Column, Mask, Whole
from profile_engine.rules.flips import days_ahead
from profile_engine.rules.literals import read_list, read_words
from profile_engine.rules.local_days import days_of
from profile_engine.rules.moment import Moment, Stretch, day_number, day_of
from profile_engine.rules.operators.operator import Example, Operator, Reading, Testing, items_of
from profile_engine.rules.operators.time import read_span
from profile_engine.rules.periods import MonthDay, anniversary_in, parse_month_day, parse_period
from profile_engine.rules.stretches import StretchOf, during_stretch, within_last_stretch, within_next_stretch
from profile_engine.rules.syntax import Check, Operand

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn

    from profile_engine.rules.compile.compiling import Compiling
    from profile_engine.rules.compile.value import Value

_STRETCHES: dict[str, StretchOf] = {
    "within_last": within_last_stretch, "within_next": within_next_stretch, "during": during_stretch,
}  # fmt: skip
_HINT = "write {within_next: 7 days}, {within_last: 7 days}, {during: today}, {between: [12-24, 01-06]} or 12-31"
_YEAR = 366


def _read(node: Node, reading: Reading) -> Operand | None:
    if isinstance(node, Scalar):
        day = read_words(node, reading.problems, "a day of the year", parse_month_day)
        return None if day is None else (Check("equals", day, position=node.position),)
    if not isinstance(node, Mapping) or not node.keys:
        reading.problems.add("E303", "an anniversary needs a test", node.position, _HINT)
        return None
    checks = [_read_check(key, value, reading) for key, value in node]
    read = tuple(check for check in checks if check is not None)
    return read if len(read) == len(checks) else None


def _read_check(key: Scalar, node: Node, reading: Reading) -> Check | None:
    operand: Operand | None
    if key.text in {"within_last", "within_next"}:
        operand = read_span(node, Reading("date", reading.zone, reading.problems, reading.inner))
    elif key.text == "during":
        operand = read_words(node, reading.problems, "a period", parse_period)
    elif key.text == "between":
        operand = read_list(node, reading.problems, "between", lambda item: _read_day(item, reading))
        if operand is not None and len(operand) != 2:
            reading.problems.add("E303", "between needs two days", node.position, _HINT)
            return None
    else:
        reading.problems.add(
            "E310", f"'{key.text}' is no test of an anniversary", key.position, _HINT, length=len(key.text)
        )
        return None
    return None if operand is None else Check(key.text, operand, position=key.position)


def _read_day(node: Node, reading: Reading) -> MonthDay | None:
    return read_words(node, reading.problems, "a day of the year", parse_month_day)


def _test(column: Column, testing: Testing) -> Mask:
    months, days = _months_and_days(column, testing.moment)
    return np.asarray(_days_that_pass_all(testing.check, testing.moment)[months, days], dtype=np.bool_)


def _days_that_pass_all(check: Check, moment: Moment) -> Mask:
    return reduce(np.logical_and, (_days_that_pass(inner, moment) for inner in items_of(check.operand, Check)))


def _anniversary_column(value: Value, compiling: Compiling) -> SparkColumn:
    months, days = np.nonzero(_days_that_pass_all(compiling.check, compiling.moment)[1:, 1:])
    passing = [100 * (month + 1) + day + 1 for month, day in zip(months.tolist(), days.tolist(), strict=True)]
    return value.month_and_day(compiling.moment).isin(passing)


def _days_that_pass(check: Check, moment: Moment) -> Mask:
    """Which days of the year pass, by month and day."""
    if check.operator in _STRETCHES:
        stretch = _STRETCHES[check.operator](check, moment, "date")
        return _by_day(lambda month, day: _comes_in(month, day, stretch))
    year = moment.today.year
    first, last = items_of((check.operand,) * 2 if check.operator == "equals" else check.operand, MonthDay)
    low, high = _falls(first, year), _falls(last, year)
    wraps = first > last  # as written: 29 February to 28 February is the whole year, also where both fall on one day

    def passes(month: int, day: int) -> bool:
        this = _falls(MonthDay(month, day), year)
        return this >= low or this <= high if wraps else low <= this <= high

    return _by_day(passes)


def _falls(day: MonthDay, year: int) -> MonthDay:
    """Where a day of any year falls in this one, be it somebody's or one that a rule names."""
    here = anniversary_in(year, day.month, day.day)
    return MonthDay(here.month, here.day)


def _flips(column: Column, check: Check, moment: Moment) -> Whole:
    months, days = _months_and_days(column, moment)
    return _next_flips(check, moment)[months, days]


@lru_cache(maxsize=64)
def _next_flips(check: Check, moment: Moment) -> Whole:
    """By month and day, the beginning of the first coming day with another answer, or of the last day looked at."""
    _, *coming = days_ahead(moment)
    answer = _days_that_pass_all(check, moment)
    flips = np.full((13, 32), coming[-1].now, dtype=np.int64)
    for later in reversed(coming[:-1]):
        flips[_days_that_pass_all(check, later) != answer] = later.now
    return flips


def _by_day(passes: Callable[[int, int], bool]) -> Mask:
    table = np.zeros((13, 32), dtype=np.bool_)
    for month in range(1, 13):
        for day in range(1, monthrange(2024, month)[1] + 1):
            table[month, day] = passes(month, day)
    return table


def _comes_in(month: int, day: int, stretch: Stretch) -> bool:
    """Whether the anniversary of some year is in the stretch of days."""
    first, last = stretch
    if last - first >= _YEAR:
        return True
    if first > last:
        return False
    years = {day_of(first).year, day_of(last).year}
    return any(first <= day_number(anniversary_in(year, month, day)) <= last for year in years)


def _months_and_days(column: Column, moment: Moment) -> tuple[Whole, Whole]:
    """Month and day of each value; of a time, those of its date in the project's time zone. 0 where missing."""
    dates, place = days_of(column, moment)
    months = np.array([day.month for day in dates], dtype=np.int64)
    days = np.array([day.day for day in dates], dtype=np.int64)
    return months[place], days[place]


def _words(check: Check) -> str:
    told_checks = []
    for inner in items_of(check.operand, Check):
        if inner.operator == "between":
            told_checks.append("is between {} and {}".format(*items_of(inner.operand, MonthDay)))
        else:
            words = {"within_last": "was in the last", "within_next": "is in the next", "during": "is in the period"}
            told_checks.append(f"{words.get(inner.operator, 'is')} {inner.operand}")
    return f"has an anniversary that {' and '.join(told_checks)}"


OPERATORS = (
    Operator(
        "anniversary", frozenset({"date", "time"}), _read, _test, _words,
        "the day of some year passes the test; 29 February's falls on 28 February in other years",
        "{within_next: 7 days}, {within_last: ..}, {during: ..}, {between: [12-24, 01-06]} or 12-31",
        (
            Example("date", date(1990, 6, 2), "{within_next: 7 days}", True), Example("date", date(1990, 5, 31), "{within_next: 7 days}", False),
            Example("date", date(1990, 5, 31), "{during: today}", True), Example("date", date(1990, 6, 1), "{during: this month}", False),
            Example("date", None, "{during: this month}", False), Example("date", date(1990, 1, 3), "{between: [12-24, 01-06]}", True),
            Example("date", date(1990, 1, 7), "{between: [12-24, 01-06]}", False), Example("date", date(1992, 2, 29), "02-28", True),
            Example("timestamp", datetime(1990, 5, 31, 23, tzinfo=UTC), "05-31", True),
        ), flips=_flips,
        column=_anniversary_column,
    ),
)  # fmt: skip
