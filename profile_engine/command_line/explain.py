"""`profile-engine explain person`: identifiers, attributes with their source, segments with the rule and the values seen."""

from __future__ import annotations

import argparse
import dataclasses
import getpass
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, TextIO

from profile_engine.command_line.arguments import add_lake_arguments, add_output_arguments, add_project_arguments
from profile_engine.errors import ConfigurationError
from profile_engine.observability.log import set_up_logging

if TYPE_CHECKING:
    from profile_engine.rules.explain import Explained
    from profile_engine.workspace.explain_person import PersonExplained, SegmentExplained

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
    add_project_arguments(person)
    add_lake_arguments(person)
    add_output_arguments(person)


def explain(arguments: argparse.Namespace, given: TextIO, out: TextIO) -> int:
    """Prints one person; this is the one command whose output holds personal values."""
    from profile_engine.workspace import open_workspace

    set_up_logging(arguments.log_format, arguments.log_level)
    value = _identifier(arguments.identifier, given) if arguments.identifier else None
    workspace = open_workspace(arguments.project, arguments.environment, arguments.lake)
    known = workspace.project.segments
    if arguments.segment is not None and arguments.segment not in known:
        raise ConfigurationError(f"there is no segment {arguments.segment}; known: {', '.join(sorted(known))}")
    person = workspace.explain_person(arguments.profile_id, namespace=arguments.identifier, value=value)
    if arguments.segment is not None:
        chosen = tuple(one for one in person.segments if one.segment == arguments.segment)
        person = dataclasses.replace(person, segments=chosen)
    if arguments.output == "json":
        json.dump(dataclasses.asdict(person), out, indent=2, default=str, ensure_ascii=False)
        out.write("\n")
    else:
        out.write("\n".join(lines_of(person)) + "\n")
    return 0


def _identifier(namespace: str, given: TextIO) -> str:
    text = getpass.getpass(f"{namespace}: ") if given.isatty() else given.readline()
    if not text.strip():
        raise ConfigurationError(
            "no identifier on standard input; write one line, such as: echo VALUE | profile-engine ..."
        )
    return text.rstrip("\n")


def lines_of(person: PersonExplained) -> Iterator[str]:
    """The explanation as people read it."""
    yield f"profile {person.profile_id} as of {person.as_of:%Y-%m-%dT%H:%M:%SZ}"
    if person.asked_for is not None:
        yield f"  {person.asked_for} has been merged into it"
    yield "identifiers"
    width = max((len(namespace) for namespace, _, _ in person.identifiers), default=0)
    for namespace, value, first_seen in person.identifiers:
        yield f"  {namespace:<{width}}  {value}  first seen {first_seen:%Y-%m-%d}"
    yield "attributes"
    width = max((len(one.path) for one in person.attributes), default=0)
    for one in person.attributes:
        since = f" of {one.time:%Y-%m-%d}" if one.time is not None else ""
        yield f"  {one.path:<{width}}  {one.value}  from {one.dataset}{since}"
    if not person.attributes:
        yield "  none: only events know this person"
    yield f"events  {person.events}"
    yield "segments"
    for segment in person.segments:
        yield from _segment_lines(segment)


def _segment_lines(segment: SegmentExplained) -> Iterator[str]:
    where = f"{segment.status}, since {segment.entered_at:%Y-%m-%dT%H:%M:%SZ}" if segment.entered_at else "not a member"
    yield f"  {YES if segment.status else NO} {segment.name} ({segment.segment}): {where}"
    yield from _rule_lines(segment.rule, 3)


def _rule_lines(rule: Explained, depth: int) -> Iterator[str]:
    seen = ""
    if rule.tests_a_value:
        seen = "  (missing)" if rule.seen is None else f"  (seen: {rule.seen})"
    yield f"{'  ' * depth}{YES if rule.verdict else NO} {rule.words}{seen}"
    for part in rule.parts:
        yield from _rule_lines(part, depth + 1)
