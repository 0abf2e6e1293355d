"""Memberships over time: the state before an evaluation and what it found become entries, exits and the new state.

A state is a row a profile that is in a segment, BEFORE: its segments, ascending, and beside each when it was entered. The
statuses of a membership are derived: `realized` where it was entered at the evaluation's own as_of, else `existing`; a change
`left` is an exit.
"""

from __future__ import annotations

from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

BEFORE = ("profile_id", "profile_no", "before", "before_at")
HELD = "array<struct<segment_no:int,entered_at:timestamp>>"


def before_of(memberships: DataFrame) -> DataFrame:
    """What `membership` holds, as an evaluation takes it: `profile_id, profile_no, before, before_at`."""
    return memberships.select(
        "profile_id", "profile_no", F.col("segments").alias("before"), F.col("entered_at").alias("before_at")
    )


def taken_back(before: DataFrame, changes: DataFrame) -> DataFrame:
    """The state with the changes of one evaluation taken back: what was entered is gone, what was left is held again."""
    of_changes = changes.select(
        "profile_id", F.col("profile_no").alias("changed_no"), F.col("entered").alias("gone"),
        _held("left", "left_entered_at").alias("again"),
    )  # fmt: skip
    held = before.select("profile_id", "profile_no", _held("before", "before_at").alias("held"))
    joined = held.join(of_changes, "profile_id", how="full")
    none_held = F.array().cast(HELD)
    kept = F.filter(
        F.coalesce("held", none_held),
        lambda one: ~F.array_contains(F.coalesce("gone", F.array().cast("array<int>")), one.getField("segment_no")),
    )
    return _as_before(
        joined,
        F.coalesce("profile_no", "changed_no"),
        F.array_sort(F.concat(kept, F.coalesce("again", none_held))),
    )


def redirected(before: DataFrame, redirects: DataFrame) -> DataFrame:
    """The state of the ids that are left: a survivor holds what it and the merged ids held, each from its earliest entry."""
    owner = F.coalesce("survivor", "profile_id")
    # by itself whoever nobody was merged into: these are nearly all, and nothing of theirs is taken apart
    involved = redirects.select(F.explode(F.array("profile_id", "survivor")).alias("profile_id")).distinct()
    alone = before.join(F.broadcast(involved), "profile_id", how="left_anti")
    owned = (
        before.join(F.broadcast(involved), "profile_id", how="left_semi")
        .join(F.broadcast(redirects), "profile_id", how="left")
        .select(
            owner.alias("owner"),
            F.when(F.col("survivor").isNull(), F.col("profile_no")).alias("profile_no"),
            _held("before", "before_at").alias("held"),
        )
    )
    held = F.array_sort(F.flatten(F.collect_list("held")))
    joined = owned.groupBy("owner").agg(F.max("profile_no").alias("profile_no"), held.alias("all_held"))
    # sorted by segment, then time: the first of each segment is its earliest entry
    earliest = F.filter(
        "all_held",
        lambda one, place: (place == 0)
        | (one.getField("segment_no") != F.get("all_held", place - 1).getField("segment_no")),
    )
    survivors = joined.select(F.col("owner").alias("profile_id"), "profile_no", earliest.alias("held"))
    return alone.select(*BEFORE).unionByName(_as_before(survivors, F.col("profile_no"), F.col("held")))


def _held(numbers: str, times: str) -> Column:
    return F.arrays_zip(F.col(numbers).alias("segment_no"), F.col(times).alias("entered_at")).cast(HELD)


def _as_before(rows: DataFrame, profile_no: Column, held: Column) -> DataFrame:
    """BEFORE of those who hold something."""
    found = rows.select("profile_id", profile_no.alias("profile_no"), held.alias("held")).where(F.size("held") > 0)
    return found.select(
        "profile_id",
        "profile_no",
        F.col("held.segment_no").alias("before"),
        F.col("held.entered_at").alias("before_at"),
    )


def membership_rows(moved: DataFrame) -> DataFrame:
    """Rows of `membership`: a profile that is in a segment, with parallel arrays."""
    return moved.where(F.size("segments") > 0).select("profile_id", "profile_no", "segments", "entered_at")


def first_membership_rows(now: DataFrame, as_of: datetime) -> DataFrame:
    """Rows of `membership` where nobody was in a segment before: everybody has entered at `as_of`."""
    entered_at = F.array_repeat(F.lit(as_of).cast("timestamp"), F.size("segments"))
    return now.where(F.size("segments") > 0).select(
        "profile_id", "profile_no", "segments", entered_at.alias("entered_at")
    )


def first_change_rows(now: DataFrame, as_of: datetime, run_id: str) -> DataFrame:
    """Rows of `membership_change` where nobody was in a segment before."""
    none = F.array()
    return now.where(F.size("segments") > 0).select(
        "profile_id", "profile_no", F.lit(as_of).cast("timestamp").alias("at"), F.col("segments").alias("entered"),
        none.cast("array<int>").alias("left"), none.cast("array<timestamp>").alias("left_entered_at"),
        F.lit(run_id).alias("run_id"),
    )  # fmt: skip


def change_rows(moved: DataFrame, as_of: datetime, run_id: str) -> DataFrame:
    """Rows of `membership_change`: who entered or left at `as_of`; an exit keeps when the membership had begun."""
    return moved.where((F.size("entered") > 0) | (F.size("left") > 0)).select(
        "profile_id", "profile_no", F.lit(as_of).cast("timestamp").alias("at"), "entered", "left", "left_entered_at",
        F.lit(run_id).alias("run_id"),
    )  # fmt: skip


def sizes_of(memberships: DataFrame) -> DataFrame:
    """A row is a segment that has members: `segment_no, members`."""
    one_by_one = memberships.select(F.explode("segments").alias("segment_no"))
    return one_by_one.groupBy("segment_no").agg(F.count(F.lit(1)).alias("members"))
