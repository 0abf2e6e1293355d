"""The log of changes: kept as a row a profile and evaluation, with arrays; told as a row a change."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

ENTERED, LEFT = "entered", "left"
_ONE = "array<struct<segment_no:int,change:string,entered_at:timestamp>>"


def one_by_one(log: DataFrame) -> DataFrame:
    """A row is an entry or an exit: `profile_id, profile_no, segment_no, change, at, entered_at, run_id`.

    log  rows of `membership_change`; an exit keeps when the membership had begun, an entry begins at its own time
    """
    entries = F.transform(ENTERED, lambda number: _one(number, ENTERED, F.col("at")))
    exits = F.transform(
        F.arrays_zip(F.col(LEFT).alias("segment_no"), F.col("left_entered_at").alias("entered_at")),
        lambda one: _one(one["segment_no"], LEFT, one["entered_at"]),
    )
    changes = F.concat(entries.cast(_ONE), exits.cast(_ONE))
    exploded = log.select("profile_id", "profile_no", "at", "run_id", F.explode(changes).alias("one"))
    return exploded.select("profile_id", "profile_no", "one.segment_no", "one.change", "at", "one.entered_at", "run_id")


def gathered(changes: DataFrame) -> DataFrame:
    """Rows of `membership_change` out of rows of `one_by_one`."""
    is_entry = F.col("change") == ENTERED
    gone = F.array_sort(F.collect_list(F.when(~is_entry, F.struct("segment_no", "entered_at"))))
    return (
        changes.groupBy("profile_id", "profile_no", "at", "run_id")
        .agg(F.array_sort(F.collect_list(F.when(is_entry, F.col("segment_no")))).alias(ENTERED), gone.alias("gone"))
        .select(
            "profile_id",
            "profile_no",
            "at",
            ENTERED,
            F.col("gone.segment_no").alias(LEFT),
            F.col("gone.entered_at").alias("left_entered_at"),
            "run_id",
        )
    )


def _one(number: Column, change: str, entered_at: Column) -> Column:
    return F.struct(number.alias("segment_no"), F.lit(change).alias("change"), entered_at.alias("entered_at"))
