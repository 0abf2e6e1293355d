"""When an audience is due: after its last delivery, not before its span has passed, from its time of day on."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from profile_engine.config.units import Span
from profile_engine.destinations.config import ExportConfig


def is_due(as_of: datetime, last: datetime | None, export: ExportConfig, time_zone: str) -> bool:
    """Whether an audience last delivered as of `last` (None: never) is to be delivered as of `as_of`.

    With `at`, deliveries belong to days: a day's delivery is due from that time of day on in `time_zone`, and a late one
    doesn't move the next. Without `at`, `every` counts from the last delivery.
    """
    if last is None:
        return True
    if as_of <= last:
        return False
    if export.at is None:
        return export.every is None or as_of >= export.every.after(last)
    zone, every = ZoneInfo(time_zone), export.every or Span(1, "day")
    hour, minute = export.at.split(":")
    at = time(int(hour), int(minute))
    local = last.astimezone(zone)
    day = local.date() if local.time() >= at else local.date() - timedelta(days=1)
    next_day = every.after(datetime.combine(day, time(12))).date()
    return as_of >= datetime.combine(next_day, at, tzinfo=zone)
