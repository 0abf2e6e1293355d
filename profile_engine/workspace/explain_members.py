"""Who was in a segment at a time, and under which definition; how large it was, and whom it shares with others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import functions as F

from profile_engine.errors import ConfigurationError, LakeError
from profile_engine.lake.lake import Lake
from profile_engine.project.project import Project
from profile_engine.project.references.profiles import graphless_policies
from profile_engine.segments.history_writing import history_begins
from profile_engine.segments.past_members import held_at
from profile_engine.segments.sizes import history_of_size, overlaps, overlaps_of_owners
from profile_engine.workspace.found_identifier import rows_of

SHOWN = 5


@dataclass(frozen=True)
class MembersExplained:
    """`size` people were in at `as_of`, by the ids that they had then; `some_members` are the least of those ids."""

    segment: str
    as_of: datetime
    version: int
    sentence: str
    valid_from: datetime
    definition: str
    """The canonical condition, as JSON."""
    size: int
    some_members: tuple[str, ...]
    in_project: bool
    """Whether the project had the segment at the evaluation before `as_of`; if not, the version is the last that it had."""
    history: tuple[tuple[datetime, int | None], ...]
    """(as_of, members) of every evaluation; None where the project had the segment no more."""
    overlaps: tuple[tuple[str, int], ...]
    """How many of today's members are in each of the others asked for, today."""


def explain_members(
    project: Project, lake: Lake, segment: str, as_of: datetime | None = None, others: Sequence[str] = ()
) -> MembersExplained:
    """Read from the logs, so any time since the log begins can be asked about, also when its release is gone.

    as_of   aware; the last evaluation's where it is left out
    others  segments to compare today's members with
    Raises ConfigurationError for an unknown segment, for a time before the log, with the earliest that it knows, and for
    others that see other people than the segment does (`refuse_other_people`).
    """
    release = lake.current_release()
    begins = history_begins(lake)
    if release is None or begins is None:
        raise LakeError("no segment has been evaluated yet; run `profile-engine run` first")
    versions = rows_of(lake.read("segment_version"))
    numbers = {row["segment"]: row["segment_no"] for row in sorted(versions, key=lambda row: row["version"])}
    for name in (segment, *others):
        if name not in numbers:
            raise ConfigurationError(f"there is no segment {name} in the lake; known: {', '.join(sorted(numbers))}")
    policies = {row["segment"]: row["merge_policy"] for row in sorted(versions, key=lambda row: row["version"])}
    refuse_other_people(segment, others, policies, graphless_policies(project.merge_policies))
    of_segment = [row for row in versions if row["segment_no"] == numbers[segment]]
    moment = (as_of or release.stage_times.get("segments", release.as_of)).astimezone(UTC)
    then = _in_force(segment, of_segment, moment, begins)
    held = held_at(lake.read("membership_change"), lake.read("identity_change"), moment)
    ids = held.where(F.col("segment_no") == numbers[segment]).select("profile_id").persist()
    try:
        size = ids.count()
        some = tuple(row["profile_id"] for row in ids.orderBy("profile_id").limit(SHOWN).collect())
    finally:
        ids.unpersist()
    history = tuple(history_of_size(_runs(lake), [(row["valid_from"], row["segment"]) for row in of_segment]))
    told_before = [members for at, members in history if at <= moment]
    return MembersExplained(
        segment, moment, then["version"], then["sentence"], then["valid_from"], then["definition"], size, some,
        told_before[-1:] != [None], history, _overlaps(lake, numbers, segment, others),
    )  # fmt: skip


def _in_force(segment: str, versions: list[dict[str, Any]], as_of: datetime, begins: datetime) -> dict[str, Any]:
    first = max(begins, min(row["valid_from"] for row in versions))
    if as_of < first:
        raise ConfigurationError(
            f"nothing is known of segment {segment} as of {as_of.isoformat()}; the earliest time that can be told is "
            f"{first.astimezone(UTC).isoformat()}"
        )
    return max((row for row in versions if row["valid_from"] <= as_of), key=lambda row: row["version"])


def _runs(lake: Lake) -> list[tuple[datetime, str, str | None]]:
    ended = lake.read("run").where(F.col("ended_at").isNotNull()).orderBy("ended_at", "run_id")
    return [
        (row["as_of"], row["status"], row["figures"]) for row in rows_of(ended.select("as_of", "status", "figures"))
    ]


def _overlaps(lake: Lake, numbers: dict[str, int], segment: str, others: Sequence[str]) -> tuple[tuple[str, int], ...]:
    if not others:
        return ()
    chosen = list(dict.fromkeys(numbers[name] for name in (segment, *others)))
    bitmaps = rows_of(lake.read("segment_bitmap").where(F.col("segment_no").isin(chosen)))
    people, owners = overlaps(bitmaps, chosen), overlaps_of_owners(lake.read("membership"), chosen)
    pairs = [(name, (numbers[segment], numbers[name])) for name in others]
    return tuple((name, people[pair] + owners[pair]) for name, pair in pairs)


def refuse_other_people(
    segment: str, others: Sequence[str], policies: Mapping[str, str], graphless: frozenset[str]
) -> None:
    """Raises ConfigurationError where some of the segments see people of the identity graph and some owners of single
    identifiers: nobody is ever in both, and an overlap of nothing would look like an answer.

    policies  the merge policy of each segment, as it was evaluated last
    """
    for other in others:
        if (policies[segment] in graphless) != (policies[other] in graphless):
            raise ConfigurationError(
                f"{segment} (merge policy {policies[segment]}) and {other} ({policies[other]}) can't be compared: one sees people "
                "of the identity graph, the other owners of single identifiers; compare segments whose policies agree in that"
            )
