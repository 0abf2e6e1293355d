"""The stage `profiles`: raw records and the identity graph become profiles, raw events become the timeline."""

from __future__ import annotations

from dataclasses import astuple, fields
from datetime import UTC
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from profile_engine.lake.tables import RAW_PREFIX, table_entry
from profile_engine.observability.stage_report import StageReport
from profile_engine.profiles.policy_versions import PolicyVersion, new_versions
from profile_engine.profiles.profile_writing import PROFILE, write_profiles
from profile_engine.profiles.timeline_writing import write_timeline

if TYPE_CHECKING:
    from profile_engine.lake.runs import Run
    from profile_engine.project.project import Project

STAGE = "profiles"
POLICY_VERSIONS = "merge_policy_version"
IDENTITY_TABLES = ("identifier", "identity_map", "identity_change")


def build_profiles(run: Run, project: Project) -> StageReport:
    """Writes `profile` (a row per person and merge policy), `timeline` (a row per event with an owner) and
    `merge_policy_version`.

    Reads the raw tables of all profile-enabled datasets and the identity graph; writes what differs. Figures:
    `profiles` (people under the default policy), `people touched` (who were merged again) or `fragments` (records with an
    owner, where everybody was), `profiles new`, `profiles changed`, `profiles gone` (rows, over all policies), and
    `events` (written to the timeline in this run). Where only events moved, profiles are as they were.
    """
    records, events = datasets_of(project, "record"), datasets_of(project, "event")
    of_records, of_events = [[RAW_PREFIX + name for name in datasets] for datasets in (records, events)]
    configuration = project.configuration_hash(STAGE)
    tables = [*of_records, *of_events, *IDENTITY_TABLES]
    follows_time = bool(project.computed_attributes)
    if run.why_run(STAGE, tables, configuration, follows_time=follows_time) is None:
        return StageReport(STAGE, skipped="no record, event or identity moved")
    release = run.lake.current_release()
    reconfigured = release is None or release.configurations.get(STAGE) != configuration
    written = write_timeline(run, STAGE, project, events, anew=reconfigured)
    figures = write_profiles(run, STAGE, project, records, events, anew=reconfigured)
    _write_versions(run, project)
    profiles = run.read(PROFILE).where(F.col("merge_policy") == project.default_merge_policy).count()
    run.stage_done(STAGE, tables, configuration)
    return StageReport(STAGE, {"profiles": profiles, **figures, "events": written})


def datasets_of(project: Project, class_: str) -> tuple[str, ...]:
    """The datasets of a class of schemas (record, event) that are enabled for the profile."""
    return tuple(
        name
        for name, dataset in project.enabled_datasets().items()
        if project.schemas[dataset.schema_name].class_ == class_
    )


def _write_versions(run: Run, project: Project) -> None:
    columns = [field.name for field in fields(PolicyVersion)]
    known = [
        PolicyVersion(**{**row.asDict(), "valid_from": row["valid_from"].astimezone(UTC)})
        for row in run.read(POLICY_VERSIONS).select(*columns).collect()
    ]
    if new := new_versions(known, project.merge_policies, run.as_of, run.run_id):
        ddl = table_entry(POLICY_VERSIONS).columns
        run.append(POLICY_VERSIONS, run.spark.createDataFrame([astuple(version) for version in new], ddl))
