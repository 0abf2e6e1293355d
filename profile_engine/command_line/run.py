"""`profile-engine run` and the spark-submit jobs: a road or some stages of it, with progress and a closing table."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from rich.console import Console

from profile_engine.command_line.arguments import (
    add_lake_arguments,
    add_output_arguments,
    add_project_arguments,
    add_run_arguments,
    as_of_time,
    opened_workspace,
)

if TYPE_CHECKING:
    from profile_engine.workspace.road import RunResult

STAGE_NAMES = ("datasets", "identity", "profiles", "segments", "destinations")
_WIDTH_OF_A_LOG = 120


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_project_arguments(parser)
    add_lake_arguments(parser)
    add_run_arguments(parser)
    add_output_arguments(parser)
    parser.add_argument(
        "--stage", action="append", choices=STAGE_NAMES, default=[], help="only this stage of the road; may be repeated"
    )


def run(arguments: argparse.Namespace, out: TextIO, *, job: str = "run_everything") -> int:
    """Runs and reports; the exit code is 0, or 3 when something was set aside."""
    from profile_engine.lake.spark_jobs import tasks_under_way
    from profile_engine.observability.closing_table import show_closing_table
    from profile_engine.observability.progress import RunProgress

    workspace = opened_workspace(arguments)
    as_of = as_of_time(arguments.as_of, workspace.project.engine.time_zone)
    errors = Console(stderr=True)
    if errors.is_terminal:
        errors.print(f"as of {as_of:%Y-%m-%d %H:%M:%S} UTC; starting Spark", highlight=False)
    spark = workspace.spark
    progress = RunProgress(errors, lambda: tasks_under_way(spark))
    stages = tuple(arguments.stage) or STAGE_NAMES
    result = workspace.run(
        as_of, stages, arguments.run_id, job=job, confirmed=frozenset(arguments.confirm), progress=progress
    )
    if arguments.output == "json":
        json.dump(result_as_json(result), out, indent=2)
        out.write("\n")
    else:
        console = Console(file=out)
        if not console.is_terminal:  # a log or a file has no edge to fold at
            console.width = max(console.width, _WIDTH_OF_A_LOG)
        show_closing_table(console, result.reports, result.seconds)
        console.print(_last_line(result), highlight=False)
    return 0 if arguments.rejects_are_ok else result.exit_code


def result_as_json(result: RunResult) -> dict[str, object]:
    """The result as `--output json` prints it: counts and ids, never a person's value."""
    return {
        "run_id": result.run_id,
        "as_of": result.as_of.isoformat(),
        "release_id": result.release_id,
        "commits": len(result.commits),
        "stages": [
            {
                "stage": report.stage, "seconds": round(result.seconds.get(report.stage, 0.0), 2),
                "figures": report.figures, "skipped": report.skipped, "set_aside": list(report.refused),
            }
            for report in result.reports
        ],
    }  # fmt: skip


def _last_line(result: RunResult) -> str:
    published = "nothing changed" if result.release_id is None else f"release {result.release_id} published"
    return f"run {result.run_id} as of {result.as_of:%Y-%m-%dT%H:%M:%SZ}: {published}, {len(result.commits)} commits"


def job_main(job: str, stages: Sequence[str], argv: Sequence[str], out: TextIO = sys.stdout) -> int:
    """`main` of a spark-submit job: the arguments of `profile-engine run`, for some stages; the exit code, never raised."""
    from profile_engine.command_line.main import reported

    parser = argparse.ArgumentParser(prog=f"jobs/{job}.py", description=f"Stages: {', '.join(stages)}.")
    add_project_arguments(parser)
    add_lake_arguments(parser)
    add_run_arguments(parser)
    add_output_arguments(parser)
    parser.set_defaults(stage=list(stages), log_level="INFO")

    def command() -> int:
        return run(parser.parse_args(list(argv)), out, job=job)

    return reported(command)
