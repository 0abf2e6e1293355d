"""Measures a graph: all its figures, and what became of the last graph, by one job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from profile_engine.identity.graph_figures import SIZE_BOUNDS, SIZE_CLASSES, GraphFigures
from profile_engine.identity.hubs import hub_counts
from profile_engine.identity.links import LIVE
from profile_engine.schemas.namespace_rules import Namespaces
from profile_engine.schemas.namespaces import PERSON_KINDS


def person_priorities(namespaces: Namespaces) -> dict[int, str]:
    """The namespaces that tell people apart (person, e-mail, phone), by their priority."""
    return {namespaces.priority(one.name): one.name for one in namespaces.configs if one.kind in PERSON_KINDS}


def graph_figures(
    seen: DataFrame,
    assigned: DataFrame,
    links: DataFrame,
    before: DataFrame | None,
    namespaces: Namespaces,
    hub_persons: int | None = None,
) -> GraphFigures:
    """All figures of a graph by one job.

    seen         (identifier_id bigint, ..) a row per identifier of the sightings that count
    assigned     (identifier_id bigint, priority int, before string, profile_id string, profile_no bigint, ..);
                 profile_no is null but for profiles that are minted now or come back
    links        (left_id bigint, right_id bigint, state string, ..)
    before       (identifier_id bigint, before string), the last graph, or None where there was none
    hub_persons  of how many people a value is a hub; None: hubs are not counted
    """
    people = person_priorities(namespaces)
    profiles = assigned.groupBy("profile_id").agg(
        F.count("*").alias("size"),
        F.count_if(F.col("before") == F.col("profile_id")).alias("at_home"),
        F.count_if(F.col("before") != F.col("profile_id")).alias("arrived"),
        *_values(people, "now"),
    )
    wanted = [
        F.coalesce(F.sum("size"), F.lit(0)).alias("identifiers"),
        F.count("size").alias("profiles"),
        F.coalesce(F.max("size"), F.lit(0)).alias("largest_profile"),
        *_sizes("size"),
        *(F.count_if(F.col(f"now_{priority}") > 1).alias(f"two_now_{priority}") for priority in people),
    ]
    if before is not None:
        profiles = profiles.join(_past(assigned, before, people), F.col("was") == F.col("profile_id"), how="full")
        wanted += _comparisons(people)
    ends = _with_profiles(links, assigned)
    is_live = F.col("state") == LIVE
    whole = F.coalesce(F.col("left_profile") == F.col("right_profile"), F.lit(False))
    joined = ends.agg(
        F.count_if(is_live).alias("links"),
        F.count_if(~is_live).alias("links_dropped"),
        F.count_if(is_live & ~whole).alias("links_torn"),
    )
    one_row = profiles.agg(*wanted).crossJoin(joined).crossJoin(seen.agg(F.count("*").alias("seen")))
    if hub_persons is not None:
        one_row = one_row.crossJoin(hub_counts(ends.filter(is_live), people, namespaces, hub_persons))
    row = one_row.first()
    assert row is not None
    return _read(row.asDict(), people, namespaces)


def _values(people: Mapping[int, str], prefix: str) -> list[Column]:
    return [F.count_if(F.col("priority") == priority).alias(f"{prefix}_{priority}") for priority in people]


def _sizes(column: str) -> list[Column]:
    size = F.col(column)
    return [
        F.count_if((size > low) & (size <= high)).alias(f"{column}_{place}")
        for place, (low, high) in enumerate(SIZE_BOUNDS)
    ]


def _past(assigned: DataFrame, before: DataFrame, people: Mapping[int, str]) -> DataFrame:
    """The profiles of the last graph (was, was_size), and what became of their identifiers that are still seen."""
    became = (
        assigned.filter(F.col("before").isNotNull())
        .groupBy("before")
        .agg(
            F.count("*").alias("remained"),
            F.count_if(F.col("profile_no").isNotNull()).alias("in_new_profiles"),
            *_values(people, "was"),
        )
    )
    sizes = before.groupBy("before").agg(F.count("*").alias("was_size"))
    return sizes.join(became, "before", how="left").withColumnRenamed("before", "was")


def _comparisons(people: Mapping[int, str]) -> list[Column]:
    """A row of the frame is a profile of both graphs, of the new one only, or of the last one only."""
    was = F.col("was").isNotNull()
    at_home = F.coalesce("at_home", F.lit(0))
    unchanged = (at_home == F.col("was_size")) & (F.col("arrived") == 0)
    return [
        F.count("was").alias("profiles_before"),
        F.coalesce(F.max("was_size"), F.lit(0)).alias("largest_before"),
        *_sizes("was_size"),
        *(F.count_if(F.col(f"was_{priority}") > 1).alias(f"two_was_{priority}") for priority in people),
        F.count_if(was & ~F.coalesce(unchanged, F.lit(False))).alias("profiles_changed"),
        F.count_if(was & (F.col("remained") > 0) & (at_home == 0)).alias("profiles_merged"),
        F.count_if(was & (F.col("in_new_profiles") > 0)).alias("profiles_split"),
        F.count_if(was & (F.col("remained") > at_home)).alias("ids_changed"),
    ]


def _with_profiles(links: DataFrame, assigned: DataFrame) -> DataFrame:
    """Links with the profile and the priority of both ends."""
    ends = links.select("left_id", "right_id", "state")
    for side in ("left", "right"):
        of_side = assigned.select(
            F.col("identifier_id").alias(f"{side}_id"),
            F.col("profile_id").alias(f"{side}_profile"),
            F.col("priority").alias(f"{side}_priority"),
        )
        ends = ends.join(of_side, f"{side}_id", how="left")
    return ends


def _read(row: Mapping[str, int], people: Mapping[int, str], namespaces: Namespaces) -> GraphFigures:
    """The figures out of the columns of the one row."""
    places = range(len(SIZE_CLASSES) + 1)
    plain: dict[str, Any] = {name: row[name] for name in GraphFigures.__dataclass_fields__ if name in row}
    hubs = {name: row[f"hubs_{namespaces.priority(name)}"] for name in namespaces.names if "hubs_1" in row}
    return GraphFigures(
        **plain,
        sizes=tuple(row[f"size_{place}"] for place in places),
        sizes_before=tuple(row.get(f"was_size_{place}", 0) for place in places),
        two_values={name: row[f"two_now_{priority}"] for priority, name in people.items()},
        two_before={name: row.get(f"two_was_{priority}", 0) for priority, name in people.items()},
        hubs=hubs if "hubs_1" in row else None,
    )
