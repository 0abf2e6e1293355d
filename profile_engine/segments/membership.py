"""Memberships over time: the state before an evaluation and what it found become entries, exits and the new state.

A state is a row a profile, `profile_id, profile_no, held`, where `held` is an array of (segment_no, entered_at) rising by
segment. The statuses of a membership are derived: `realized` where it was entered at the evaluation's own as_of, else
`existing`; a change `left` is an exit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

HELD = "array<struct<segment_no:int,entered_at:timestamp>>"


def state_of(memberships: DataFrame) -> DataFrame:
    """The state that `membership` holds: `profile_id, profile_no, held`."""
    return memberships.select(
        "profile_id",
        "profile_no",
        F.arrays_zip(F.col("segments").alias("segment_no"), F.col("entered_at").alias("entered_at"))
        .cast(HELD)
        .alias("held"),
    )


def state_before(state: DataFrame, changes: DataFrame) -> DataFrame:
    """The state with the changes of one evaluation taken back: what was entered is gone, what was left is held again."""
    entered = F.col("change") == "entered"
    taken_back = changes.groupBy("profile_id").agg(
        F.max("profile_no").alias("changed_no"),
        F.collect_list(F.when(entered, F.col("segment_no"))).alias("gone"),
        F.collect_list(F.when(~entered, F.struct("segment_no", "entered_at"))).cast(HELD).alias("again"),
    )
    joined = state.join(taken_back, "profile_id", how="full")
    none_held = F.array().cast(HELD)
    kept = F.filter(
        F.coalesce("held", none_held),
        lambda one: ~F.array_contains(F.coalesce("gone", F.array().cast("array<int>")), one.getField("segment_no")),
    )
    held = F.array_sort(F.concat(kept, F.coalesce("again", none_held)))
    return joined.select(
        "profile_id", F.coalesce("profile_no", "changed_no").alias("profile_no"), held.alias("held")
    ).where(F.size("held") > 0)


def redirected(state: DataFrame, redirects: DataFrame) -> DataFrame:
    """The state of the ids that are left: a survivor holds what it and the merged ids held, each from its earliest entry."""
    owner = F.coalesce("survivor", "profile_id")
    owned = state.join(redirects, "profile_id", how="left").select(
        owner.alias("owner"), F.when(F.col("survivor").isNull(), F.col("profile_no")).alias("profile_no"), "held"
    )
    held = F.array_sort(F.flatten(F.collect_list("held")))
    joined = owned.groupBy("owner").agg(F.max("profile_no").alias("profile_no"), held.alias("all_held"))
    # sorted by segment, then time: the first of each segment is its earliest entry
    earliest = F.filter(
        "all_held",
        lambda one, place: (place == 0)
        | (one.getField("segment_no") != F.get("all_held", place - 1).getField("segment_no")),
    )
    return joined.select(F.col("owner").alias("profile_id"), "profile_no", earliest.alias("held"))


def moves(before: DataFrame | None, now: DataFrame, as_of: datetime, set_aside: Iterable[int] = ()) -> DataFrame:
    """A row is a profile that is or was in a segment, or was looked at: what it holds now, and what changed.

    before     `profile_id, profile_no, held`, or None before the first evaluation
    now        `profile_id, profile_no, segments` (ascending), `next_change_at, failed, cost`, as the evaluation gives them
    set_aside  segments that could not be evaluated: who was in them still is, and nobody enters or leaves
    returns    `profile_id, profile_no, held, entered array<int>, left array<(segment_no, entered_at)>, evaluated boolean,
               next_change_at, failed, cost`
    """
    at = F.lit(as_of).cast("timestamp")
    found = now.select(
        "profile_id", "profile_no", "segments", "next_change_at", "failed", "cost", F.lit(True).alias("looked_at")
    )
    if before is None:
        both = found.withColumn("held_before", F.array().cast(HELD))
    else:
        was = before.select("profile_id", F.col("profile_no").alias("no_before"), F.col("held").alias("held_before"))
        both = found.join(was, "profile_id", how="full").withColumns({
            "profile_no": F.coalesce("profile_no", "no_before"),
            "segments": F.coalesce("segments", F.array().cast("array<int>")),
            "held_before": F.coalesce("held_before", F.array().cast(HELD)),
        })  # fmt: skip
    aside = sorted(set_aside)
    stays = _contains("segments", "segment_no")
    if aside:
        numbers = F.array(*(F.lit(number) for number in aside))
        both = both.withColumn("segments", F.array_except("segments", numbers))
        stays = _contains("segments", "segment_no", aside)
    entered = F.array_except("segments", F.transform("held_before", lambda one: one.getField("segment_no")))
    kept = F.filter("held_before", stays)
    left = F.filter("held_before", lambda one: ~stays(one))
    new = F.transform(entered, lambda number: F.struct(number.alias("segment_no"), at.alias("entered_at")))
    return both.select(
        "profile_id",
        "profile_no",
        F.array_sort(F.concat(kept, new.cast(HELD))).alias("held"),
        entered.alias("entered"),
        left.alias("left"),
        F.coalesce("looked_at", F.lit(False)).alias("evaluated"),
        "next_change_at",
        "failed",
        "cost",
    )


def membership_rows(moved: DataFrame) -> DataFrame:
    """Rows of `membership`: a profile that is in a segment, with parallel arrays."""
    return moved.where(F.size("held") > 0).select(
        "profile_id",
        "profile_no",
        F.transform("held", lambda one: one.getField("segment_no")).alias("segments"),
        F.transform("held", lambda one: one.getField("entered_at")).alias("entered_at"),
    )


def first_membership_rows(now: DataFrame, as_of: datetime) -> DataFrame:
    """Rows of `membership` where nobody was in a segment before: everybody has entered at `as_of`."""
    entered_at = F.array_repeat(F.lit(as_of).cast("timestamp"), F.size("segments"))
    return now.where(F.size("segments") > 0).select(
        "profile_id", "profile_no", "segments", entered_at.alias("entered_at")
    )


def first_change_rows(now: DataFrame, as_of: datetime, run_id: str) -> DataFrame:
    """Rows of `membership_change` where nobody was in a segment before."""
    at = F.lit(as_of).cast("timestamp")
    entered = now.select("profile_id", "profile_no", F.explode("segments").alias("segment_no"))
    return entered.select(
        "profile_id", "profile_no", "segment_no", F.lit("entered").alias("change"), at.alias("at"),
        at.alias("entered_at"), F.lit(run_id).alias("run_id"),
    )  # fmt: skip


def change_rows(moved: DataFrame, as_of: datetime, run_id: str) -> DataFrame:
    """Rows of `membership_change`: an entry or an exit at `as_of`; an exit keeps when the membership had begun."""
    at = F.lit(as_of).cast("timestamp")
    entries = F.transform(
        "entered",
        lambda number: F.struct(number.alias("segment_no"), F.lit("entered").alias("change"), at.alias("entered_at")),
    )
    exits = F.transform(
        "left",
        lambda one: F.struct(
            one.getField("segment_no").alias("segment_no"),
            F.lit("left").alias("change"),
            one.getField("entered_at").alias("entered_at"),
        ),
    )
    return moved.select("profile_id", "profile_no", F.explode(F.concat(entries, exits)).alias("one")).select(
        "profile_id", "profile_no", "one.segment_no", "one.change", at.alias("at"), "one.entered_at",
        F.lit(run_id).alias("run_id"),
    )  # fmt: skip


def figures_of(moved: DataFrame) -> DataFrame:
    """A row is a figure of a segment: `figure, segment_no, detail, rows`, in one pass.

    `figure` is evaluated (profiles looked at; segment 0), entered, left, or failed with the kind of error as `detail`.
    """

    def one(figure: str, number: Column, detail: Column | None = None) -> Column:
        told = F.lit(None).cast("string") if detail is None else detail
        return F.struct(F.lit(figure).alias("figure"), number.cast("int").alias("segment_no"), told.alias("detail"))

    counted = F.concat(
        F.when(F.col("evaluated"), F.array(one("evaluated", F.lit(0)))).otherwise(F.array()),
        F.transform("entered", lambda number: one("entered", number)),
        F.transform("left", lambda member: one("left", member.getField("segment_no"))),
        F.transform(
            F.coalesce("failed", F.array()),
            lambda rule: one("failed", rule.getField("segment_no"), rule.getField("error")),
        ),
    )
    figures = moved.select(F.explode(counted).alias("one"))
    return figures.groupBy("one.figure", "one.segment_no", "one.detail").agg(F.count(F.lit(1)).alias("rows"))


def sizes_of(memberships: DataFrame) -> DataFrame:
    """A row is a segment that has members: `segment_no, members`."""
    one_by_one = memberships.select(F.explode("segments").alias("segment_no"))
    return one_by_one.groupBy("segment_no").agg(F.count(F.lit(1)).alias("members"))


def _contains(segments: str, member: str, always: Iterable[int] = ()) -> Callable[[Column], Column]:
    fixed = list(always)

    def test(one: Column) -> Column:
        number = one.getField(member)
        there = F.array_contains(F.col(segments), number)
        return there | number.isin(fixed) if fixed else there

    return test
