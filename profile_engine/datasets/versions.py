"""Which version of a record holds, and which event was there before."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from profile_engine.datasets.source_rows import BLOCK, LINE, PATH

_PLACE, _KNOWN = "__place", "__known"


def newest_versions(rows: DataFrame) -> DataFrame:
    """One row a `record_id`: the newest by (source_time, path, position); a row without a time is the oldest.

    returns  all columns of `rows`
    """
    newest_first = [
        F.col("source_time").desc_nulls_last(), F.col(PATH).desc(), F.col(BLOCK).desc(), F.col(LINE).desc(),
    ]  # fmt: skip
    return _first(rows, newest_first)


def first_events(events: DataFrame) -> DataFrame:
    """One row a `record_id`, which stands for event id and UTC day: the first by (path, position); others are repeats."""
    return _first(events, [F.col(PATH).asc(), F.col(BLOCK).asc(), F.col(LINE).asc()])


def newer_than_stored(rows: DataFrame, stored: DataFrame, newest_by: str | None) -> DataFrame:
    """Rows whose record is not in the table yet, or there in an older version; with `newest_by`, equal is not newer.

    Without `newest_by` the time of ingestion decides, and what comes now is newer than all that is there.
    """
    if newest_by is None:
        return rows
    there = stored.select("record_id", F.col("source_time").alias("__stored_time"), F.lit(True).alias(_KNOWN))
    joined = rows.join(there, on="record_id", how="left")
    newer = F.col("source_time").isNotNull() & (
        F.col("__stored_time").isNull() | (F.col("source_time") > F.col("__stored_time"))
    )
    return joined.where(F.col(_KNOWN).isNull() | newer).select(*(f"`{name}`" for name in rows.columns))


def unknown_events(events: DataFrame, stored: DataFrame) -> DataFrame:
    """Events that are not in the table; `stored` may be cut to the days that the events speak of."""
    return events.join(stored.select("record_id"), on="record_id", how="left_anti")


def _first(rows: DataFrame, order: list[Column]) -> DataFrame:
    place = F.row_number().over(Window.partitionBy("record_id").orderBy(*order))
    return rows.withColumn(_PLACE, place).where(F.col(_PLACE) == 1).drop(_PLACE)
