"""Calendar arithmetic of the rules oracle, written from the language's meaning: clipped months, leap-day anniversaries."""

from __future__ import annotations

from calendar import monthrange
from datetime import date


def month_moved(day: date, months: int) -> date:
    """Month by month on the calendar; the day is clipped to the last month's end only."""
    year, month = day.year, day.month
    for _ in range(abs(months)):
        month += 1 if months > 0 else -1
        if month in (0, 13):
            year, month = (year + 1, 1) if month == 13 else (year - 1, 12)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def falls(day: date, year: int) -> date:
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 2, 28)
