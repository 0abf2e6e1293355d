"""How the table `profile` follows records, events, identities and time: only people who are touched are built again.

Everybody is built again where that can't be told (a table's changes can't be read any more), where the configuration
moved, and where so many are touched that looking for them costs more than it saves; the log says why.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.lake.sent_around import sent_around
from profile_engine.lake.session import shuffle_partitions
from profile_engine.lake.tables import RAW_PREFIX
from profile_engine.profiles.building import Builder, Inputs
from profile_engine.profiles.computed.figures import ComputedPlan
from profile_engine.profiles.computed.people import moved_owners
from profile_engine.profiles.fragments import fragments_of
from profile_engine.profiles.merge import tasks_for
from profile_engine.profiles.timeline_writing import TIMELINE
from profile_engine.profiles.touched import owners_of, people_touched
from profile_engine.rules.moment import Moment
from profile_engine.schemas.identifiers import owner_profile_id
from profile_engine.schemas.spark_types import spark_type_of

if TYPE_CHECKING:
    from profile_engine.lake.runs import Run
    from profile_engine.project.project import Project

PROFILE = "profile"
FULL_FROM = 0.25
"""The share of people touched above which everybody is built again."""
ALWAYS_FEW = 1_000
"""So many people are always worth being looked for."""
ROWS_OF_A_PERSON = 4
"""Identifiers and fragments of a touched person, to choose the number of tasks by."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Touched:
    """Whom a run builds again: `people` (rows of `profile_id`) and `owners` (rows of `owner_id`) of what changed."""

    people: DataFrame
    owners: DataFrame
    number: int


@dataclass(frozen=True)
class Everybody:
    """Why everybody is built again."""

    reason: str


def write_profiles(
    run: Run, stage: str, project: Project, records: tuple[str, ...], events: tuple[str, ...], *, anew: bool
) -> dict[str, int]:
    """Brings `profile` up to date; `anew` says that the configuration moved. Figures as `build_profiles` gives them."""
    by_owner = not all(policy.identity_graph for policy in project.merge_policies.values())
    looked_at = [*records, *(events if by_owner or project.computed_attributes else ())]
    if not anew and not _moved(run, stage, _tables(looked_at)) and not _time_moved(run, stage, project):
        return {}
    found = Everybody("the configuration has changed") if anew else _touched(run, stage, project, looked_at)
    if isinstance(found, Everybody):
        _log.info("run=%s stage=%s built=everybody reason=%s", run.run_id, stage, found.reason)
        return _write_everybody(run, project, records)
    _log.info("run=%s stage=%s built=touched people=%d", run.run_id, stage, found.number)
    try:
        if found.number == 0 and not by_owner:
            return {"people touched": 0, "profiles new": 0, "profiles changed": 0, "profiles gone": 0}
        return _write_touched(run, project, records, found, by_owner=by_owner)
    finally:
        found.people.unpersist()


def _tables(datasets: Sequence[str]) -> list[str]:
    return [*(RAW_PREFIX + name for name in datasets), "identity_map"]


def _moved(run: Run, stage: str, tables: Sequence[str]) -> list[str]:
    read_last = run.inputs_of(stage)
    return [table for table in tables if run.version(table) != read_last.get(table)]


def _time_moved(run: Run, stage: str, project: Project) -> bool:
    return bool(project.computed_attributes) and run.lake.stage_time(stage) != run.as_of


def _touched(run: Run, stage: str, project: Project, datasets: Sequence[str]) -> Touched | Everybody:
    if not run.exists(PROFILE):
        return Everybody("there are no profiles yet")
    parts, map_changes = [], None
    for table in _moved(run, stage, _tables(datasets)):
        key = "profile_id" if table == "identity_map" else "owner_id"
        changed = run.changes(table, stage, before=(key,))
        if changed is None:
            return Everybody(f"what changed in {table} can't be read")
        if table == "identity_map":
            map_changes = changed
        else:
            parts.append(owners_of(changed))
    if _time_moved(run, stage, project):
        before = run.lake.stage_time(stage)
        if before is None:
            return Everybody("it is not known as of when computed attributes were worked out")
        zone = project.engine.time_zone
        moved = moved_owners(
            run.read(TIMELINE), project.computed_attributes, Moment(before, zone), Moment(run.as_of, zone)
        )
        parts += [] if moved is None else [moved]
    nobody = run.read("identity_map").select(F.col("identifier_id").alias("owner_id")).limit(0)
    owners = reduce(DataFrame.unionByName, parts, nobody).distinct()
    people = people_touched(owners, map_changes, run.read("identity_map")).persist()
    number, known = people.count(), run.read(PROFILE).count()
    if number > max(ALWAYS_FEW, FULL_FROM * known):
        people.unpersist()
        return Everybody(f"{number} people are touched, of {known} rows")
    return Touched(people, owners, number)


def _write_everybody(run: Run, project: Project, records: tuple[str, ...]) -> dict[str, int]:
    inputs = _inputs(run, project, records)
    fragments = 0 if inputs.fragments is None else inputs.fragments.count()
    builder = _builder(run, project, records, fragments + inputs.identity_map.count())
    counts = run.merge(PROFILE, builder.rows(inputs), delete_missing=True)
    return {
        "fragments": fragments,
        "profiles new": counts.inserted,
        "profiles changed": counts.updated,
        "profiles gone": counts.deleted,
    }


def _write_touched(
    run: Run, project: Project, records: tuple[str, ...], touched: Touched, *, by_owner: bool
) -> dict[str, int]:
    inputs = _inputs(run, project, records)
    on_map = inputs.identity_map.join(touched.people, "profile_id", how="left_semi")
    owners = touched.owners.unionByName(on_map.select(F.col("identifier_id").alias("owner_id"))).distinct().persist()
    try:
        ids = touched.people
        if by_owner:
            ids = ids.unionByName(owners.select(owner_profile_id().alias("profile_id")))
        before = run.read(PROFILE).join(sent_around(ids.distinct(), touched.number), "profile_id", how="left_semi")
        builder = _builder(run, project, records, touched.number * ROWS_OF_A_PERSON)
        rows = builder.rows(inputs.of(touched.people, owners))
        counts = run.merge(PROFILE, rows, delete_missing=True, instead_of=before)
    finally:
        owners.unpersist()
    return {
        "people touched": touched.number,
        "profiles new": counts.inserted,
        "profiles changed": counts.updated,
        "profiles gone": counts.deleted,
    }


def _inputs(run: Run, project: Project, records: tuple[str, ...]) -> Inputs:
    raw = {dataset: run.read(RAW_PREFIX + dataset) for dataset in records}
    union = spark_type_of(project.record_union.fields)
    return Inputs(
        run.read("identity_map"), run.read("identifier"), run.read("identity_change"),
        fragments_of(raw, union) if raw else None, run.read(TIMELINE),
    )  # fmt: skip


def _builder(run: Run, project: Project, records: tuple[str, ...], rows: int) -> Builder:
    computed = project.computed_attributes
    return Builder(
        spark_type_of(project.record_union.fields),
        project.namespaces.names,
        project.merge_policies,
        records,
        ComputedPlan.of(computed, project.engine.time_zone) if computed else None,
        run.as_of,
        tasks_for(rows, shuffle_partitions(run.spark)),
    )
