"""A segment before it is anybody's: what it says, how many it would have, and some of them; nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from profile_engine.errors import DataError
from profile_engine.rules.moment import Moment
from profile_engine.segments.current_members import members_by_columns, profiles_now, program_of
from profile_engine.segments.due import with_named
from profile_engine.segments.unseen_values import unseen_values

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from profile_engine.lake.lake import Lake
    from profile_engine.project.project import Project
    from profile_engine.rules.program import Program
    from profile_engine.segments.segment import Segment

SHOWN = 5
_THIS = 1


@dataclass(frozen=True)
class Preview:
    """`size` of `profiles` evaluated are members; `some_members` are the least profile ids among them."""

    segment: str
    sentence: str
    as_of: datetime
    size: int
    profiles: int
    some_members: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    """Words that the rule asks for and that no profile or event has."""

    def __str__(self) -> str:
        some = f", such as {', '.join(self.some_members)}" if self.some_members else ""
        told = [f"{self.segment}: {self.sentence}", f"{self.size} of {self.profiles} profiles{some}", *self.warnings]
        return "\n".join(told)


def preview(lake: Lake, project: Project, segment: Segment, as_of: datetime | None = None) -> Preview:
    """The segment on the current release, with the segments that it names evaluated beside it.

    as_of  aware; the release's own where it is left out

    Raises LakeError where there is no release, or none that keeps what the rule names; DataError where the rule can't
    be evaluated.
    """
    release = lake.published_release()
    moment = (as_of or release.as_of).astimezone(UTC)
    needed = with_named({**project.segments, segment.id: segment}, [segment.id])
    program = program_of(project, needed)
    if segment.id in program.refused:
        raise DataError(f"segment {segment.id} can't be evaluated: {program.refused[segment.id]}; change the rule")
    found = _members(lake, project, program, segment.id, moment).persist()
    try:
        counts = found.agg(
            F.count(F.lit(1)).alias("profiles"),
            F.count_if("is_member").alias("members"),
            F.flatten(F.collect_list("failed")).alias("failed"),
        ).collect()[0]
        some = found.where("is_member").select("profile_id").orderBy("profile_id").limit(SHOWN).collect()
    finally:
        found.unpersist()
    if why := [one["error"] for one in counts["failed"] if one["segment_no"] == _THIS]:
        raise DataError(f"segment {segment.id} can't be evaluated: {why[0]}; change the rule")
    shown = tuple(row["profile_id"] for row in some)
    unseen = unseen_values(lake, segment.condition, Moment(moment, project.engine.time_zone))
    return Preview(segment.id, segment.sentence, moment, counts["members"], counts["profiles"], shown, unseen)


def _members(lake: Lake, project: Project, program: Program, segment: str, moment: datetime) -> DataFrame:
    """A row is a profile: `profile_id, is_member, failed`. A rule over attributes is one select of Spark, which reads only
    the columns that it names; any other is evaluated as the stage does, over the events that its filters let through."""
    no_failure = F.lit(None).cast("array<struct<segment_no:int,error:string>>").alias("failed")
    by_columns = members_by_columns(lake.read("profile"), program, segment, moment)
    if by_columns is not None:
        return by_columns.select("profile_id", "is_member", no_failure)
    # this one is the first
    numbers = {id: number for number, id in enumerate((segment, *sorted({*program.segments} - {segment})), start=_THIS)}
    found = profiles_now(lake, project, program, numbers, moment, few_rules=True)
    return found.select("profile_id", F.array_contains("segments", _THIS).alias("is_member"), "failed")
