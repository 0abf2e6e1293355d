"""Leaves: identifiers with a single link, taken off before a large graph is solved and hung back after."""

from __future__ import annotations

from collections.abc import Callable

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.storagelevel import StorageLevel

Solve = Callable[[DataFrame], DataFrame]
"""Links (left_id, right_id) to (identifier_id, component) of the identifiers in them."""


def solved_without_leaves(links: DataFrame, identifiers: DataFrame | None, solve: Callable[[int], Solve]) -> DataFrame:
    """The components of `links`, as `profile_engine.identity.components` promises, of which only the links between
    identifiers that are no leaves are solved; runs at once, the answer is on disk.

    solve    the solver for so many inner links

    Most identifiers of a star are leaves (the cookies of a person), so that the graph that needs rounds of shuffles is a
    small part of all links. Each step is computed once: what links come from may be dear.
    """
    pairs = links.select(
        F.least("left_id", "right_id").alias("left_id"), F.greatest("left_id", "right_id").alias("right_id")
    )
    pairs = pairs.distinct().persist(StorageLevel.MEMORY_AND_DISK)
    sided = _sided(pairs.filter("left_id <> right_id")).persist(StorageLevel.MEMORY_AND_DISK)
    inner = sided.filter("leaf_id IS NULL").select("left_id", "right_id")
    solved = solve(inner.count())(inner)
    held = _held(sided.filter("leaf_id IS NOT NULL").select("leaf_id", "held_by"), solved)
    held = held.persist(StorageLevel.MEMORY_AND_DISK)
    try:
        # an identifier may be known through a loop only
        alone = pairs.filter("left_id = right_id").select(F.col("left_id").alias("identifier_id"))
        if identifiers is not None:
            alone = alone.unionByName(identifiers.select("identifier_id"))
        return _hung_back(solved, held, alone).localCheckpoint()
    finally:
        for frame in (held, sided, pairs):
            frame.unpersist()


def _sided(links: DataFrame) -> DataFrame:
    """`links` with `leaf_id` and the identifier that it is `held_by`, both null where neither end is a leaf.

    Of a pair that is linked with each other only, the larger one is the leaf.

    links    (left_id bigint, right_id bigint), left_id < right_id, distinct
    """
    ends = links.select(F.explode(F.array("left_id", "right_id")).alias("identifier_id"))
    degrees = ends.groupBy("identifier_id").agg(F.count("*").alias("degree"))
    sided = links
    for side in ("left", "right"):
        of_side = degrees.select(F.col("identifier_id").alias(f"{side}_id"), F.col("degree").alias(f"{side}_degree"))
        sided = sided.join(of_side, f"{side}_id", how="inner")
    right_is_leaf, left_is_leaf = F.col("right_degree") == 1, F.col("left_degree") == 1
    return sided.select(
        "left_id",
        "right_id",
        F.when(right_is_leaf, F.col("right_id")).when(left_is_leaf, F.col("left_id")).alias("leaf_id"),
        F.when(right_is_leaf, F.col("left_id")).when(left_is_leaf, F.col("right_id")).alias("held_by"),
    )


def _held(leaves: DataFrame, solved: DataFrame) -> DataFrame:
    """(leaf_id, held_by, component, is_alone): the component of the holder, by itself where it holds leaves only."""
    of_holders = solved.select(F.col("identifier_id").alias("held_by"), "component")
    held = leaves.join(of_holders, "held_by", how="left")
    return held.select(
        "leaf_id",
        "held_by",
        F.coalesce("component", "held_by").alias("component"),
        F.col("component").isNull().alias("is_alone"),
    )


def _hung_back(solved: DataFrame, held: DataFrame, alone: DataFrame) -> DataFrame:
    """(identifier_id, component) of all identifiers, with the smallest of each component as its name."""
    holders = held.filter("is_alone").select(F.col("held_by").alias("identifier_id"), "component").distinct()
    members = (
        solved.select("identifier_id", "component")
        .unionByName(held.select(F.col("leaf_id").alias("identifier_id"), "component"))
        .unionByName(holders)
    )
    # a leaf may be smaller than all that were solved
    smallest = held.groupBy("component").agg(F.min("leaf_id").alias("smallest_leaf"))
    named = members.join(smallest, "component", how="left").select(
        "identifier_id", F.least("component", "smallest_leaf").alias("component")
    )
    others = alone.select("identifier_id").distinct().join(named, "identifier_id", how="left_anti")
    return named.unionByName(others.select("identifier_id", F.col("identifier_id").alias("component")))
