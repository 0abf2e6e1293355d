"""How long versions stay readable, as each table is told when it is made."""

from __future__ import annotations

from datetime import timedelta

from profile_engine.config.units import Span
from profile_engine.lake.tables import TableEntry

_LONGEST_MONTH = 31
_LOG_BEYOND_RELEASES = timedelta(days=365)


def kept_for(span: Span) -> timedelta:
    """A span as a length of time; a calendar month counts as the longest one."""
    return timedelta(days=span.months * _LONGEST_MONTH) if span.is_calendar else span.duration


def table_properties(entry: TableEntry, keep_releases: Span) -> dict[str, str]:
    """Delta properties of a table. A kept release may pin a version that was committed long before the release (a table
    that seldom changes), and needs that version's log entry, so the log is kept longer than the files."""
    kept = kept_for(keep_releases)
    properties = {
        "delta.enableDeletionVectors": "true",
        "delta.deletedFileRetentionDuration": _interval(kept),
        "delta.logRetentionDuration": _interval(kept + _LOG_BEYOND_RELEASES),
        "delta.setTransactionRetentionDuration": _interval(kept),
    }
    if entry.skipped_by:
        properties["delta.dataSkippingStatsColumns"] = ",".join(entry.skipped_by)
    if entry.change_feed:
        properties["delta.enableChangeDataFeed"] = "true"
    return properties


def _interval(length: timedelta) -> str:
    return f"interval {int(length.total_seconds())} seconds"
