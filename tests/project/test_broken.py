"""Every kind of mistake in a project's files is shown at its line and column, with its code and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from profile_engine.config.problems import ConfigErrors
from profile_engine.project import open_project
from tests.project.small_project import change, small_project

CASES = [
    pytest.param(case, id=f"{file.stem}: {case['case']}")
    for file in sorted((Path(__file__).parent / "broken").glob("*.yaml"))
    for case in yaml.safe_load(file.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_is_shown_at_its_place(case: dict[str, Any], tmp_path: Path) -> None:
    root = small_project(tmp_path)
    _break(root, case)

    with pytest.raises(ConfigErrors) as raised:
        open_project(root, case.get("environment"))

    problems = raised.value.problems
    shown = "\n".join(problems.shown(problem) for problem in problems.errors)
    assert [(str(problem.position), problem.code) for problem in problems.errors] == [(case["at"], case["code"])], shown
    (problem,) = problems.errors
    assert case.get("message", "") in problem.message
    assert case.get("hint", "") in (problem.hint or "")
    if "hidden" in case:
        assert case["hidden"] not in str(raised.value)


def _break(root: Path, case: dict[str, Any]) -> None:
    for step in (case, case.get("and"), case.get("and_file")):
        file = (step or {}).get("file", case.get("file"))
        if not step or file is None:
            continue
        if step.get("removed"):
            (root / file).unlink()
        elif "replace" in step:
            change(root, file, step["replace"], step["with"])
        else:
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            (root / file).write_text(step["with"], encoding="utf-8")
