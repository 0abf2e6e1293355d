"""Segments: their rules typed against the union schemas, their merge policies, and segments of segments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from profile_engine.config.problems import Problems, did_you_mean
from profile_engine.project.description import Description
from profile_engine.project.layout import MERGE_POLICIES
from profile_engine.rules.describe import sentence
from profile_engine.rules.parse import parse_condition
from profile_engine.rules.scope import Scope
from profile_engine.rules.syntax import EVERYONE, Condition, InSegment, parts
from profile_engine.schemas.union_schema import UnionSchema
from profile_engine.segments.segment import Segment

CYCLE = "E272"


def resolved_segments(
    description: Description, attributes: UnionSchema, events: UnionSchema, default_policy: str, problems: Problems
) -> dict[str, Segment]:
    """Every segment with its rule read and told in words; what can't be read becomes problems.

    Where a schema could not be read, nobody knows which fields are unknown: rules are then left for the next time.
    """
    ids = description.documents.ids("segments")
    for name in set(ids) & {EVERYONE}:
        where = description.documents.value(("segments", name))
        problems.add_at(
            where, "E204", f"'{EVERYONE}' is the built-in segment of all profiles", "take another file name"
        )
    _check_merge_policies(description, problems)
    if not description.schemas_are_sound or description.engine is None:
        return {}
    scope = Scope(attributes, events, frozenset(ids), description.engine.time_zone)
    conditions: dict[str, Condition] = {}
    for name, config in description.segments.items():
        condition = parse_condition(config.members.node, scope, problems)
        if condition is not None:
            conditions[name] = condition
    _check_cycles(conditions, problems)
    names = {name: config.name for name, config in description.segments.items()}
    segments: dict[str, Segment] = {}
    for name, condition in conditions.items():
        config = description.segments[name]
        given = description.documents.has(("segments", name), "merge_policy")
        segments[name] = Segment.of(
            name, config, condition, sentence(condition, names),
            description.documents.value(("segments", name), "members").position,
            merge_policy=config.merge_policy if given else default_policy,
        )  # fmt: skip
    return segments


def _check_merge_policies(description: Description, problems: Problems) -> None:
    known = description.names_in(MERGE_POLICIES) or list(description.merge_policies)
    for name, config in description.segments.items():
        key = ("segments", name)
        if description.documents.has(key, "merge_policy") and config.merge_policy not in known:
            hint = did_you_mean(config.merge_policy, known)
            where = description.documents.value(key, "merge_policy")
            problems.add_at(where, "E270", f"unknown merge policy '{config.merge_policy}'", hint)


def _check_cycles(conditions: Mapping[str, Condition], problems: Problems) -> None:
    """Adds one problem for each cycle, at the `in_segment` that closes it, with the whole path."""
    done: set[str] = set()

    def visit(name: str, path: list[str]) -> None:
        for member in _memberships(conditions[name]):
            for target in member.segments:
                if target in path:
                    cycle = [*path[path.index(target) :], target]
                    message = f"segments go round in a circle: {' -> '.join(cycle)}"
                    problems.add(
                        CYCLE, message, member.position, "a segment can't depend on itself; break one of these"
                    )
                elif target in conditions and target not in done:
                    visit(target, [*path, target])
        done.add(name)

    for name in conditions:
        if name not in done:
            visit(name, [name])


def _memberships(condition: Condition) -> Iterator[InSegment]:
    if isinstance(condition, InSegment):
        yield condition
    for part in parts(condition):
        yield from _memberships(part)
