"""`profile-engine validate`: every file of a project checked, every problem shown at its place; no Spark is started."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TextIO

from profile_engine.config.problems import ConfigErrors, Problems
from profile_engine.project.effective import effective_lines
from profile_engine.project.load import read_project
from profile_engine.project.location import local_project
from profile_engine.project.project import Project

OK, REFUSED = 0, 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `validate` takes."""
    parser.add_argument(
        "--project", default=".", metavar="DIR", help="the project: a folder, an archive or a URI (default: .)"
    )
    parser.add_argument("--environment", metavar="NAME", help="overlay of conf/environments/NAME.yaml")
    parser.add_argument(
        "--show-effective",
        action="store_true",
        help="print every value, defaults too, with the file that it comes from",
    )


def command(arguments: argparse.Namespace) -> int:
    """The exit code of a call of the command line."""
    return validate(local_project(arguments.project), arguments.environment, arguments.show_effective, sys.stdout)


def validate(root: Path, environment: str | None, show_effective: bool, out: TextIO) -> int:
    """Prints what is wrong with a project, or what is in it. Returns 0, or 2 where a problem was found."""
    problems = Problems()
    description, project = read_project(root, environment, problems)
    if show_effective:
        for line in effective_lines(description):
            print(line, file=out)
    for warning in problems.warnings:
        print(problems.shown(warning), file=out)
    if problems.errors:
        print(ConfigErrors(problems), file=out)
        return REFUSED
    assert project is not None, "a project without problems is whole"
    print(f"{_named(root, environment)} is valid: {_content(project)}", file=out)
    return OK


def _named(root: Path, environment: str | None) -> str:
    where = "the project" if root.resolve() == Path.cwd().resolve() else f"the project at {root}"
    return f"{where} with environment {environment}" if environment else where


def _content(project: Project) -> str:
    counts = (
        (len(project.schemas), "schema", "schemas"),
        (len(project.datasets), "dataset", "datasets"),
        (len(project.namespaces), "namespace", "namespaces"),
        (len(project.merge_policies), "merge policy", "merge policies"),
        (len(project.computed_attributes), "computed attribute", "computed attributes"),
        (len(project.segments), "segment", "segments"),
        (len(project.destinations), "destination", "destinations"),
    )
    return ", ".join(f"{count} {one if count == 1 else many}" for count, one, many in counts)
