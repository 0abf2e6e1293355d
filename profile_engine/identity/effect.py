"""What a new graph would do to the profiles of the last one: how many people, of what sizes, and which ids are touched most."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from profile_engine.identity.graph_figures import SIZE_BOUNDS, size_words
from profile_engine.identity.links import DROPPED, LIVE
from profile_engine.lake.identity_changes import MERGED_INTO, MOVED, SPLIT_FROM

KINDS = (MERGED_INTO, SPLIT_FROM, MOVED)


@dataclass(frozen=True)
class Shape:
    """A graph in numbers, as `before and after` shows it."""

    identifiers: int
    links: int
    links_dropped: int
    profiles: int
    largest_profile: int
    sizes: dict[str, int]
    """Profiles by the words for their size: `1`, `3-4`, `over 1024`."""


@dataclass(frozen=True)
class Regrouping:
    """One id that gains or loses others: profiles that merge into it, that split from it, or whose identifiers move to it."""

    kind: str
    profile_id: str
    others: tuple[str, ...]
    """The smallest ids of the others, at most so many as were asked for."""
    other_profiles: int
    identifiers: int
    """Of a move the identifiers that move; else 0."""


def shape(identity_map: DataFrame, links: DataFrame) -> Shape:
    """By one job.

    identity_map  (identifier_id bigint, profile_id string)
    links         (left_id bigint, right_id bigint, state string, ..)
    """
    profiles = identity_map.groupBy("profile_id").agg(F.count("*").alias("size"))
    size = F.col("size")
    counted = profiles.agg(
        F.coalesce(F.sum("size"), F.lit(0)).alias("identifiers"),
        F.count("*").alias("profiles"),
        F.coalesce(F.max("size"), F.lit(0)).alias("largest_profile"),
        *(F.count_if((size > low) & (size <= high)).alias(f"size_{place}") for place, (low, high) in _places()),
    )
    states = links.agg(
        F.count_if(F.col("state") == LIVE).alias("links"), F.count_if(F.col("state") == DROPPED).alias("links_dropped")
    )
    row = counted.crossJoin(states).first()
    assert row is not None
    figures = row.asDict()
    sizes = size_words(tuple(figures.pop(f"size_{place}") for place, _ in _places()))
    return Shape(sizes=sizes, **figures)


def largest_regroupings(changes: DataFrame, examples: int) -> tuple[Regrouping, ...]:
    """The ids that are touched most, of each kind so many; by one job.

    changes  rows of the table `identity_change`
    """
    survivor = F.when(F.col("change") == MOVED, F.col("profile_id")).otherwise(F.col("other_profile_id"))
    other = F.when(F.col("change") == MOVED, F.col("other_profile_id")).otherwise(F.col("profile_id"))
    touched = changes.filter(F.col("change").isin(list(KINDS))).select(
        "change", survivor.alias("survivor"), other.alias("other"), "identifier_id"
    )
    grouped = touched.groupBy("change", "survivor").agg(
        F.slice(F.array_sort(F.collect_set("other")), 1, max(examples, 1)).alias("others"),
        F.count_distinct("other").alias("other_profiles"),
        F.count("identifier_id").alias("identifiers"),
    )
    most_first = Window.partitionBy("change").orderBy(F.desc("other_profiles"), F.desc("identifiers"), "survivor")
    rows = grouped.withColumn("place", F.row_number().over(most_first)).filter(F.col("place") <= examples).collect()
    found = [
        Regrouping(row["change"], row["survivor"], tuple(row["others"]), row["other_profiles"], row["identifiers"])
        for row in rows
    ]
    return tuple(
        sorted(found, key=lambda one: (KINDS.index(one.kind), -one.other_profiles, -one.identifiers, one.profile_id))
    )


def _places() -> list[tuple[int, tuple[int, int]]]:
    return list(enumerate(SIZE_BOUNDS))
