"""The evaluation of a project's rules over its lake, as the stage and a preview both run it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.lake.sent_around import sent_around
from profile_engine.lake.session import shuffle_partitions
from profile_engine.rules.compile.event_filters import events_that_matter
from profile_engine.rules.compile.rules import compiled
from profile_engine.rules.event_stream import event_rows, events_of_people
from profile_engine.rules.moment import Moment
from profile_engine.rules.program import Program
from profile_engine.schemas.identifiers import timeline_bucket
from profile_engine.segments.evaluation import (
    person_rows,
    profiles_in_segments,
    refuse_missing,
    refuse_missing_fields,
    tasks_for,
)
from profile_engine.segments.moved_profiles import moved_profiles

if TYPE_CHECKING:
    from profile_engine.lake.lake import Lake
    from profile_engine.lake.runs import Run
    from profile_engine.project.project import Project
    from profile_engine.segments.segment import Segment


@dataclass(frozen=True)
class Chosen:
    """Profiles that are wanted (`profile_id`, distinct), or, `but_these`, all others."""

    profiles: DataFrame
    but_these: bool = False
    few: bool = False
    """Whether their owners can be named one by one, so that nothing but their parts of `timeline` is read."""

    def of(self, rows: DataFrame) -> DataFrame:
        """Those of the rows, by `profile_id`."""
        return rows.join(self.profiles, "profile_id", "left_anti" if self.but_these else "left_semi")


def program_of(project: Project, segments: Mapping[str, Segment] | None = None) -> Program:
    """The rules of the project, or of these segments, as one program."""
    chosen = project.segments if segments is None else segments
    return Program.of(
        {id: segment.condition for id, segment in chosen.items()},
        project.engine.time_zone,
        {id: segment.merge_policy for id, segment in chosen.items()},
    )


def graph_use(project: Project, program: Program) -> frozenset[bool]:
    """Whether merge policies of the rules use the identity graph: True, False or both."""
    names = {program.merge_policies[segment] for segment in program.segments}
    return frozenset(project.merge_policies[name].identity_graph for name in names)


def profiles_now(
    tables: Run | Lake,
    project: Project,
    program: Program,
    numbers: Mapping[str, int],
    as_of: datetime,
    *,
    few_rules: bool = False,
    looking_ahead: bool = False,
) -> DataFrame:
    """A row is a profile: `profile_id, profile_no, segments, next_change_at, failed, cost`, as `profiles_in_segments` says;
    lazy.

    few_rules  whether Spark leaves out the events that no rule's filter lets through, which pays for a few rules only

    Raises LakeError where `profile` or `timeline` were built before a field that a rule names was there.
    """
    profiles = tables.read("profile")
    events = _events(
        tables, project, program, as_of, tables.read("identity_map"), few_rules=few_rules, looking_ahead=looking_ahead
    )
    return profiles_in_segments(
        person_rows(profiles, program), events, program, numbers, as_of, _tasks(tables, profiles, program),
        looking_ahead=looking_ahead,
    )  # fmt: skip


def profiles_moved(
    run: Run,
    project: Project,
    program: Program,
    numbers: Mapping[str, int],
    before: DataFrame,
    set_aside: Collection[int],
    chosen: Chosen | None = None,
) -> DataFrame:
    """A row is a profile that is evaluated now or was in a segment before, as `moved_profiles` says; lazy.

    before  BEFORE of all profiles
    chosen  which profiles are wanted; all where it is left out
    """
    profiles, identity_map = run.read("profile"), run.read("identity_map")
    if chosen is not None:
        profiles, identity_map, before = chosen.of(profiles), chosen.of(identity_map), chosen.of(before)
    few_owners = chosen is not None and chosen.few
    events = _events(run, project, program, run.as_of, identity_map, few_owners=few_owners, looking_ahead=True)
    return moved_profiles(
        person_rows(profiles, program), events, before, program, numbers, run.as_of, _tasks(run, profiles, program),
        set_aside,
    )  # fmt: skip


def _events(
    tables: Run | Lake,
    project: Project,
    program: Program,
    as_of: datetime,
    identity_map: DataFrame,
    *,
    few_rules: bool = False,
    few_owners: bool = False,
    looking_ahead: bool = False,
) -> DataFrame | None:
    """The events of the people of a map that rules may look at; None where they look at none."""
    if not program.measures or not tables.exists("timeline"):
        return None
    by_graph = graph_use(project, program)
    timeline = tables.read("timeline")
    refuse_missing_fields(timeline, program)
    if few_rules:
        timeline = timeline.where(events_that_matter(program, Moment(as_of, program.time_zone)))
    if few_owners and all(by_graph):
        timeline = _of_few(timeline, identity_map)
    happened = event_rows(timeline, program, as_of, looking_ahead=looking_ahead)
    owners = sent_around(identity_map, tables.read("identity_map").count()) if any(by_graph) else None
    return events_of_people(happened, owners, by_owner=not all(by_graph))


def _tasks(tables: Run | Lake, profiles: DataFrame, program: Program) -> int:
    return tasks_for(profiles.count(), program, shuffle_partitions(tables.spark))


def _of_few(timeline: DataFrame, identity_map: DataFrame) -> DataFrame:
    """The events of these identifiers: their buckets are read alone, and in these their stretches of sorted owners."""
    owners = identity_map.select(F.col("identifier_id").alias("owner_id"))
    found = owners.withColumn("bucket", timeline_bucket()).collect()
    buckets, ids = sorted({row["bucket"] for row in found}), sorted({row["owner_id"] for row in found})
    return timeline.where(F.col("bucket").isin(buckets) & F.col("owner_id").isin(ids))


def members_by_columns(profiles: DataFrame, program: Program, segment: str, as_of: datetime) -> DataFrame | None:
    """A row is a profile: `profile_id, is_member`, by Spark's own expressions; None for a rule that looks at events, or
    that they can't express. Raises LakeError as `profiles_now` does."""
    column = compiled(program, Moment(as_of, program.time_zone)).columns.get(segment)
    if column is None:
        return None
    refuse_missing("profile", profiles.schema, (attribute.path for attribute in program.attributes))
    of_policy = profiles.where(F.col("merge_policy") == program.merge_policies[segment])
    return of_policy.select("profile_id", column.alias("is_member"))
