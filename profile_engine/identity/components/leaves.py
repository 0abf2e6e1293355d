"""Leaves: identifiers with a single link, taken off before a large graph is solved and hung back after."""

from __future__ import annotations

from collections.abc import Callable

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def inner_links_and_leaves(links: DataFrame) -> tuple[DataFrame, DataFrame]:
    """Split a graph into the links that need solving, and the identifiers that hang on one other.

    links    (left_id bigint, right_id bigint), left_id < right_id, distinct
    returns  links between identifiers that are no leaves, and leaves (leaf_id bigint, held_by bigint)

    Of a pair that is linked with each other only, the larger one is the leaf. Most identifiers of a star are leaves (the
    cookies of a person), so that the graph that needs rounds of shuffles is a small part of all links.
    """
    ends = links.select(F.explode(F.array("left_id", "right_id")).alias("identifier_id"))
    degrees = ends.groupBy("identifier_id").agg(F.count("*").alias("degree"))
    sided = links
    for side in ("left", "right"):
        of_side = degrees.select(F.col("identifier_id").alias(f"{side}_id"), F.col("degree").alias(f"{side}_degree"))
        sided = sided.join(of_side, f"{side}_id", how="inner")
    right_is_leaf = F.col("right_degree") == 1
    left_is_leaf = (F.col("left_degree") == 1) & ~right_is_leaf
    leaves = sided.filter(right_is_leaf | left_is_leaf).select(
        F.when(right_is_leaf, F.col("right_id")).otherwise(F.col("left_id")).alias("leaf_id"),
        F.when(right_is_leaf, F.col("left_id")).otherwise(F.col("right_id")).alias("held_by"),
    )
    return sided.filter(~right_is_leaf & ~left_is_leaf).select("left_id", "right_id"), leaves


def solved_without_leaves(
    inner: DataFrame, leaves: DataFrame, identifiers: DataFrame, solve: Callable[[DataFrame], DataFrame]
) -> DataFrame:
    """The components of the whole graph, of which only `inner` is solved.

    solve    links (left_id, right_id) to (identifier_id, component) of the identifiers in them
    returns  (identifier_id bigint, component bigint), as `profile_engine.identity.components` promises
    """
    solved = solve(inner)
    holders = leaves.join(
        solved.select(F.col("identifier_id").alias("held_by"), "component"), "held_by", how="left"
    ).withColumn("component", F.coalesce("component", "held_by"))
    members = (
        solved.select("identifier_id", "component")
        .unionByName(holders.select(F.col("leaf_id").alias("identifier_id"), "component"))
        # who holds leaves only, is in no inner link
        .unionByName(holders.select(F.col("held_by").alias("identifier_id"), "component"))
    )
    alone = identifiers.select("identifier_id").join(members.select("identifier_id"), "identifier_id", how="left_anti")
    members = members.unionByName(alone.select("identifier_id", F.col("identifier_id").alias("component"))).distinct()
    # a leaf may be smaller than all that were solved
    smallest = members.groupBy("component").agg(F.min("identifier_id").alias("smallest"))
    return members.join(smallest, "component", how="inner").select(
        "identifier_id", F.col("smallest").alias("component")
    )
