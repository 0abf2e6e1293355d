"""Arguments that every job and command takes, how a time is read from one, and the workspace that they name."""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from profile_engine.errors import ConfigurationError
from profile_engine.observability.log import set_up_logging

if TYPE_CHECKING:
    from profile_engine.workspace import Workspace


def add_project_arguments(parser: argparse.ArgumentParser) -> None:
    """--project and --environment: which project is meant."""
    parser.add_argument(
        "--project", default=".", metavar="DIR", help="the project: a folder, an archive or a URI (default: .)"
    )
    parser.add_argument("--environment", metavar="NAME", help="overlay of conf/environments/NAME.yaml")


def add_output_arguments(parser: argparse.ArgumentParser) -> None:
    """--output and --log-format: results go to standard output, log lines to standard error."""
    parser.add_argument(
        "--output", choices=("table", "json"), default="table", help="form of the result (default: table)"
    )
    parser.add_argument(
        "--log-format", choices=("text", "json"), default="text", help="form of log lines (default: text)"
    )
    parser.add_argument(
        "--log-level", choices=("DEBUG", "INFO", "WARNING", "ERROR"), default="WARNING", help="default: WARNING"
    )


def add_lake_arguments(parser: argparse.ArgumentParser) -> None:
    """--lake: another lake than conf/engine.yaml names."""
    parser.add_argument("--lake", metavar="PATH", help="folder or URI of the lake, instead of conf/engine.yaml's")


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """What a writing run takes beside the project, the lake and the form of output."""
    parser.add_argument(
        "--as-of", metavar="TIME", help="ISO 8601; a time without a zone is in the project's (default: now)"
    )
    parser.add_argument("--run-id", metavar="ID", help="the scheduler's own id of this run")
    parser.add_argument(
        "--confirm",
        action="append",
        default=[],
        metavar="GATE",
        help="confirm a gate or guard that refused; may be repeated",
    )
    parser.add_argument("--rejects-are-ok", action="store_true", help="exit 0, not 3, when something was set aside")


def as_of_time(text: str | None, time_zone: str) -> datetime:
    """The time a run counts as: what was given, or now, which only the outermost edge of the program reads.

    A date alone is its midnight; without an offset the time is in the project's `time_zone`. The answer is in UTC.
    Raises ConfigurationError for text that is no time.
    """
    if text is None:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(
            f"--as-of '{text}' is no ISO 8601 time; write one such as 2026-11-01 or 2026-11-01T06:00:00Z"
        ) from None
    if len(text) == len("2026-11-01"):
        moment = datetime.combine(date.fromisoformat(text), time())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(time_zone))
    return moment.astimezone(UTC)


def as_of_if_given(arguments: argparse.Namespace, workspace: Workspace) -> datetime | None:
    """`as_of_time` of --as-of, where the command line has it."""
    return as_of_time(arguments.as_of, workspace.project.engine.time_zone) if arguments.as_of else None


def opened_workspace(arguments: argparse.Namespace) -> Workspace:
    """The workspace that the arguments name, its log set up."""
    from profile_engine.workspace import open_workspace

    set_up_logging(arguments.log_format, arguments.log_level)
    return open_workspace(arguments.project, arguments.environment, arguments.lake)
