"""Who was in which segment at a past time, told from the log of changes and from what became of profile ids.

The log is replayed: the last change of a person and a segment says whether they were in. Where people were merged, the
survivor held what both held, each from its earliest entry, from the merge on; so the changes of everybody who was ever
merged are replayed in the order of time, together with the merges.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.lake.identity_changes import MERGED_INTO
from profile_engine.segments.change_log import ENTERED, one_by_one
from profile_engine.segments.redirects import end_of_chain

HELD_THEN = "profile_id string, segment_no int, entered_at timestamp"
_CLUSTER = "profile_id string, cluster string"
_REPLAYED = (
    "cluster string, profile_id string, into string, segment_no int, change string, at timestamp, entered_at timestamp"
)


def held_at(changes: DataFrame, identity_changes: DataFrame, as_of: datetime) -> DataFrame:
    """A row is a membership that the last evaluation at or before `as_of` left: `profile_id, segment_no, entered_at`.

    changes           `membership_change`
    identity_changes  `identity_change`; ids are those that people had at `as_of`
    """
    until = F.col("at") <= F.lit(as_of)
    known = one_by_one(changes.where(until)).select("profile_id", "segment_no", "change", "at", "entered_at")
    merges = identity_changes.where(until & (F.col("change") == MERGED_INTO)).select(
        "profile_id", F.col("other_profile_id").alias("into"), "at"
    )
    clusters = clusters_of(merges)
    of_merged = known.join(clusters, "profile_id", how="inner").withColumn("into", F.lit(None).cast("string"))
    of_merged = of_merged.unionByName(
        merges.join(clusters, "profile_id", how="inner").withColumn("change", F.lit(MERGED_INTO)),
        allowMissingColumns=True,
    )
    names = [column.split(" ")[0] for column in _REPLAYED.split(", ")]
    replayed_rows = of_merged.select(*names).groupBy("cluster").applyInArrow(_replayed_table, HELD_THEN)
    alone = known.join(clusters, "profile_id", how="left_anti").groupBy("profile_id", "segment_no")
    last = alone.agg(F.max_by(F.struct("change", "entered_at"), "at").alias("last"))
    still_in = last.where(F.col("last.change") == ENTERED).select("profile_id", "segment_no", "last.entered_at")
    return still_in.unionByName(replayed_rows)


def clusters_of(merges: DataFrame) -> DataFrame:
    """A row is an id that took part in a merge: `profile_id, cluster`, equal for all that merges join, in one task."""
    pairs = merges.select("profile_id", "into").withColumn("whole", F.lit(True))
    return pairs.groupBy("whole").applyInArrow(_clusters_table, _CLUSTER)


def _clusters_table(merges: pa.Table) -> pa.Table:
    found = joined_ids(zip(merges.column("profile_id").to_pylist(), merges.column("into").to_pylist(), strict=True))
    return pa.table(
        {"profile_id": pa.array(list(found), pa.string()), "cluster": pa.array(list(found.values()), pa.string())}
    )


def joined_ids(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Each id of the pairs, and the least id of those that pairs join it to."""
    root: dict[str, str] = {}

    def top(one: str) -> str:
        root.setdefault(one, one)
        while root[one] != one:
            root[one] = root[root[one]]
            one = root[one]
        return one

    for first, second in pairs:
        one, other = sorted((top(first), top(second)))
        root[other] = one
    return {one: top(one) for one in sorted(root)}


def _replayed_table(rows: pa.Table) -> pa.Table:
    held = list(replayed(rows.to_pylist()))
    columns = zip(*held, strict=True) if held else ((), (), ())
    types = (pa.string(), pa.int32(), pa.timestamp("us", "UTC"))
    names = [column.split(" ")[0] for column in HELD_THEN.split(", ")]
    return pa.table({name: pa.array(list(one), of) for name, one, of in zip(names, columns, types, strict=True)})


def replayed(rows: Iterable[dict[str, Any]]) -> Iterator[tuple[str, int, datetime]]:
    """(profile id, segment number, entered at) of those that are in after all rows, which are put in the order of time.

    Merges come before the changes of their own time, as an evaluation follows them, each to the end of its chain.
    """
    held: dict[str, dict[int, datetime]] = {}
    for _, at_once in groupby(sorted(rows, key=lambda row: row["at"]), key=lambda row: row["at"]):
        of_one_time = list(at_once)
        into = {row["profile_id"]: row["into"] for row in of_one_time if row["change"] == MERGED_INTO}
        for loser in into:
            theirs = held.setdefault(end_of_chain(loser, into), {})
            for segment, entered_at in held.pop(loser, {}).items():
                theirs[segment] = min(theirs.get(segment, entered_at), entered_at)
        for row in of_one_time:
            if row["change"] == ENTERED:
                held.setdefault(row["profile_id"], {})[row["segment_no"]] = row["entered_at"]
            elif row["change"] != MERGED_INTO:
                held.setdefault(row["profile_id"], {}).pop(row["segment_no"], None)
    for profile_id in sorted(held):
        for segment, entered_at in sorted(held[profile_id].items()):
            yield profile_id, segment, entered_at
