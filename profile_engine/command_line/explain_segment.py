"""`profile-engine explain segment | members`: what a segment means and how it is evaluated; who was in it at a time."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING, TextIO

from profile_engine.command_line.arguments import (
    add_lake_arguments,
    add_output_arguments,
    add_project_arguments,
    as_of_if_given,
    opened_workspace,
)
from profile_engine.command_line.told import write_told
from profile_engine.errors import ConfigurationError
from profile_engine.project.load import open_project
from profile_engine.project.location import local_project
from profile_engine.rules.references import named_segments

if TYPE_CHECKING:
    from profile_engine.project.project import Project
    from profile_engine.segments.segment import Segment
    from profile_engine.workspace.explain_members import MembersExplained

_RUNS_SHOWN = 10


def add_kinds(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The two kinds of explanation that are about segments."""
    segment = kinds.add_parser("segment", help="a segment's sentence, how it is evaluated and why, and what names it")
    segment.add_argument("segment", metavar="ID")
    segment.set_defaults(tell=_segment)
    members = kinds.add_parser("members", help="who was in a segment at a time, under which definition; its sizes")
    members.add_argument("segment", metavar="ID")
    members.add_argument(
        "--as-of", metavar="TIME", help="any time since the log begins (default: the last evaluation's)"
    )
    members.add_argument(
        "--with", dest="others", action="append", default=[], metavar="ID",
        help="how many of today's members are also in this segment; may be given again",
    )  # fmt: skip
    members.set_defaults(tell=_members)
    add_lake_arguments(members)
    for parser in (segment, members):
        add_project_arguments(parser)
        add_output_arguments(parser)


def segment_named(project: Project, id: str) -> Segment:
    """A segment of the project; raises ConfigurationError with those that there are."""
    if id not in project.segments:
        raise ConfigurationError(f"there is no segment {id}; known: {', '.join(sorted(project.segments))}")
    return project.segments[id]


def _segment(arguments: argparse.Namespace, given: TextIO, out: TextIO) -> None:
    project = open_project(local_project(arguments.project), arguments.environment)
    segment = segment_named(project, arguments.segment)
    named_by = sorted(id for id, one in project.segments.items() if segment.id in named_segments(one.condition))
    told = {
        "segment": segment.id, "name": segment.name, "sentence": segment.sentence, "merge_policy": segment.merge_policy,
        "evaluation_method": segment.method.method, "method_reason": segment.method.reason,
        "names": sorted(named_segments(segment.condition)), "named_by": named_by,
    }  # fmt: skip
    write_told(arguments, told, _segment_lines(segment, named_by), out)


def _segment_lines(segment: Segment, named_by: list[str]) -> Iterator[str]:
    yield f"{segment.name} ({segment.id})"
    yield f"  {segment.sentence}"
    yield f"  evaluated   {segment.method.method}: {segment.method.reason}"
    yield f"  merge policy  {segment.merge_policy}"
    for word, ids in (("names", sorted(named_segments(segment.condition))), ("named by", named_by)):
        if ids:
            yield f"  {word}  {', '.join(ids)}"


def _members(arguments: argparse.Namespace, given: TextIO, out: TextIO) -> None:
    workspace = opened_workspace(arguments)
    as_of = as_of_if_given(arguments, workspace)
    told = workspace.explain_members(arguments.segment, as_of, arguments.others)
    write_told(arguments, dataclasses.asdict(told), member_lines(told), out)


def member_lines(told: MembersExplained) -> Iterator[str]:
    """Who was in a segment, as people read it."""
    yield f"{told.segment} as of {told.as_of:%Y-%m-%dT%H:%M:%SZ}"
    yield f"  {told.sentence}"
    yield f"  version {told.version}, since {told.valid_from:%Y-%m-%dT%H:%M:%SZ}"
    if not told.in_project:
        yield "  not in the project at that time: this is how it read last"
    yield f"members     {told.size:,}" + (f", such as {', '.join(told.some_members)}" if told.some_members else "")
    for other, shared in told.overlaps:
        yield f"today also in {other}: {shared:,}"
    yield "sizes"
    for as_of, size in told.history[-_RUNS_SHOWN:]:
        yield f"  {as_of:%Y-%m-%dT%H:%M:%SZ}  " + ("not in the project" if size is None else f"{size:,}")
