"""Reading a version of a table, as long as it can be read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.errors import LakeError
from profile_engine.lake.changes import VERSION, appended, reduced
from profile_engine.lake.fitting import declared_columns, merged_type, nullable, with_declared_columns
from profile_engine.lake.stored_table import StoredTable
from profile_engine.lake.tables import TableEntry, table_entry


class VersionGone(LakeError):
    """A version is older than what the lake keeps; what people ask of the past comes from the append logs."""

    def __init__(self, table: str, version: int, kept: str) -> None:
        self.table, self.version = table, version
        super().__init__(
            f"version {version} of table {table} can't be read any more: the lake keeps releases for {kept} "
            "(lake.keep_releases in conf/engine.yaml)"
        )


def pinned_rows(stored: StoredTable, version: int, kept: str) -> DataFrame:
    """The rows of a version that a release in force names; the head where Delta refuses its own head by age.

    Columns that the table's entry has gained since the version was written are null.
    """
    try:
        rows = stored.read(version)
    except AnalysisException:
        if stored.head() != version:
            raise VersionGone(stored.place.table, version, kept) from None
        rows = stored.read()
    return with_declared_columns(rows, table_entry(stored.place.table))


def past_rows(stored: StoredTable, version: int, *, now: datetime, keep: timedelta, kept: str) -> DataFrame:
    """The rows of any version. Raises VersionGone for one that was superseded longer ago than the lake keeps, whose
    files may be gone: Delta itself would only notice when it reads them."""
    successor = stored.commit(version + 1)
    head = stored.head()
    superseded_unseen = successor is None and head is not None and head > version
    if head is None or version > head or superseded_unseen or (successor is not None and successor.at + keep < now):
        raise VersionGone(stored.place.table, version, kept)
    return pinned_rows(stored, version, kept)


def empty_rows(stored: StoredTable, entry: TableEntry) -> DataFrame:
    """No rows, with the columns that the entry declares."""
    columns = [F.lit(None).cast(field.dataType).alias(field.name) for field in declared_columns(entry.columns).fields]
    return stored.spark.range(1).select(*columns).limit(0)


def changes_between(
    stored: StoredTable,
    entry: TableEntry,
    before: int,
    after: int,
    *,
    now: datetime,
    keep: timedelta,
    also_before: Sequence[str] = (),
) -> DataFrame | None:
    """The reduced change feed from one version to a later one, or None where it can't be read: no feed, no key,
    a range whose files may be gone, a type that has changed on the way."""
    feed = _feed_between(stored, entry, before, after, now=now, keep=keep) if entry.key else None
    return None if feed is None else reduced(feed, entry.key, also_before)


def appended_between(
    stored: StoredTable, entry: TableEntry, before: int | None, after: int, *, now: datetime, keep: timedelta, kept: str
) -> DataFrame | None:
    """The rows that a log gained from one version (None: all, in version 0) to a later one, as `changes.appended` gives them,
    or None where that can't be read."""
    if before is None:
        return pinned_rows(stored, after, kept).withColumn(VERSION, F.lit(0).cast("bigint"))
    feed = _feed_between(stored, entry, before, after, now=now, keep=keep)
    if feed is None:
        return None
    try:
        feed.isEmpty()  # that a log of an older engine had no feed yet, Delta says only when it is read
    except AnalysisException:
        return None
    return appended(feed)


def _feed_between(
    stored: StoredTable, entry: TableEntry, before: int, after: int, *, now: datetime, keep: timedelta
) -> DataFrame | None:
    if not entry.change_feed or before > after:
        return None
    try:
        rows = stored.read(after)
        if before == after:
            of_feed = {"_change_type": F.lit("insert"), "_commit_version": F.lit(after).cast("bigint")}
            return rows.limit(0).withColumns(of_feed)
        first = stored.commit(before + 1)
        if first is None or first.at + keep < now:
            return None
        shape = nullable(rows.schema)
        if merged_type(stored.read(before).schema, rows.schema) != shape:
            return None
        return stored.change_feed(before + 1, after)
    except AnalysisException:
        return None
