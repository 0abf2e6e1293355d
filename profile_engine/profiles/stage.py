"""The stage `profiles`: raw records and the identity graph become profiles, raw events become the timeline."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.lake.tables import RAW_PREFIX
from profile_engine.observability.stage_report import StageReport
from profile_engine.profiles.fragments import fragments_of
from profile_engine.profiles.merge import merged_people
from profile_engine.profiles.people import people_of_graph, people_of_owners
from profile_engine.profiles.profile_rows import profile_rows
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
    `profiles` (people under the default policy), `fragments` (records with an owner), `events` (written to the timeline
    in this run), and `profiles new`, `profiles changed`, `profiles gone` (rows, over all policies). Where only events
    moved, profiles are as they were.
    """
    records, events = _datasets_of(project, "record"), _datasets_of(project, "event")
    of_records, of_events = [[RAW_PREFIX + name for name in datasets] for datasets in (records, events)]
    configuration = project.configuration_hash(STAGE)
    tables = [*of_records, *of_events, *IDENTITY_TABLES]
    if run.why_run(STAGE, tables, configuration) is None:
        return StageReport(STAGE, skipped="no record, event or identity moved")
    release = run.lake.current_release()
    reconfigured = release is None or release.configurations.get(STAGE) != configuration
    written = write_timeline(run, STAGE, project, events, anew=reconfigured)
    by_owner = not all(policy.identity_graph for policy in project.merge_policies.values())
    read_for_profiles = tables if by_owner else [*of_records, *IDENTITY_TABLES]
    figures: dict[str, int] = {}
    if reconfigured or _any_moved(run, read_for_profiles):
        figures = _write_profiles(run, project, records)
    profiles = run.read(PROFILE).where(F.col("merge_policy") == project.default_merge_policy).count()
    run.stage_done(STAGE, tables, configuration)
    return StageReport(STAGE, {"profiles": profiles, **figures, "events": written})


def _datasets_of(project: Project, class_: str) -> tuple[str, ...]:
    return tuple(
        name
        for name, dataset in project.enabled_datasets().items()
        if project.schemas[dataset.schema_name].class_ == class_
    )


def _any_moved(run: Run, tables: list[str]) -> bool:
    read_last = run.inputs_of(STAGE)
    return any(run.version(table) != read_last.get(table) for table in tables)


def _write_profiles(run: Run, project: Project, records: tuple[str, ...]) -> dict[str, int]:
    union, namespaces = spark_type_of(project.record_union.fields), project.namespaces.names
    raw = {dataset: run.read(RAW_PREFIX + dataset) for dataset in records}
    fragments = fragments_of(raw, union) if raw else None
    by_graph = {name: policy for name, policy in project.merge_policies.items() if policy.identity_graph}
    by_owner = {name: policy for name, policy in project.merge_policies.items() if not policy.identity_graph}
    merged = []
    if by_graph:
        people = people_of_graph(run.read("identity_map"), run.read("identifier"), fragments, namespaces)
        merged.append(merged_people(people, union, by_graph, records))
    if by_owner:
        owners = people_of_owners(_owner_ids(run, fragments), run.read("identifier"), fragments, namespaces)
        merged.append(merged_people(owners, union, by_owner, records))
    rows = profile_rows(reduce(DataFrame.unionByName, merged), run.read("identity_change"))
    counts = run.merge(PROFILE, rows, delete_missing=True)
    return {
        "fragments": 0 if fragments is None else fragments.count(),
        "profiles new": counts.inserted,
        "profiles changed": counts.updated,
        "profiles gone": counts.deleted,
    }


def _owner_ids(run: Run, fragments: DataFrame | None) -> DataFrame:
    """Everybody whom records or events belong to, as policies without the identity graph see them."""
    of_events = run.read(TIMELINE).select("owner_id")
    return of_events if fragments is None else of_events.unionByName(fragments.select("owner_id"))
