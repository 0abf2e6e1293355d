"""One person, explained: identifiers, attributes with their source, and each segment's rule with the values seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyspark.sql import functions as F

from profile_engine.errors import ConfigurationError
from profile_engine.lake.lake import Lake
from profile_engine.project.project import Project
from profile_engine.project.references.profiles import graphless_policies
from profile_engine.schemas.identifiers import owner_of, profile_id_of_owner
from profile_engine.workspace.explain_attributes import AttributeExplained, attributes_explained
from profile_engine.workspace.found_identifier import profile_asked_for, rows_of
from profile_engine.workspace.segment_verdicts import SeenAs, SegmentExplained, segments_explained
from profile_engine.workspace.todays_ids import todays_id


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
    """Every segment; under a policy without the identity graph, once for each owner that the person's identifiers are."""


def explain_person(
    project: Project,
    lake: Lake,
    profile_id: str | None,
    namespace: str | None,
    value: str | None,
    as_of: datetime | None = None,
) -> PersonExplained:
    """The person with a profile id, or with an identifier, as of the current release, or of the one kept for `as_of`; each
    rule as of the evaluation that the release holds. The profile id of an owner gives what is known by its identifier alone.

    Raises ConfigurationError when there is no such person; its message never repeats the identifier's value. Raises
    LakeError for an `as_of` whose release is gone, with the earliest that is kept.
    """
    lake = lake if as_of is None else lake.at(as_of)
    release = lake.published_release()
    asked = profile_asked_for(project, lake, profile_id, namespace, value)
    found = _current(lake, asked)
    numbers = _identifiers(lake, found)
    identifiers = sorted(
        (project.namespaces.priority(row["namespace"]), row["namespace"], row["value"], row["first_seen_at"])
        for row in rows_of(lake.read("identifier").where(F.col("identifier_id").isin(numbers)))
    )
    happened = lake.read("timeline").where(F.col("owner_id").isin(numbers))
    events = rows_of(happened.orderBy("occurred_at", "dataset", "record_id"))
    seen_as = tuple(_seen_as(project, lake, found, numbers, events))
    evaluated_at = release.stage_times.get("segments", release.as_of)
    return PersonExplained(
        found,
        asked if asked != found else None,
        evaluated_at,
        tuple((name, text, seen) for _, name, text, seen in identifiers),
        attributes_explained(project, lake, _default_profile(project, seen_as), numbers),
        len(events),
        tuple(segments_explained(project, lake, seen_as, evaluated_at)),
    )


def _current(lake: Lake, profile_id: str) -> str:
    """The id that `profile_id` has become through merges."""
    is_it = F.col("profile_id") == profile_id
    if any(not lake.read(table).where(is_it).isEmpty() for table in ("profile", "identity_map")):
        return profile_id
    return todays_id(lake, profile_id)


def _identifiers(lake: Lake, found: str) -> list[int]:
    owner = owner_of(found)
    if owner is not None:
        return [owner]
    mine = lake.read("identity_map").where(F.col("profile_id") == found)
    return sorted(row["identifier_id"] for row in rows_of(mine.select("identifier_id")))


def _seen_as(
    project: Project, lake: Lake, found: str, numbers: Sequence[int], events: Sequence[dict[str, Any]]
) -> Iterator[SeenAs]:
    """The person first, then the owners of their identifiers that some policy without the identity graph sees."""
    graphless = graphless_policies(project.merge_policies)
    by_graph = [name for name in project.merge_policies if name not in graphless]
    owners = {profile_id_of_owner(number): number for number in numbers} if graphless else {}
    rows: dict[str, dict[str, dict[str, Any]]] = {}
    for row in rows_of(lake.read("profile").where(F.col("profile_id").isin([found, *owners]))):
        rows.setdefault(row["profile_id"], {})[row["merge_policy"]] = row
    if found not in rows and (by_graph or not rows):
        raise ConfigurationError(f"profile {found} is not built yet; run `profile-engine run --stage profiles` first")
    if owner_of(found) is None:
        yield SeenAs(found, {**{name: {} for name in by_graph}, **rows.get(found, {})}, events)
    for owner, number in owners.items():
        if owner in rows:
            yield SeenAs(owner, rows[owner], [event for event in events if event["owner_id"] == number])


def _default_profile(project: Project, seen_as: Sequence[SeenAs]) -> Mapping[str, Any]:
    """The row whose attributes are told: of the project's default policy, else the first that there is."""
    rows = [row for one in seen_as for row in one.profiles.values() if row]
    of_default = (row for row in rows if row["merge_policy"] == project.default_merge_policy)
    return next(of_default, rows[0])
