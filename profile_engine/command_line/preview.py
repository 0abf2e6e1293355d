"""`profile-engine preview FILE`: a segment before it is anybody's: its sentence, its size, some members' ids."""

from __future__ import annotations

import argparse
import json
from typing import TextIO

from profile_engine.command_line.arguments import (
    add_lake_arguments,
    add_output_arguments,
    add_project_arguments,
    as_of_if_given,
    opened_workspace,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "segment", metavar="FILE", help="a segment's YAML file, in the project or not yet, or a segment's id"
    )
    add_project_arguments(parser)
    add_lake_arguments(parser)
    parser.add_argument("--as-of", metavar="TIME", help="default: the last release's")
    add_output_arguments(parser)


def preview(arguments: argparse.Namespace, out: TextIO) -> int:
    """Prints the preview; nothing is written to the lake."""

    workspace = opened_workspace(arguments)
    as_of = as_of_if_given(arguments, workspace)
    seen = workspace.preview(arguments.segment, as_of)
    if arguments.output == "json":
        json.dump(
            {"segment": seen.segment, "sentence": seen.sentence, "as_of": seen.as_of.isoformat(), "size": seen.size,
             "profiles": seen.profiles, "some_members": list(seen.some_members),
             "warnings": list(seen.warnings)}, out, indent=2,
        )  # fmt: skip
        out.write("\n")
        return 0
    share = f" ({seen.size / seen.profiles:.1%} of {seen.profiles:,} profiles)" if seen.profiles else ""
    out.write(f"{seen.segment}\n  {seen.sentence}\n")
    out.write(f"size       {seen.size:,}{share} as of {seen.as_of:%Y-%m-%dT%H:%M:%SZ}\n")
    if seen.some_members:
        out.write("members    " + "\n           ".join(seen.some_members) + "\n")
    for warning in seen.warnings:
        out.write(f"warning    {warning}\n")
    return 0
