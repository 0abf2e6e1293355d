"""`profile-engine ids export | import | translate`: profile ids as state that outlives a lake, and what old ids are today."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from profile_engine.command_line.arguments import (
    add_lake_arguments,
    add_output_arguments,
    add_project_arguments,
    as_of_time,
    opened_workspace,
)
from profile_engine.command_line.told import write_json, write_told
from profile_engine.errors import ConfigurationError

if TYPE_CHECKING:
    from profile_engine.workspace import Workspace


def add_arguments(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(title="what", required=True, metavar="WHAT")
    export = kinds.add_parser(
        "export", help="write all ids and who has them to a folder",
        description="Writes identifiers/ and profiles/ into a folder or URI. The files hold identifiers as people wrote "
        "them: keep them as you keep the lake.",
    )  # fmt: skip
    export.set_defaults(do=_export)
    import_ = kinds.add_parser(
        "import", help="give an empty lake the ids of a folder",
        description="Land all data that the exported lake had, then run identity: everybody keeps their id.",
    )  # fmt: skip
    import_.add_argument(
        "--as-of", metavar="TIME", help="ISO 8601; a time without a zone is in the project's (default: now)"
    )
    import_.add_argument("--run-id", metavar="ID", help="the scheduler's own id of this run")
    import_.set_defaults(do=_import)
    for parser_of_kind in (export, import_):
        parser_of_kind.add_argument("folder", metavar="FOLDER")
        parser_of_kind.add_argument("--format", choices=("parquet", "csv"), default="parquet", help="default: parquet")
    translate = kinds.add_parser(
        "translate", help="ids that were ever given, as they are today",
        description="Reads profile ids, one a line, from a file or standard input; writes a line each: the id, today's id, "
        "and current, merged, gone or unknown, parted by tabs.",
    )  # fmt: skip
    translate.add_argument("file", nargs="?", metavar="FILE", help="default: standard input")
    translate.set_defaults(do=_translate)
    for parser_of_kind in (export, import_, translate):
        add_project_arguments(parser_of_kind)
        add_lake_arguments(parser_of_kind)
        add_output_arguments(parser_of_kind)


def profile_ids(arguments: argparse.Namespace, given: TextIO, out: TextIO) -> int:
    arguments.do(arguments, opened_workspace(arguments), given, out)
    return 0


def ids_in(file: str | None, given: TextIO) -> list[str]:
    """The ids of a file or of standard input, one a line, without blank lines; raises ConfigurationError for no file."""
    if file is not None and not Path(file).is_file():
        raise ConfigurationError(
            f"there is no file {file}; give one with a profile id a line, or none for standard input"
        )
    lines = Path(file).read_text(encoding="utf-8").splitlines() if file is not None else given.read().splitlines()
    return [line.strip() for line in lines if line.strip()]


def _export(arguments: argparse.Namespace, workspace: Workspace, given: TextIO, out: TextIO) -> None:
    moved = workspace.export_ids(arguments.folder, arguments.format)
    _tell(arguments, out, "exported", moved.identifiers, moved.profiles)


def _import(arguments: argparse.Namespace, workspace: Workspace, given: TextIO, out: TextIO) -> None:
    as_of = as_of_time(arguments.as_of, workspace.project.engine.time_zone)
    moved = workspace.import_ids(arguments.folder, as_of, arguments.format, arguments.run_id)
    _tell(arguments, out, "imported", moved.identifiers, moved.profiles)


def _tell(arguments: argparse.Namespace, out: TextIO, done: str, identifiers: int, profiles: int) -> None:
    line = f"{done}: {identifiers:,} identifiers, {profiles:,} profile ids that were ever given"
    write_told(arguments, {"identifiers": identifiers, "profile_ids": profiles}, [line], out)


def _translate(arguments: argparse.Namespace, workspace: Workspace, given: TextIO, out: TextIO) -> None:
    asked = ids_in(arguments.file, given)
    told = {row["profile_id"]: row for row in workspace.todays_ids(asked).toArrow().to_pylist()}
    if arguments.output == "json":
        write_json([told[one] for one in asked], out)
        return
    for one in asked:
        out.write(f"{one}\t{told[one]['todays_id'] or ''}\t{told[one]['what']}\n")
