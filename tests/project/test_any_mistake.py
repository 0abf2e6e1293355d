"""Whatever stands at any place of any file, opening the project ends in a project or in problems, never in a crash."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from profile_engine.config.problems import ConfigErrors, Problem
from profile_engine.project import open_project
from tests.project.small_project import SMALL, small_project

REPLACEMENTS: tuple[Any, ...] = (
    None,
    "",
    "x",
    "-1",
    "true",
    [],
    {},
    ["x"],
    [None],
    [["x"]],
    {"x": "y"},
    {"x": None},
    {"": {}},
    "${X_UNSET}",
)
FILES = [file.relative_to(SMALL) for file in sorted(SMALL.rglob("*.yaml"))]
TRIED = 120


def places(content: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    steps = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for step, inner in steps:
        yield from places(inner, (*path, step))


def replaced(content: Any, path: tuple[Any, ...], by: Any) -> Any:
    if not path:
        return by
    changed = dict(content) if isinstance(content, dict) else list(content)
    changed[path[0]] = replaced(content[path[0]], path[1:], by)
    return changed


def mistakes() -> list[tuple[Path, tuple[Any, ...], Any]]:
    contents = {file: yaml.load((SMALL / file).read_text(), yaml.BaseLoader) for file in FILES}
    return [(file, path, by) for file in FILES for path in places(contents[file]) for by in REPLACEMENTS]


def test_no_content_at_any_place_crashes_the_reader(tmp_path: Path) -> None:
    root = small_project(tmp_path)
    for file, path, by in random.Random(20261101).sample(mistakes(), TRIED):
        original = (root / file).read_text()
        content = replaced(yaml.load(original, yaml.BaseLoader), path, by)
        (root / file).write_text(yaml.safe_dump(content, sort_keys=False))
        where = f"{by!r} at {'.'.join(map(str, path))} of {file}"
        errors = problems_of(root, where)
        assert all(problem.position.file for problem in errors), where
        (root / file).write_text(original)


def problems_of(root: Path, where: str) -> list[Problem]:
    try:
        open_project(root, "prod")
    except ConfigErrors as errors:
        return errors.problems.errors
    except Exception as error:
        raise AssertionError(f"{where}: {type(error).__name__}: {error}") from error
    return []
