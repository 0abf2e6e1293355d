"""Records that a ruling parts: who is still together on a record when links on it are cut."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import combinations
from typing import TypeVar

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.identity.joined_sets import JoinedSets
from profile_engine.identity.linking_rules.live_links import Link

Member = TypeVar("Member")
_PARTS = "identifier_ids array<bigint>, identifier_id bigint, part int"


def parts_of(
    record: Sequence[Member], cut: Collection[frozenset[Member]], kept: Collection[frozenset[Member]]
) -> list[tuple[Member, ...]]:
    """The identifiers of a record that are still together, in the record's order: those with the best first.

    record  distinct identifiers, the best one first, to which the others are linked
    cut     links that are none; one between two others than the best parts nobody, as a record is a star
    kept    links that hold where both ends are on the record
    """
    sets: JoinedSets[Member] = JoinedSets()
    for other in record[1:]:
        if frozenset((record[0], other)) not in cut:
            sets.join(record[0], other)
    if kept:
        for one, other in combinations(record, 2):
            if frozenset((one, other)) in kept:
                sets.join(one, other)
    parts: dict[Member, list[Member]] = {}
    for one in record:
        parts.setdefault(sets.of(one), []).append(one)
    return [tuple(part) for part in parts.values()]


def with_parts(members: DataFrame, cut: Collection[Link], kept: Collection[Link]) -> DataFrame:
    """Members of combinations beside the part of the record that they are in.

    members  (identifier_ids array<bigint>, place int, identifier_id bigint, ..)
    cut      at least one link; few
    returns  those columns, and `part int`: 0 of those that are still with the best

    Only records that hold both ends of a link that is cut are looked into.
    """
    spark = members.sparkSession
    ends = F.broadcast(spark.createDataFrame(sorted(cut), "identifier_id bigint, other_end bigint"))
    held = members.join(ends, "identifier_id", how="inner").filter("array_contains(identifier_ids, other_end)")
    inside = members.join(held.select("identifier_ids").distinct(), "identifier_ids", how="left_semi")
    records = inside.groupBy("identifier_ids").agg(
        F.array_sort(F.collect_list(F.struct("place", "identifier_id"))).alias("in_order")
    )
    records = records.select("identifier_ids", F.col("in_order.identifier_id").alias("record"))
    parts = records.mapInArrow(_parted(cut, kept), _PARTS)
    found = members.join(parts, ["identifier_ids", "identifier_id"], how="left")
    return found.select(*members.columns, F.coalesce("part", F.lit(0)).alias("part"))


def _parted(
    cut: Collection[Link], kept: Collection[Link]
) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    cuts, keeps = frozenset(map(frozenset, cut)), frozenset(map(frozenset, kept))

    def of_records(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            rows = batch.to_pydict()
            found = [
                (ids, one, part)
                for ids, record in zip(rows["identifier_ids"], rows["record"], strict=True)
                for part, members in enumerate(parts_of(list(dict.fromkeys(record)), cuts, keeps))
                for one in members
            ]
            yield pa.RecordBatch.from_arrays(
                [
                    pa.array([ids for ids, _, _ in found], pa.list_(pa.int64())),
                    pa.array([one for _, one, _ in found], pa.int64()),
                    pa.array([part for _, _, part in found], pa.int32()),
                ],
                names=["identifier_ids", "identifier_id", "part"],
            )

    return of_records
