"""A segment as the engine knows it: the rule of one file, read, told in words, and known by its content."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from profile_engine.config.model import read_model
from profile_engine.config.problems import Position, Problems
from profile_engine.config.yaml_document import Mapping as YamlMapping
from profile_engine.config.yaml_document import Node
from profile_engine.rules.canonical import canonical_text
from profile_engine.rules.describe import sentence
from profile_engine.rules.lint import oddities
from profile_engine.rules.parse import parse_condition
from profile_engine.rules.references import dependency_order, named_segments, references
from profile_engine.rules.scope import Scope
from profile_engine.rules.syntax import EVERYONE, Condition
from profile_engine.segments.config import SegmentConfig
from profile_engine.segments.evaluation_method import NOT_LOOKED_AT, EvaluationMethod, evaluation_method


@dataclass(frozen=True)
class Segment:
    """`id` is the file's name; `sentence` says the rule in words; `position` is where the rule stands."""

    id: str
    name: str
    description: str | None
    tags: tuple[str, ...]
    merge_policy: str
    condition: Condition
    sentence: str
    position: Position
    content_hash: str
    """SHA-256 (hex) of what decides who is a member: the rule, the merge policy and the time zone; words, the order of
    the rule's parts and the file do not count."""
    renamed_from: str | None = None
    method: EvaluationMethod = NOT_LOOKED_AT


def read_segment(id: str, node: Node, scope: Scope, problems: Problems) -> Segment | None:
    """The segment of one file, or None; every problem of the file is collected.

    The sentence tells other segments by their ids until `with_names` puts their names in.
    """
    if id == EVERYONE:
        problems.add("E316", f"'{EVERYONE}' is the built-in segment that holds every profile", node.position,
                     "give the file another name")  # fmt: skip
        return None
    config = read_model(node, SegmentConfig, problems, raw_paths=("members",))
    # the rule is read from the tree, so that a mistake in another key of the file does not hide those in the rule
    members = node.get("members") if isinstance(node, YamlMapping) else None
    condition = None if members is None else parse_condition(members, scope, problems)
    if config is None or condition is None or members is None:
        return None
    for odd in oddities(condition, scope):
        problems.add(odd.code, odd.message, odd.position, odd.hint, severity="warning")
    return Segment(
        id=id,
        name=config.name,
        description=config.description,
        tags=tuple(config.tags),
        merge_policy=config.merge_policy,
        condition=condition,
        sentence=sentence(condition, {}),
        position=members.position,
        content_hash=content_hash(condition, config.merge_policy, scope.time_zone),
        renamed_from=config.renamed_from,
    )


def content_hash(condition: Condition, merge_policy: str, time_zone: str) -> str:
    """SHA-256 (hex) over the canonical condition and what else decides who is a member."""
    return hashlib.sha256("\n".join((canonical_text(condition), merge_policy, time_zone)).encode()).hexdigest()


def with_names(segments: Mapping[str, Segment]) -> dict[str, Segment]:
    """The segments, each told with the names of those it refers to."""
    names = {id: segment.name for id, segment in segments.items()}
    return {
        id: replace(segment, sentence=sentence(segment.condition, names))
        if named_segments(segment.condition)
        else segment
        for id, segment in segments.items()
    }


def with_methods(
    segments: Mapping[str, Segment], graphless_policies: frozenset[str], event_feeds: Mapping[str, frozenset[str]]
) -> dict[str, Segment]:
    """The segments, each with how it can be evaluated; segments in a circle are left as they were.

    graphless_policies  merge policies that do not use the identity graph
    event_feeds         how the events of each type come in: batch, stream or both
    """
    conditions = {id: segment.condition for id, segment in segments.items()}
    sound, _ = dependency_order(conditions)
    return {
        id: replace(segment, method=evaluation_method(
            segment.condition, conditions, identity_graph=segment.merge_policy not in graphless_policies,
            event_feeds=event_feeds))
        if id in sound else segment
        for id, segment in segments.items()
    }  # fmt: skip


def check_cycles(segments: Mapping[str, Segment], problems: Problems) -> None:
    """Adds a problem for every cycle of segments that name each other, with its path, at the reference that opens it."""
    _, cycles = dependency_order({id: segment.condition for id, segment in segments.items()})
    for cycle in cycles:
        first, second = cycle[0], cycle[1]
        at = next(
            reference.position for reference in references(segments[first].condition) if second in reference.segments
        )
        problems.add("E315", f"segments name each other in a circle: {' -> '.join(cycle)}", at,
                     "take one of these references out", length=len("in_segment"))  # fmt: skip


def check_one_graph(
    segment: Segment, segments: Mapping[str, Segment], identity_graph: Mapping[str, bool], problems: Problems
) -> None:
    """Adds a problem for every segment that the rule names and that sees other people than the rule does: whole people of the
    identity graph, or owners of single identifiers. Nobody is ever in both, so the rule would be silently wrong.

    identity_graph  whether each known merge policy uses the graph
    """
    own = identity_graph.get(segment.merge_policy)
    for reference in references(segment.condition):
        for name in reference.segments:
            other = segments[name].merge_policy if name in segments else None
            if own is None or identity_graph.get(other or "", own) == own:
                continue
            with_graph, without = (segment.merge_policy, other) if own else (other, segment.merge_policy)
            problems.add("E272", f"'{name}' has the merge policy '{other}' and '{segment.id}' has '{segment.merge_policy}': "
                         f"'{with_graph}' sees people of the identity graph, '{without}' owners of single identifiers",
                         reference.position, f"give '{segment.id}' and '{name}' merge policies of one kind",
                         length=len("in_segment"))  # fmt: skip
