"""Gates of the identity graph: what a new graph has to pass before it becomes current."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.errors import LakeError
from profile_engine.identity.config import GateConfig
from profile_engine.schemas.namespace_rules import Namespaces


@dataclass(frozen=True)
class GraphFigures:
    """A graph in numbers."""

    seen: int
    """Identifiers in the sightings that count."""
    identifiers: int
    """Identifiers that have a profile."""
    profiles: int
    largest_profile: int
    people_with_two_crm_ids: int
    profiles_before: int
    profiles_changed: int
    links: int
    links_dropped: int
    links_torn: int
    """Live links whose ends are in different profiles or in none: always 0 in a sound graph."""


@dataclass(frozen=True)
class GateResult:
    """What `Run.add_gate` takes."""

    name: str
    passed: bool
    figure: str
    limit: str
    confirm_with: str


def crm_priority(namespaces: Namespaces) -> int | None:
    """The priority of the namespace that tells customers apart: the highest of kind person; None where there is none."""
    people = (namespaces.priority(config.name) for config in namespaces.configs if config.kind == "person")
    return min(people, default=None)


def graph_figures(
    seen: DataFrame, assigned: DataFrame, links: DataFrame, before: DataFrame, crm: int | None
) -> GraphFigures:
    """All figures of a graph by one job.

    seen      (identifier_id bigint, ..) a row per identifier of the sightings that count
    assigned  (identifier_id bigint, priority int, before string, profile_id string, ..)
    links     (left_id bigint, right_id bigint, state string, ..)
    before    (identifier_id bigint, before string), the last graph
    crm       of `crm_priority`

    A profile of the last graph counts as changed if it lost an identifier, or has one now that was another profile's; one
    that only gained new identifiers does not.
    """
    profiles = assigned.groupBy("profile_id").agg(
        F.count("*").alias("size"),
        F.count_if(F.col("priority") == F.lit(crm)).alias("crm_ids"),
        F.count_distinct("before").alias("origins"),
        F.count("before").alias("stayed"),
        F.min("before").alias("origin"),
    )
    was = before.groupBy(F.col("before").alias("was")).agg(F.count("*").alias("was_size"))
    # unchanged: the same identifiers under the same id, and none of another profile
    same = (F.col("was") == F.col("profile_id")) & (F.col("origins") == 1) & (F.col("origin") == F.col("was"))
    kept = profiles.join(was, F.col("profile_id") == F.col("was"), how="left").agg(
        F.coalesce(F.sum("size"), F.lit(0)).alias("identifiers"),
        F.count("*").alias("profiles"),
        F.coalesce(F.max("size"), F.lit(0)).alias("largest_profile"),
        F.count_if(F.col("crm_ids") > 1).alias("people_with_two_crm_ids"),
        F.count_if(same & (F.col("stayed") == F.col("was_size"))).alias("unchanged"),
    )
    of = assigned.select("identifier_id", "profile_id")
    ends = links.select("left_id", "right_id", "state")
    for side in ("left", "right"):
        ends = ends.join(
            of.select(F.col("identifier_id").alias(f"{side}_id"), F.col("profile_id").alias(f"{side}_profile")),
            f"{side}_id",
            how="left",
        )
    is_live = F.col("state") == "live"
    whole = F.coalesce(F.col("left_profile") == F.col("right_profile"), F.lit(False))
    joined = ends.agg(
        F.count_if(is_live).alias("links"),
        F.count_if(~is_live).alias("links_dropped"),
        F.count_if(is_live & ~whole).alias("links_torn"),
    )
    sizes = seen.agg(F.count("*").alias("seen")).crossJoin(was.agg(F.count("*").alias("profiles_before")))
    row = kept.crossJoin(joined).crossJoin(sizes).first()
    assert row is not None
    figures = row.asDict()
    unchanged = figures.pop("unchanged")
    return GraphFigures(profiles_changed=figures["profiles_before"] - unchanged, **figures)


def audit(figures: GraphFigures) -> None:
    """Raise LakeError for a graph that is not sound: a live link across profiles, an identifier lost or doubled."""
    if figures.links_torn:
        raise LakeError(
            f"the identity graph is not sound: {figures.links_torn} live links join identifiers of different profiles; "
            "nothing was published; this is a defect of the solver, please report it with the solver named in the log"
        )
    if figures.identifiers != figures.seen:
        raise LakeError(
            f"the identity graph is not sound: {figures.seen} identifiers were seen and {figures.identifiers} have a profile; "
            "nothing was published; this is a defect of the solver, please report it with the solver named in the log"
        )


def gates(config: GateConfig, figures: GraphFigures) -> Iterator[GateResult]:
    """The results of the gates that the project sets."""
    if config.largest_profile is not None:
        most = config.largest_profile.at_most
        yield GateResult(
            "largest_profile", figures.largest_profile <= most,
            f"the largest profile has {figures.largest_profile} identifiers", f"{most}", "--confirm largest_profile",
        )  # fmt: skip
    if config.profiles_changed is not None:
        limit, confirm = f"{config.profiles_changed.at_most:.2%}", "--confirm profiles_changed"
        if figures.profiles_before:
            share = figures.profiles_changed / figures.profiles_before
            yield GateResult(
                "profiles_changed", share <= config.profiles_changed.at_most,
                f"{figures.profiles_changed} of {figures.profiles_before} profiles changed ({share:.2%})", limit, confirm,
            )  # fmt: skip
        else:
            yield GateResult("profiles_changed", True, "skipped: no graph to compare with", limit, confirm)
    if config.people_with_two_crm_ids is not None:
        most = config.people_with_two_crm_ids.at_most
        yield GateResult(
            "people_with_two_crm_ids", figures.people_with_two_crm_ids <= most,
            f"{figures.people_with_two_crm_ids} profiles hold two customer ids", f"{most}",
            "--confirm people_with_two_crm_ids",
        )  # fmt: skip
