"""A segment before it is anybody's: what it says, how many it would have, and some of them; nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from profile_engine.errors import DataError, LakeError
from profile_engine.rules.references import named_segments
from profile_engine.segments.current_members import profiles_now, program_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profile_engine.lake.lake import Lake
    from profile_engine.project.project import Project
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

    def __str__(self) -> str:
        some = f", such as {', '.join(self.some_members)}" if self.some_members else ""
        return f"{self.segment}: {self.sentence}\n{self.size} of {self.profiles} profiles{some}"


def preview(lake: Lake, project: Project, segment: Segment, as_of: datetime | None = None) -> Preview:
    """The segment on the current release, with the segments that it names evaluated beside it.

    as_of  aware; the release's own where it is left out

    Raises LakeError where there is no release, or none that keeps what the rule names; DataError where the rule can't
    be evaluated.
    """
    release = lake.current_release()
    if release is None:
        raise LakeError("the lake has no release yet; run `profile-engine run` first")
    moment = (as_of or release.as_of).astimezone(UTC)
    needed = with_references(segment, project.segments)
    program = program_of(project, needed)
    if segment.id in program.refused:
        raise DataError(f"segment {segment.id} can't be evaluated: {program.refused[segment.id]}; change the rule")
    numbers = {id: number for number, id in enumerate(needed, start=_THIS)}  # this one is the first
    is_member = F.array_contains("segments", _THIS)
    found = profiles_now(lake, project, program, numbers, moment)
    found = found.select("profile_id", is_member.alias("is_member"), "failed").persist()
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
    return Preview(segment.id, segment.sentence, moment, counts["members"], counts["profiles"], shown)


def with_references(segment: Segment, segments: Mapping[str, Segment]) -> dict[str, Segment]:
    """The segment, and all that it names, directly or through others; itself first."""
    found = {segment.id: segment}
    waiting = [segment]
    while waiting:
        for name in sorted(named_segments(waiting.pop().condition)):
            if name not in found and name in segments:
                found[name] = segments[name]
                waiting.append(segments[name])
    return found
