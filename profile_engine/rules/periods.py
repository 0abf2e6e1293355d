"""Calendar words (`last month`, `2026-05`, `90 days ago`) and the days they stand for."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from profile_engine.config.units import Span

PeriodUnit = Literal["day", "week", "month", "quarter", "year"]

_WORDS: dict[str, tuple[PeriodUnit, int]] = {"today": ("day", 0), "yesterday": ("day", -1), "tomorrow": ("day", 1)}
_OFFSET_WORDS = {-1: "last", 0: "this", 1: "next"}
_MONTHS: dict[PeriodUnit, int] = {"month": 1, "quarter": 3, "year": 12}
_RELATIVE = re.compile(r"^(this|last|next) (day|week|month|quarter|year)$")
_ABSOLUTE = re.compile(r"^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$")
_AGO = re.compile(r"^(.*\S)\s+ago$")
_MONTH_DAY = re.compile(r"^(?:(\d{4})-)?(\d{2})-(\d{2})$")
PERIOD_EXAMPLES = "today, yesterday, this week, last month, this quarter, next year, 2026, 2026-05 or 2026-05-31"


@dataclass(frozen=True, slots=True)
class Period:
    """A calendar period: `offset` units from the one that holds as_of, or, with `first`, the one that starts there."""

    unit: PeriodUnit
    offset: int = 0
    first: date | None = None

    def days(self, today: date) -> tuple[date, date]:
        """The first day and the last; weeks start on Monday."""
        start = self.first if self.first is not None else _start(self.unit, today)
        start = _moved(self.unit, start, self.offset)
        return start, _last(self.unit, start)

    def __str__(self) -> str:
        if self.first is not None:
            return self.first.isoformat()[: {"year": 4, "month": 7}.get(self.unit, 10)]
        for word, meaning in _WORDS.items():
            if meaning == (self.unit, self.offset):
                return word
        return f"{_OFFSET_WORDS[self.offset]} {self.unit}"


@dataclass(frozen=True, slots=True)
class Ago:
    """A length of time before as_of, as in `90 days ago`."""

    span: Span

    def __str__(self) -> str:
        return f"{self.span} ago"


@dataclass(frozen=True, slots=True, order=True)
class MonthDay:
    """A day of any year."""

    month: int
    day: int

    def __str__(self) -> str:
        return f"{self.month:02}-{self.day:02}"


def parse_period(text: str) -> Period:
    """Raises ValueError with what to write instead."""
    words = " ".join(text.split())
    if words in _WORDS:
        return Period(*_WORDS[words])
    if match := _RELATIVE.match(words):
        unit: PeriodUnit = match[2]  # type: ignore[assignment]
        return Period(unit, {"last": -1, "this": 0, "next": 1}[match[1]])
    if match := _ABSOLUTE.match(words):
        finest: PeriodUnit = "day" if match[3] else "month" if match[2] else "year"
        try:
            return Period(finest, 0, date(int(match[1]), int(match[2] or 1), int(match[3] or 1)))
        except ValueError:
            raise ValueError(f"'{words}' is no day of the calendar") from None
    raise ValueError(f"not a period; write {PERIOD_EXAMPLES}")


def parse_ago(text: str) -> Ago:
    """Raises ValueError with what to write instead."""
    match = _AGO.match(text.strip())
    if match is None:
        raise ValueError("write how long ago, such as '90 days ago', or a date")
    return Ago(Span.parse(match[1]))


def parse_month_day(text: str) -> MonthDay:
    """A month and a day; a year before them is ignored. Raises ValueError with what to write instead."""
    match = _MONTH_DAY.match(text.strip())
    if match is None or not 1 <= int(match[2]) <= 12 or not 1 <= int(match[3]) <= monthrange(2024, int(match[2]))[1]:
        raise ValueError("write month and day, such as 12-31")
    return MonthDay(int(match[2]), int(match[3]))


def months_later(day: date, months: int) -> date:
    """The same day of another month, clipped to that month's end (31 March - 1 month = 28 or 29 February)."""
    month = day.year * 12 + day.month - 1 + months
    year, number = divmod(month, 12)
    if year < 1:
        return date.min
    if year > 9999:
        return date.max
    return date(year, number + 1, min(day.day, monthrange(year, number + 1)[1]))


def days_later(day: date, days: int) -> date:
    """Stops at the ends of the calendar instead of raising."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.min if days < 0 else date.max


def anniversary_in(year: int, month: int, day: int) -> date:
    """The anniversary in a year; 29 February's falls on 28 February where there is none."""
    return date(year, month, min(day, monthrange(year, month)[1]))


def _start(unit: PeriodUnit, today: date) -> date:
    if unit == "week":
        return days_later(today, -today.weekday())
    if unit == "month":
        return today.replace(day=1)
    if unit == "quarter":
        return today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    return today.replace(month=1, day=1) if unit == "year" else today


def _moved(unit: PeriodUnit, start: date, count: int) -> date:
    if unit in {"day", "week"}:
        return days_later(start, count * (7 if unit == "week" else 1))
    return months_later(start, count * _MONTHS[unit])


def _last(unit: PeriodUnit, start: date) -> date:
    """The last day of the unit that starts there; the day after it may be none of the calendar."""
    if unit in {"day", "week"}:
        return days_later(start, 6 if unit == "week" else 0)
    month = months_later(start, _MONTHS[unit] - 1)
    return month.replace(day=monthrange(month.year, month.month)[1])
