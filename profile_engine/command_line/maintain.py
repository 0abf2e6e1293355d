"""`jobs/maintain_lake.py`: compacts, vacuums and expires the tables of a lake, and says what was done to each."""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Sequence
from typing import TextIO

from profile_engine.command_line.arguments import (
    add_lake_arguments,
    add_output_arguments,
    add_project_arguments,
    as_of_time,
    opened_workspace,
)


def maintain_main(argv: Sequence[str], out: TextIO) -> int:
    """`main` of the job; the exit code, never raised."""
    from profile_engine.command_line.main import reported

    parser = argparse.ArgumentParser(prog="jobs/maintain_lake.py", description="Compacts, vacuums and expires a lake.")
    add_project_arguments(parser)
    add_lake_arguments(parser)
    parser.add_argument(
        "--as-of", metavar="TIME", help="ISO 8601; a time without a zone is in the project's (default: now)"
    )
    parser.add_argument("--run-id", metavar="ID", help="the scheduler's own id of this run")
    add_output_arguments(parser)
    return reported(lambda: maintain(parser.parse_args(list(argv)), out))


def maintain(arguments: argparse.Namespace, out: TextIO) -> int:
    """Maintains the lake of a project; 0 when every table was looked at."""
    from profile_engine.lake.maintenance import maintain_lake
    from profile_engine.lake.retention import kept_for
    from profile_engine.segments.history_writing import forget_exits

    workspace = opened_workspace(arguments)
    as_of = as_of_time(arguments.as_of, workspace.project.engine.time_zone)
    keep_exits = kept_for(workspace.project.engine.lake.keep_exits)
    done = maintain_lake(workspace.lake, as_of, arguments.run_id, forget=lambda run: forget_exits(run, keep_exits))
    if arguments.output == "json":
        json.dump([dataclasses.asdict(table) for table in done], out, indent=2)
        out.write("\n")
        return 0
    for table in done:
        did = [word for word in ("compacted", "vacuumed", "dropped") if getattr(table, word)]
        out.write(f"{table.table:<24} {', '.join(did) or table.left or 'nothing to do'}\n")
    return 0
