"""The moment of an evaluation, and the stretches of time and days that words such as `within_last` mean at it.

Instants are whole microseconds since 1970 in UTC and days are whole days since 1970, so every bound is exact. A
stretch is a pair of bounds that both belong to it; its first bound is above its last where nothing can match.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from profile_engine.config.units import Span
from profile_engine.rules.periods import days_later, months_later

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
EARLIEST, LATEST = -(2**63), 2**63 - 1
"""Open ends of a stretch."""
FIRST_TIME = (datetime.min.replace(tzinfo=UTC) - EPOCH) // _MICROSECOND
LAST_TIME = (datetime.max.replace(tzinfo=UTC) - EPOCH) // _MICROSECOND
"""The ends of the calendar, which has the years 1 to 9999. A day that a time zone moves beyond them is the last one there."""
Stretch = tuple[int, int]


def instant(when: datetime) -> int:
    """Microseconds since 1970; `when` must be aware."""
    return (when - EPOCH) // _MICROSECOND


def on_calendar(microseconds: int) -> int:
    """The instant itself; the calendar's first or last one for those that lie outside of it."""
    return min(max(microseconds, FIRST_TIME), LAST_TIME)


def day_number(day: date) -> int:
    """Days since 1970."""
    return day.toordinal() - EPOCH.toordinal()


FIRST_DAY, LAST_DAY = day_number(date.min), day_number(date.max)


def day_of(number: int) -> date:
    return date.fromordinal(number + EPOCH.toordinal())


@dataclass(frozen=True)
class Moment:
    """`as_of` (aware) as seen in the project's time zone."""

    as_of: datetime
    time_zone: str

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def now(self) -> int:
        return instant(self.as_of)

    @property
    def today(self) -> date:
        """as_of's date in the project's time zone."""
        return self.as_of.astimezone(self.zone).date()

    def day_begins(self, day: date) -> int:
        """The instant at which a day begins here; the first one where midnight falls into a change of clocks. The
        calendar's first day begins with the calendar, whatever the zone."""
        if day == date.min:
            return FIRST_TIME
        return instant(datetime.combine(day, time.min, self.zone).astimezone(UTC))

    def day_ends(self, day: date) -> int:
        """The last instant of a day here; the calendar's last day ends with the calendar, whatever the zone."""
        return LAST_TIME if day == date.max else self.day_begins(days_later(day, 1)) - 1

    def shifted(self, span: Span, direction: int) -> int:
        """The instant one span before (-1) or after (+1) as_of.

        Fixed units are exact lengths of time. Months and years move the date on the wall calendar, clipped to the
        month's end, and keep the time on the wall clock. Stops at the ends of the calendar.
        """
        if not span.is_calendar:
            return on_calendar(self.now + direction * (span.duration // _MICROSECOND))
        local = self.as_of.astimezone(self.zone)
        day = months_later(local.date(), direction * span.months)
        if day in {date.min, date.max}:
            return FIRST_TIME if day == date.min else LAST_TIME
        return instant(datetime.combine(day, local.timetz()).astimezone(UTC))

    def shifted_day(self, span: Span, direction: int) -> int:
        """The day one span of days, weeks, months or years before or after today, as a day number."""
        if span.is_calendar:
            return day_number(months_later(self.today, direction * span.months))
        return day_number(days_later(self.today, direction * span.duration.days))
