"""The stage `profiles`: raw records and the identity graph become profiles, raw events become the timeline."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.lake.tables import RAW_PREFIX
from profile_engine.observability.stage_report import StageReport
from profile_engine.profiles.fragments import fragments_by_profile, fragments_of
from profile_engine.profiles.merge import merged_fragments
from profile_engine.profiles.profile_rows import people_of_graph, people_of_owners, profile_rows
from profile_engine.profiles.timeline_writing import TIMELINE, write_timeline
from profile_engine.schemas.spark_types import spark_type_of

if TYPE_CHECKING:
    from profile_engine.lake.runs import Run
    from profile_engine.project.project import Project

STAGE = "profiles"
PROFILE = "profile"
IDENTITY_TABLES = ("identifier", "identity_map", "identity_change")


def build_profiles(run: Run, project: Project) -> StageReport:
    """Writes `profile` (a row per person and merge policy) and `timeline` (a row per event with an owner).

    Reads the raw tables of all profile-enabled datasets and the identity graph; writes what differs. Figures:
    `profiles` (people under the default policy), `fragments` (records with an owner), `fragments waiting` (whose owner
    the graph does not know yet, if any), `events` (written to the timeline in this run), `profiles new`,
    `profiles changed` and `profiles gone` (rows, over all policies).
    """
    records, events = _datasets_of(project, "record"), _datasets_of(project, "event")
    tables = [*(RAW_PREFIX + dataset for dataset in (*records, *events)), *IDENTITY_TABLES]
    configuration = project.configuration_hash(STAGE)
    if run.why_run(STAGE, tables, configuration) is None:
        return StageReport(STAGE, skipped="no record, event or identity moved")
    written = write_timeline(run, STAGE, project, events, configuration)
    figures = _write_profiles(run, project, records)
    run.stage_done(STAGE, tables, configuration)
    return StageReport(STAGE, {**figures, "events": written})


def _datasets_of(project: Project, class_: str) -> tuple[str, ...]:
    return tuple(
        name
        for name, dataset in project.enabled_datasets().items()
        if project.schemas[dataset.schema_name].class_ == class_
    )


def _write_profiles(run: Run, project: Project, records: tuple[str, ...]) -> dict[str, int]:
    union = spark_type_of(project.record_union.fields)
    fragments = (
        fragments_of({dataset: run.read(RAW_PREFIX + dataset) for dataset in records}, union) if records else None
    )
    located = None if fragments is None else fragments_by_profile(fragments, run.read("identity_map"))
    by_graph = {name: policy for name, policy in project.merge_policies.items() if policy.identity_graph}
    by_owner = {name: policy for name, policy in project.merge_policies.items() if not policy.identity_graph}
    parts = []
    if by_graph:
        people = people_of_graph(
            run.read("identity_map"), run.read("identifier"), run.read("identity_change"), project.namespaces.names
        )
        merged = None
        if located is not None:
            known = located.where(F.col("profile_id").isNotNull())
            merged = merged_fragments(known, "profile_id", union, by_graph, records)
        parts.append(profile_rows(people, merged, "profile_id", union, by_graph))
    if by_owner:
        owners = people_of_owners(_owner_ids(run, fragments), run.read("identifier"), project.namespaces.names)
        merged = None if fragments is None else merged_fragments(fragments, "owner_id", union, by_owner, records)
        parts.append(profile_rows(owners, merged, "owner_id", union, by_owner))
    counts = run.merge(PROFILE, reduce(DataFrame.unionByName, parts), delete_missing=True)
    return {
        "profiles": run.read(PROFILE).where(F.col("merge_policy") == project.default_merge_policy).count(),
        **({} if located is None else _fragment_figures(located)),
        "profiles new": counts.inserted,
        "profiles changed": counts.updated,
        "profiles gone": counts.deleted,
    }


def _owner_ids(run: Run, fragments: DataFrame | None) -> DataFrame:
    """Everybody whom records or events belong to, as policies without the identity graph see them."""
    of_events = run.read(TIMELINE).select("owner_id")
    return of_events if fragments is None else of_events.unionByName(fragments.select("owner_id"))


def _fragment_figures(located: DataFrame) -> dict[str, int]:
    """Counted for themselves: an observation inside a merge stays empty when the merge reads what it has cached."""
    ((fragments, known),) = located.agg(F.count(F.lit(1)), F.count("profile_id")).collect()
    return {"fragments": fragments, **({"fragments waiting": fragments - known} if fragments > known else {})}
