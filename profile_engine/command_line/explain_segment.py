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
    as_of_time,
)
from profile_engine.command_line.explain_identity import opened_workspace, write_json
from profile_engine.errors import ConfigurationError
from profile_engine.project.load import open_project
from profile_engine.project.location import local_project
from profile_engine.rules.references import named_segments

if TYPE_CHECKING:
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


def _segment(arguments: argparse.Namespace, given: TextIO, out: TextIO) -> None:
    project = open_project(local_project(arguments.project), arguments.environment)
    segment = project.segments.get(arguments.segment)
    if segment is None:
        known = ", ".join(sorted(project.segments))
        raise ConfigurationError(f"there is no segment {arguments.segment}; known: {known}")
    named_by = sorted(id for id, one in project.segments.items() if segment.id in named_segments(one.condition))
    told = {
        "segment": segment.id, "name": segment.name, "sentence": segment.sentence, "merge_policy": segment.merge_policy,
        "evaluation_method": segment.method.method, "method_reason": segment.method.reason,
        "names": sorted(named_segments(segment.condition)), "named_by": named_by,
    }  # fmt: skip
    if arguments.output == "json":
        write_json(told, out)
        return
    out.write(f"{segment.name} ({segment.id})\n  {segment.sentence}\n")
    out.write(
        f"  evaluated   {segment.method.method}: {segment.method.reason}\n  merge policy  {segment.merge_policy}\n"
    )
    for word, ids in (("names", told["names"]), ("named by", named_by)):
        if ids:
            out.write(f"  {word}  {', '.join(ids)}\n")


def _members(arguments: argparse.Namespace, given: TextIO, out: TextIO) -> None:
    workspace = opened_workspace(arguments)
    as_of = as_of_time(arguments.as_of, workspace.project.engine.time_zone) if arguments.as_of else None
    told = workspace.explain_members(arguments.segment, as_of, arguments.others)
    if arguments.output == "json":
        write_json(dataclasses.asdict(told), out)
    else:
        out.write("\n".join(_lines(told)) + "\n")


def _lines(told: MembersExplained) -> Iterator[str]:
    yield f"{told.segment} as of {told.as_of:%Y-%m-%dT%H:%M:%SZ}"
    yield f"  {told.sentence}"
    yield f"  version {told.version}, since {told.valid_from:%Y-%m-%dT%H:%M:%SZ}"
    yield f"members     {told.size:,}" + (f", such as {', '.join(told.some_members)}" if told.some_members else "")
    for other, shared in told.overlaps:
        yield f"today also in {other}: {shared:,}"
    yield "sizes"
    for as_of, size in told.history[-_RUNS_SHOWN:]:
        yield f"  {as_of:%Y-%m-%dT%H:%M:%SZ}  {size:,}"
