"""Quantities that carry their unit: `90 days`, `5 %`, `256 MB`, `500 identifiers`."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainValidator

_SPAN = re.compile(r"^\s*(\d+)\s+(second|minute|hour|day|week|month|year)s?\s*$")
_FIXED = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 7 * 86400}
_MOST_YEARS = 1_000
_MOST_MONTHS, _MOST_SECONDS = 12 * _MOST_YEARS, 366 * 86400 * _MOST_YEARS
_SHARE = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*%\s*$")
_BYTES = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(B|KB|MB|GB|TB)\s*$")
_COUNT = re.compile(r"^\s*(\d+)(?:\s+[a-z_ ]+)?\s*$")


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time; months and years are calendar units, all others are fixed (a day has 24 hours)."""

    count: int
    unit: str

    @classmethod
    def parse(cls, text: str) -> Span:
        """Raises ValueError with what to write instead."""
        match = _SPAN.match(text)
        if match is None:
            raise ValueError("not a length of time; write a whole number and a unit, such as '90 days' or '1 hour'")
        span = cls(int(match[1]), match[2])
        if span.months > _MOST_MONTHS if span.is_calendar else span.count * _FIXED[span.unit] > _MOST_SECONDS:
            raise ValueError(f"the longest length of time is {_MOST_YEARS:,} years, which is as good as ever")
        return span

    @property
    def is_calendar(self) -> bool:
        return self.unit in {"month", "year"}

    @property
    def months(self) -> int:
        """Only for calendar units."""
        return self.count * (12 if self.unit == "year" else 1)

    @property
    def duration(self) -> timedelta:
        """Only for fixed units."""
        return timedelta(seconds=self.count * _FIXED[self.unit])

    def after(self, moment: datetime) -> datetime:
        """The moment that lies this span later; calendar months keep the day, clipped to the month's end."""
        if not self.is_calendar:
            return moment + self.duration
        year, month = divmod(moment.year * 12 + moment.month - 1 + self.months, 12)
        return moment.replace(year=year, month=month + 1, day=min(moment.day, calendar.monthrange(year, month + 1)[1]))

    def __str__(self) -> str:
        return f"{self.count} {self.unit}{'' if self.count == 1 else 's'}"


def _span(value: Any) -> Span:
    return value if isinstance(value, Span) else Span.parse(str(value))


def _share(value: Any) -> float:
    if isinstance(value, float):
        return value
    match = _SHARE.match(str(value))
    if match is None:
        raise ValueError("not a share; write a number and a percent sign, such as '5 %'")
    return float(match[1]) / 100


def _bytes(value: Any) -> int:
    if isinstance(value, int):
        return value
    match = _BYTES.match(str(value))
    if match is None:
        raise ValueError("not a size; write a number and B, KB, MB, GB or TB, such as '256 MB'")
    return int(float(match[1]) * 1024 ** ("B", "KB", "MB", "GB", "TB").index(match[2]))


def _count(value: Any) -> int:
    if isinstance(value, int):
        return value
    match = _COUNT.match(str(value))
    if match is None:
        raise ValueError("not a count; write a whole number, with a noun if you like, such as '500 identifiers'")
    return int(match[1])


def _count_or_share(value: Any) -> int | float:
    if isinstance(value, (int, float)):
        return value
    if "%" in str(value):
        return _share(value)
    try:
        return _count(value)
    except ValueError:
        raise ValueError("neither a count nor a share; write '5' or '5 profiles', or '2 %'") from None


SpanField = Annotated[Span, PlainValidator(_span)]
Share = Annotated[float, BeforeValidator(_share)]
"""A share from 0 to 1, written in per cent."""
CountOrShare = Annotated[int | float, PlainValidator(_count_or_share)]
"""An int for a count, a float for a share."""
Bytes = Annotated[int, BeforeValidator(_bytes)]
Count = Annotated[int, BeforeValidator(_count)]
