"""Which part of the graph a day's news touch: whole components of everything that was ever linked, dropped links included."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.identity.links import between
from profile_engine.identity.settled import settled

Solve = Callable[[DataFrame, DataFrame], DataFrame]
"""Links (left_id, right_id) and identifiers to (identifier_id, component) of all identifiers in both."""


@dataclass(frozen=True)
class Touched:
    """The identifiers of all components that the news touch."""

    before: DataFrame
    """(identifier_id bigint, before string): those of the last graph, with the profile that they had; on disk."""
    within: DataFrame
    """(identifier_id bigint): all of them, new ones too, a row each; on disk."""


def touched_identifiers(seeds: DataFrame, pairs: DataFrame, before: DataFrame, solve: Solve) -> Touched:
    """The identifiers of all components that hold a seed, over what was linked before, live or dropped, and what is new.

    seeds    (identifier_id bigint), distinct: in sightings that are new, changed or gone
    pairs    (left_id bigint, right_id bigint): what is new, and the links of the last graph that are dropped
    before   (identifier_id bigint, before string), the last graph; looked through twice

    Limits and linking rules are decided inside such a component, so that what is outside stays as it is. The last graph
    enters contracted: of a profile only the identifiers that are an end of a pair, as a star, so that what is solved is as
    large as the news. (graphframes #358 asks for this; the scheme is that of contraction through old labels.)
    """
    ends = settled(
        pairs.select(F.explode(F.array("left_id", "right_id")).alias("identifier_id"))
        .unionByName(seeds.select("identifier_id"))
        .distinct()
    )
    had = settled(before.join(F.broadcast(ends), "identifier_id", how="inner"))
    centre = had.groupBy("before").agg(F.min("identifier_id").alias("centre"))
    stars = between(had.join(centre, "before", how="inner"), "centre", "identifier_id")
    contracted = pairs.select("left_id", "right_id").unionByName(stars.select("left_id", "right_id"))
    solved = settled(solve(contracted, ends))
    hit = solved.join(seeds, "identifier_id", how="left_semi").select("component").distinct()
    inside = settled(solved.join(hit, "component", how="left_semi").select("identifier_id"))
    profiles = had.join(inside, "identifier_id", how="left_semi").select("before").distinct()
    known = settled(before.join(F.broadcast(profiles), "before", how="left_semi").select("identifier_id", "before"))
    new = inside.join(had, "identifier_id", how="left_anti")
    return Touched(known, settled(known.select("identifier_id").unionByName(new)))


def pairs_of(sightings: DataFrame) -> DataFrame:
    """(left_id, right_id) that join the identifiers of each sighting, as a star around the first; a pair seen twice is there
    twice.

    sightings  (identifier_ids array<bigint>, ..)
    """
    lists = sightings.select("identifier_ids").filter(F.size("identifier_ids") > 1)
    rays = lists.select(F.get("identifier_ids", F.lit(0)).alias("centre"), F.explode("identifier_ids").alias("other"))
    return between(rays, "centre", "other").select("left_id", "right_id")


def identifiers_of(sightings: DataFrame) -> DataFrame:
    """(identifier_id), distinct, of sightings (identifier_ids array<bigint>, ..)."""
    return sightings.select(F.explode("identifier_ids").alias("identifier_id")).distinct()
