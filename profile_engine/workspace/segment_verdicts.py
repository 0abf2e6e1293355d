"""The segments of one person: what the last evaluation stored of each, and its rule with the values seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyspark.sql import functions as F

from profile_engine.lake.lake import Lake
from profile_engine.project.project import Project
from profile_engine.rules.explain import Explained, explained
from profile_engine.rules.syntax import EVERYONE
from profile_engine.segments.redirects import redirects
from profile_engine.segments.segment import Segment
from profile_engine.segments.statuses import EXITED, statuses
from profile_engine.workspace.found_identifier import rows_of


@dataclass(frozen=True)
class SegmentExplained:
    """What the last evaluation stored of one segment, and the rule as it reads on the person now."""

    segment: str
    name: str
    profile_id: str
    """Whom the segment's merge policy sees: the person, or, without the identity graph, the owner of one identifier."""
    status: str | None
    """realized, existing, exited (in the last 30 days, also under an id that was merged into this one), or None."""
    entered_at: datetime | None
    rule: Explained
    left_at: datetime | None = None
    """When they left, where the status is exited."""
    sentence_then: str | None = None
    """What the rule said at the time, where it is another one now."""


@dataclass(frozen=True)
class SeenAs:
    """Whom merge policies see in a person: the person as a whole, or the owner of one identifier."""

    profile_id: str
    profiles: Mapping[str, Mapping[str, Any]]
    """Rows of the table, by the merge policies that see it."""
    events: Sequence[Mapping[str, Any]]
    """Those that count for it, in the order of time."""


def segments_explained(
    project: Project, lake: Lake, seen_as: Sequence[SeenAs], as_of: datetime
) -> Iterator[SegmentExplained]:
    """Every segment of the project for everybody whom its merge policy sees in the person, as the evaluation at `as_of` left
    it; in the order of `seen_as`, then of the segments."""
    versions = lake.read("segment_version").select("segment", "segment_no", "version", "content_hash", "sentence")
    newest = {row["segment_no"]: row for row in sorted(rows_of(versions), key=lambda row: row["version"])}
    numbers = {number: row["segment"] for number, row in newest.items()}
    then = {row["segment"]: row for row in newest.values()}
    found = _statuses(lake, [one.profile_id for one in seen_as], as_of)
    zone, names = project.engine.time_zone, {segment.id: segment.name for segment in project.segments.values()}
    for one in seen_as:
        of_one = {numbers[number]: told for (who, number), told in found.items() if who == one.profile_id}
        memberships = {EVERYONE, *(segment for segment, (status, _) in of_one.items() if status != EXITED)}
        for segment in project.segments.values():
            if segment.merge_policy not in one.profiles:
                continue
            status, since = of_one.get(segment.id, (None, None))
            profile = one.profiles[segment.merge_policy]
            yield SegmentExplained(
                segment.id,
                segment.name,
                one.profile_id,
                status,
                None if status == EXITED else since,
                explained(segment.condition, profile, one.events, memberships, as_of, zone, names),
                since if status == EXITED else None,
                _said_otherwise(segment, then.get(segment.id)),
            )


def _statuses(lake: Lake, ids: Sequence[str], as_of: datetime) -> dict[tuple[str, int], tuple[str, datetime]]:
    """(profile id, segment number) to the status and since when."""
    ledger, is_theirs = lake.read("identity_change"), F.col("profile_id").isin(list(ids))
    # by name, so that of the log no more is read than what these people and those merged into them left there
    merged = redirects(ledger.where(F.col("at") <= F.lit(as_of))).where(F.col("survivor").isin(list(ids)))
    ever = [*ids, *(row["profile_id"] for row in rows_of(merged))]
    changes = lake.read("membership_change").where(F.col("profile_id").isin(ever))
    theirs = statuses(lake.read("membership").where(is_theirs), changes, ledger, as_of)
    return {(row["profile_id"], row["segment_no"]): (row["status"], row["since"]) for row in rows_of(theirs)}


def _said_otherwise(segment: Segment, version: Mapping[str, Any] | None) -> str | None:
    if version is None or version["content_hash"] == segment.content_hash:
        return None
    return str(version["sentence"])
