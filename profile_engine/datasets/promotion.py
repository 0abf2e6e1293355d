"""Accepted rows as what their raw table should gain: new events, newer versions, or a source's rows in place of its old ones."""

from __future__ import annotations

from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.datasets.record_rows import with_owners
from profile_engine.datasets.source_rows import BLOCK, LINE, PATH
from profile_engine.datasets.versions import first_events, newer_than_stored, newest_versions, unknown_events
from profile_engine.schemas.namespace_rules import Namespaces
from profile_engine.schemas.schema import Schema

_SYSTEM = ("record_id", "owner_id", "source_time", "ingested_at", "batch_id")


def raw_rows(rows: DataFrame, schema: Schema, as_of: datetime) -> DataFrame:
    """Accepted rows as the columns of a raw table, with PATH, BLOCK and LINE to order them by."""
    timed = rows.withColumn("ingested_at", F.lit(as_of).cast("timestamp"))
    return timed.select(*(f"`{name}`" for name in schema.fields), *_SYSTEM, PATH, BLOCK, LINE)


def new_events(events: DataFrame, stored: DataFrame | None, days: tuple[datetime, datetime]) -> DataFrame:
    """Events that are not in the table yet, each once; columns of a raw table.

    days   first and last time of the events: only that part of the table is searched for them
    """
    new = first_events(events)
    if stored is not None:
        # an event's id holds its UTC day, so whole days around the times are enough
        start = F.date_trunc("DAY", F.lit(days[0]).cast("timestamp"))
        end = F.date_trunc("DAY", F.lit(days[1]).cast("timestamp")) + F.expr("INTERVAL 1 DAY")
        new = unknown_events(new, stored.where((F.col("source_time") >= start) & (F.col("source_time") < end)))
    return new.drop(PATH, BLOCK, LINE)


def new_versions(records: DataFrame, stored: DataFrame | None, newest_by: str | None) -> DataFrame:
    """Each record's newest version, where it is newer than the table's; columns of a raw table."""
    new = newest_versions(records).drop(PATH, BLOCK, LINE)
    return new if stored is None else newer_than_stored(new, stored, newest_by)


def with_other_records(new: DataFrame, stored: DataFrame) -> DataFrame:
    """New versions with all stored records that they do not touch: a whole table, for rows that a MERGE can't compare."""
    kept = stored.join(new.select("record_id"), on="record_id", how="left_anti")
    return kept.unionByName(new, allowMissingColumns=True)


def replaced_table(
    rows: DataFrame, stored: DataFrame | None, replaced: DataFrame | None, newest_by: str | None
) -> DataFrame:
    """The whole table after a source's new rows have taken the place of its old ones.

    replaced   batch_id: what the source brought before; stored rows of other batches stay, the newest version holding
    """
    if stored is not None:
        kept = stored if replaced is None else stored.join(F.broadcast(replaced), on="batch_id", how="left_anti")
        # with a time to go by a stored row wins a tie; where ingestion decides it gives way
        place = F.lit("\uffff" if newest_by is not None else "")
        zero = F.lit(0).cast("bigint")
        rows = rows.unionByName(kept.withColumns({PATH: place, BLOCK: zero, LINE: zero}), allowMissingColumns=True)
    return newest_versions(rows).drop(PATH, BLOCK, LINE)


def changed_owners(stored: DataFrame, schema: Schema, namespaces: Namespaces, key: bytes) -> DataFrame:
    """Stored rows whose owner is another one under the namespaces as they are now, with that owner."""
    before = stored.withColumnRenamed("owner_id", "__owner_before")
    now = with_owners(before, schema, namespaces, key)
    return now.where(~F.col("owner_id").eqNullSafe(F.col("__owner_before"))).select(*(f"`{c}`" for c in stored.columns))
