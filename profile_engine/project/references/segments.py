"""Segments: their rules typed against the union schemas, their merge policies, and segments of segments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from profile_engine.config.problems import Problems, did_you_mean
from profile_engine.project.description import Description
from profile_engine.project.layout import MERGE_POLICIES
from profile_engine.project.references.computed_attributes import computed_are_sound
from profile_engine.project.references.profiles import graphless_policies
from profile_engine.project.references.schemas import Unions
from profile_engine.rules.scope import Scope
from profile_engine.segments.segment import (
    Segment,
    check_cycles,
    check_one_graph,
    content_hash,
    read_segment,
    with_methods,
    with_names,
)

_UNKNOWN_NAMES = frozenset({"E301", "E302"})
"""What a rule is told about fields and event types that no schema has."""
_UNKNOWN_COMPUTED = frozenset({"E321"})
_OTHER_TYPES = frozenset({"E303", "E306", "E307", "E309", "E310"})
"""What a rule is told about tests that do not fit the type of a field."""


def resolved_segments(
    description: Description,
    unions: Unions,
    default_policy: str,
    feeds: Mapping[str, frozenset[str]],
    problems: Problems,
) -> dict[str, Segment]:
    """Every segment with its rule read and told in words; what can't be read becomes problems.

    Where a schema could not be read, nobody knows which names are unknown, and where schemas disagree, which tests fit:
    such problems wait until that is mended. So do those about computed attributes where one of these could not be read.

    feeds  how the events of each type come in, as `event_feeds` says
    """
    trees = description.documents.of_kind("segments")
    zone = description.engine.time_zone if description.engine is not None else "UTC"
    scope = Scope(unions.records, unions.events, frozenset(description.documents.ids("segments")), zone)
    waiting = frozenset() if description.schemas_are_sound else _UNKNOWN_NAMES
    waiting |= frozenset() if unions.agreed else _OTHER_TYPES
    waiting |= frozenset() if computed_are_sound(description, unions.records) else _UNKNOWN_COMPUTED
    found = Problems()
    read = {name: read_segment(name, tree, scope, found) for name, tree in trees.items()}
    for problem in found.found:
        if problem.code not in waiting:
            problems.take_over(problem, found)
    segments = {
        name: _with_policy(description, segment, default_policy, zone, problems)
        for name, segment in read.items()
        if segment is not None
    }
    check_cycles(segments, problems)
    _check_renamed(description, segments, problems)
    identity_graph = {name: policy.identity_graph for name, policy in description.merge_policies.items()}
    for segment in segments.values():
        check_one_graph(segment, segments, identity_graph, problems)
    return with_methods(with_names(segments), graphless_policies(description.merge_policies), feeds)


def _with_policy(
    description: Description, segment: Segment, default_policy: str, time_zone: str, problems: Problems
) -> Segment:
    """The segment under the policy that it names, or the project's default where it names none."""
    key = ("segments", segment.id)
    known = description.names_in(MERGE_POLICIES) or list(description.merge_policies)
    if not description.documents.has(key, "merge_policy"):
        rehashed = content_hash(segment.condition, default_policy, time_zone)
        return replace(segment, merge_policy=default_policy, content_hash=rehashed)
    if segment.merge_policy not in known:
        where = description.documents.value(key, "merge_policy")
        hint = did_you_mean(segment.merge_policy, known)
        problems.add_at(where, "E270", f"unknown merge policy '{segment.merge_policy}'", hint)
    return segment


def _check_renamed(description: Description, segments: Mapping[str, Segment], problems: Problems) -> None:
    """Adds a problem for each segment that would go on with the history of one that is there, or that another goes on with.

    Whether there ever was a segment of the old name only the lake knows; where there was none, the new one begins afresh.
    """
    present = description.documents.ids("segments")
    claimed: dict[str, str] = {}
    for id, segment in segments.items():
        old = segment.renamed_from
        if old is None:
            continue
        where = description.documents.value(("segments", id), "renamed_from")
        if old in present:
            hint = f"take it out once the lake knows '{id}' by this name" if old != id else "take it out"
            message = f"segment '{old}' is still there, so '{id}' can't go on with its history"
            problems.add_at(where, "E271", message, hint)
        elif old in claimed:
            message = f"segment '{claimed[old]}' is renamed from '{old}' too"
            problems.add_at(where, "E271", message, "take it out of one of them")
        else:
            claimed[old] = id
