"""One person, explained: identifiers, attributes with their source, and each segment's rule with the values seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyspark.sql import functions as F

from profile_engine.errors import ConfigurationError
from profile_engine.lake.lake import Lake
from profile_engine.project.project import Project
from profile_engine.rules.explain import Explained, explained
from profile_engine.rules.syntax import EVERYONE
from profile_engine.segments.segment import Segment
from profile_engine.segments.statuses import EXITS_SHOWN
from profile_engine.workspace.explain_attributes import AttributeExplained, attributes_explained
from profile_engine.workspace.found_identifier import profile_asked_for, rows_of
from profile_engine.workspace.todays_ids import todays_id


@dataclass(frozen=True)
class SegmentExplained:
    """What the last evaluation stored of one segment, and the rule as it reads on the person now."""

    segment: str
    name: str
    status: str | None
    """realized, existing, or None: not a member."""
    entered_at: datetime | None
    rule: Explained
    left_at: datetime | None = None
    """When they left, where that was in the last 30 days and they are not in."""
    sentence_then: str | None = None
    """What the rule said at the time, where it is another one now."""


@dataclass(frozen=True)
class PersonExplained:
    profile_id: str
    asked_for: str | None
    """The profile id asked for, where it has been merged into this one."""
    as_of: datetime
    identifiers: tuple[tuple[str, str, datetime], ...]
    """namespace, value, first seen at"""
    attributes: tuple[AttributeExplained, ...]
    events: int
    segments: tuple[SegmentExplained, ...]


def explain_person(
    project: Project,
    lake: Lake,
    profile_id: str | None,
    namespace: str | None,
    value: str | None,
    as_of: datetime | None = None,
) -> PersonExplained:
    """The person with a profile id, or with an identifier, as of the current release, or of the one kept for `as_of`; each
    rule as of the evaluation that the release holds.

    Raises ConfigurationError when there is no such person; its message never repeats the identifier's value. Raises
    LakeError for an `as_of` whose release is gone, with the earliest that is kept.
    """
    lake = lake if as_of is None else lake.at(as_of)
    release = lake.published_release()
    asked = profile_asked_for(project, lake, profile_id, namespace, value)
    found, profiles = _current(lake, asked)
    numbers = [row["identifier_id"] for row in rows_of(lake.read("identity_map").where(F.col("profile_id") == found))]
    identifiers = sorted(
        (project.namespaces.priority(row["namespace"]), row["namespace"], row["value"], row["first_seen_at"])
        for row in rows_of(lake.read("identifier").where(F.col("identifier_id").isin(numbers)))
    )
    happened = lake.read("timeline").where(F.col("owner_id").isin(numbers))
    events = rows_of(happened.orderBy("occurred_at", "dataset", "record_id"))
    default = profiles.get("default") or next(iter(profiles.values()))
    evaluated_at = release.stage_times.get("segments", release.as_of)
    return PersonExplained(
        found,
        asked if asked != found else None,
        evaluated_at,
        tuple((name, text, seen) for _, name, text, seen in identifiers),
        attributes_explained(project, lake, default, numbers),
        len(events),
        tuple(_segments(project, lake, found, profiles, events, evaluated_at)),
    )


def _current(lake: Lake, profile_id: str) -> tuple[str, dict[str, dict[str, Any]]]:
    """The id that `profile_id` has become through merges, and its profile row by merge policy."""
    rows = _profile_rows(lake, profile_id)
    if rows:
        return profile_id, rows
    found = todays_id(lake, profile_id)
    rows = _profile_rows(lake, found)
    if not rows:
        raise ConfigurationError(f"profile {found} is not built yet; run `profile-engine run --stage profiles` first")
    return found, rows


def _profile_rows(lake: Lake, profile_id: str) -> dict[str, dict[str, Any]]:
    rows = rows_of(lake.read("profile").where(F.col("profile_id") == profile_id))
    return {row["merge_policy"]: row for row in rows}


def _segments(
    project: Project,
    lake: Lake,
    profile_id: str,
    profiles: Mapping[str, dict[str, Any]],
    events: list[dict[str, Any]],
    as_of: datetime,
) -> list[SegmentExplained]:
    versions = lake.read("segment_version").select("segment", "segment_no", "version", "content_hash", "sentence")
    newest = {row["segment_no"]: row for row in sorted(rows_of(versions), key=lambda row: row["version"])}
    numbers = {number: row["segment"] for number, row in newest.items()}
    then = {row["segment"]: row for row in newest.values()}
    entered: dict[str, datetime] = {}
    for row in rows_of(lake.read("membership").where(F.col("profile_id") == profile_id)):
        entered = {numbers[number]: at for number, at in zip(row["segments"], row["entered_at"], strict=True)}
    left = _left_lately(lake, profile_id, numbers, as_of)
    memberships, zone = {*entered, EVERYONE}, project.engine.time_zone
    names = {segment.id: segment.name for segment in project.segments.values()}
    return [
        SegmentExplained(
            segment.id,
            segment.name,
            _status(entered.get(segment.id), as_of),
            entered.get(segment.id),
            explained(
                segment.condition, profiles.get(segment.merge_policy) or {}, events, memberships, as_of, zone, names
            ),
            None if segment.id in entered else left.get(segment.id),
            _said_otherwise(segment, then.get(segment.id)),
        )
        for segment in project.segments.values()
    ]


def _left_lately(lake: Lake, profile_id: str, numbers: Mapping[int, str], as_of: datetime) -> dict[str, datetime]:
    is_it = F.col("profile_id") == profile_id
    lately = (F.col("at") > F.lit(as_of - EXITS_SHOWN)) & (F.col("at") <= F.lit(as_of))
    rows = rows_of(lake.read("membership_change").where(is_it & lately).select("left", "at"))
    return {numbers[number]: row["at"] for row in sorted(rows, key=lambda row: row["at"]) for number in row["left"]}


def _said_otherwise(segment: Segment, version: Mapping[str, Any] | None) -> str | None:
    if version is None or version["content_hash"] == segment.content_hash:
        return None
    return str(version["sentence"])


def _status(entered_at: datetime | None, as_of: datetime) -> str | None:
    if entered_at is None:
        return None
    return "realized" if entered_at == as_of else "existing"
