"""`profile-engine explain`: of a person the identifiers, attributes with their source, segments with the rule and the values seen."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING, TextIO

from profile_engine.command_line import explain_segment
from profile_engine.command_line.arguments import (
    add_lake_arguments,
    add_output_arguments,
    add_project_arguments,
    as_of_if_given,
    opened_workspace,
)
from profile_engine.command_line.attribute_lines import attribute_lines
from profile_engine.command_line.explain_identity import add_kinds, one_identifier
from profile_engine.command_line.told import write_told

if TYPE_CHECKING:
    from profile_engine.rules.explain import Explained
    from profile_engine.workspace.explain_person import PersonExplained
    from profile_engine.workspace.segment_verdicts import SegmentExplained

YES, NO = "✓", "✗"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(title="what", required=True, metavar="WHAT")
    person = kinds.add_parser("person", help="one person: identifiers, attributes, segments")
    who = person.add_mutually_exclusive_group(required=True)
    who.add_argument("profile_id", nargs="?", metavar="PROFILE_ID", help="a profile id, as tables and exports show it")
    who.add_argument(
        "--identifier",
        metavar="NAMESPACE",
        help="read an identifier of this namespace from standard input, so that none stays in a shell history",
    )
    person.add_argument("--segment", metavar="ID", help="only this segment")
    person.add_argument(
        "--as-of", metavar="TIME", help="as of the run then, while its release is kept (default: the last)"
    )
    add_project_arguments(person)
    add_lake_arguments(person)
    add_output_arguments(person)
    person.set_defaults(tell=_person)
    explain_segment.add_kinds(kinds)
    add_kinds(kinds)


def explain(arguments: argparse.Namespace, given: TextIO, out: TextIO) -> int:
    """Prints an explanation; this is the one command whose output holds personal values."""
    arguments.tell(arguments, given, out)
    return 0


def _person(arguments: argparse.Namespace, given: TextIO, out: TextIO) -> None:
    value = one_identifier(arguments.identifier, given) if arguments.identifier else None
    workspace = opened_workspace(arguments)
    if arguments.segment is not None:
        explain_segment.segment_named(workspace.project, arguments.segment)
    as_of = as_of_if_given(arguments, workspace)
    person = workspace.explain_person(arguments.profile_id, namespace=arguments.identifier, value=value, as_of=as_of)
    if arguments.segment is not None:
        chosen = tuple(one for one in person.segments if one.segment == arguments.segment)
        person = dataclasses.replace(person, segments=chosen)
    write_told(arguments, dataclasses.asdict(person), lines_of(person), out)


def lines_of(person: PersonExplained) -> Iterator[str]:
    """The explanation as people read it."""
    yield f"profile {person.profile_id} as of {person.as_of:%Y-%m-%dT%H:%M:%SZ}"
    if person.asked_for is not None:
        yield f"  {person.asked_for} has been merged into it"
    yield "identifiers"
    width = max((len(namespace) for namespace, _, _ in person.identifiers), default=0)
    for namespace, value, first_seen in person.identifiers:
        yield f"  {namespace:<{width}}  {value}  first seen {first_seen:%Y-%m-%d}"
    yield from attribute_lines(person.attributes)
    yield f"events  {person.events}"
    yield "segments"
    for segment in person.segments:
        yield from _segment_lines(segment, person.profile_id)


def _segment_lines(segment: SegmentExplained, person: str) -> Iterator[str]:
    where = f"{segment.status}, since {segment.entered_at:%Y-%m-%dT%H:%M:%SZ}" if segment.entered_at else "not a member"
    if segment.left_at is not None:
        where = f"exited at {segment.left_at:%Y-%m-%dT%H:%M:%SZ}"
    owner = f" as {segment.profile_id}" if segment.profile_id != person else ""
    yield f"  {YES if segment.entered_at else NO} {segment.name} ({segment.segment}){owner}: {where}"
    if segment.sentence_then is not None:
        yield f"      the rule has changed since; it said: {segment.sentence_then}"
    yield from _rule_lines(segment.rule, 3)


def _rule_lines(rule: Explained, depth: int) -> Iterator[str]:
    seen = ""
    if rule.tests_a_value:
        told = ["missing" if rule.seen is None else f"seen: {rule.seen}"]
        told += [f"threshold: {rule.threshold}"] if rule.threshold is not None else []
        told += [f"distance: {rule.distance}"] if rule.distance is not None else []
        seen = f"  ({', '.join(told)})"
    yield f"{'  ' * depth}{YES if rule.verdict else NO} {rule.words}{seen}"
    for part in rule.parts:
        yield from _rule_lines(part, depth + 1)
