"""Pairs of records that are probably one person, as sightings: every limit, rule and gate then holds for them too."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from profile_engine.errors import LakeError
from profile_engine.identity.config import FuzzyConfig
from profile_engine.identity.fuzzy.splink_matching import RECORD, matched_pairs, need_splink

FUZZY = "fuzzy"
"""The dataset of these sightings; no project's dataset, which a file name would have to be."""
PAIRS = "left_id bigint, right_id bigint, probability double"


def matches(records: DataFrame, config: FuzzyConfig) -> DataFrame:
    """The pairs of owners that Splink holds for one person, found in one task.

    records  of `records.compared_records`
    returns  (left_id bigint, right_id bigint, probability double), left_id < right_id

    Raises PlatformError where Splink is not installed, LakeError for more records than `most_records`.
    """
    need_splink()
    count = records.count()
    if count > config.most_records:
        raise LakeError(
            f"{count} records are to be compared, and one task compares at most {config.most_records}; raise "
            "fuzzy.most_records in conf/identity/stitching.yaml if a task has the memory, or compare fewer datasets"
        )

    def match(batches: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
        collected = list(batches)
        if collected:
            yield from matched_pairs(pa.Table.from_batches(collected), config).to_batches()

    given = records.select(F.col("owner_id").alias(RECORD), *config.compare)
    return given.coalesce(1).mapInArrow(match, PAIRS)


def fuzzy_sightings(pairs: DataFrame, records: DataFrame, identifiers: DataFrame, priority: Column) -> DataFrame:
    """A sighting of both owners for each pair.

    pairs        of `matches`
    records      (owner_id bigint, seen_at timestamp, ..)
    identifiers  (identifier_id bigint, ..), over which `priority` tells the priority of an identifier's namespace
    returns      (dataset string, record_id string, seen_at timestamp, identifier_ids array<bigint>), the better end first;
                 the record is the pair, seen when the later of both was
    """
    ends = pairs
    for side in ("left_id", "right_id"):
        seen = records.select(F.col("owner_id").alias(side), F.col("seen_at").alias(f"{side}_seen"))
        ranks = identifiers.select(F.col("identifier_id").alias(side), priority.alias(f"{side}_priority"))
        ends = ends.join(seen, side, how="inner").join(ranks, side, how="inner")
    in_order = F.array_sort(
        F.array(
            *(
                F.struct(F.col(f"{side}_priority").alias("priority"), F.col(side).alias("id"))
                for side in ("left_id", "right_id")
            )
        )
    )
    return ends.select(
        F.lit(FUZZY).alias("dataset"),
        F.concat_ws("|", F.col("left_id").cast("string"), F.col("right_id").cast("string")).alias("record_id"),
        F.greatest("left_id_seen", "right_id_seen").alias("seen_at"),
        F.transform(in_order, lambda end: end["id"]).alias("identifier_ids"),
    )


def with_probability(links: DataFrame, pairs: DataFrame) -> DataFrame:
    """The links with `probability double`: of those that only matching found; null where a record showed both ends."""
    only_fuzzy = (F.size("datasets") == 1) & F.array_contains("datasets", FUZZY)
    joined = links.drop("probability").join(pairs, ["left_id", "right_id"], how="left")
    return joined.withColumn("probability", F.when(only_fuzzy, F.col("probability")))
