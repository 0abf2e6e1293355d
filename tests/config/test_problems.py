"""Problems are collected over all files, shown with line and caret, and every code is explained."""

from __future__ import annotations

import re
from pathlib import Path

from profile_engine.config.error_codes import ERROR_CODES
from profile_engine.config.problems import ConfigErrors, Place, Position, Problems, did_you_mean

PACKAGE = Path(__file__).parents[2] / "profile_engine"
RAISED_HERE = ("config", "project", "rules", "segments", "schemas")
CODE = re.compile(r'"(E\d{3})"')


def used_codes() -> set[str]:
    files = [file for room in RAISED_HERE for file in (PACKAGE / room).rglob("*.py") if file.name != "error_codes.py"]
    return {code for file in files for code in CODE.findall(file.read_text(encoding="utf-8"))}


def test_every_code_that_is_used_is_explained_and_none_is_left_over() -> None:
    assert used_codes() == set(ERROR_CODES)


def test_every_explanation_is_one_sentence() -> None:
    for code, sentence in ERROR_CODES.items():
        assert sentence.endswith("."), code
        assert "\n" not in sentence


def test_every_code_of_files_and_references_has_a_broken_project() -> None:
    broken = Path(__file__).parents[1] / "project" / "broken"
    shown = {code for file in broken.glob("*.yaml") for code in re.findall(r"code: (E\d{3})", file.read_text())}
    not_in_one_file = {
        "E100",
        "E101",
        "E228",
    }  # bytes and permissions (test_yaml_document), a warning (test_open_project)
    assert {code for code in ERROR_CODES if code < "E300"} - shown == not_in_one_file


def test_a_problem_is_shown_with_its_line_and_a_caret() -> None:
    problems = Problems()
    problems.remember_source("a.yaml", "one: 1\n\ttwo:  22\n")
    problems.add_at(Place(Position("a.yaml", 2, 8), 2), "E113", "not what it should be", "write 3")
    assert problems.shown(problems.errors[0]) == (
        "a.yaml:2:8: error[E113]: not what it should be\n    2 | \ttwo:  22\n      | \t      ^^ write 3"
    )


def test_problems_come_in_the_order_of_files_and_lines_and_once() -> None:
    problems = Problems()
    for file, line in (("b", 1), ("a", 10), ("a", 2), ("a", 2)):
        problems.add("E113", "wrong", Position(file, line, 1))
    problems.warn_at(Place(Position("a", 1, 1)), "E113", "strange")
    assert [str(problem.position) for problem in problems.errors] == ["a:2:1", "a:10:1", "b:1:1"]
    assert str(ConfigErrors(problems)).endswith("3 problems found")
    assert len(problems.warnings) == 1


def test_a_hidden_line_shows_nothing_after_its_place() -> None:
    problems = Problems()
    problems.remember_source("a.yaml", "key: hunter2, x: y\n")
    problems.add("E113", "one", Position("a.yaml", 1, 1), length=40)
    problems.hide_from(Position("a.yaml", 1, 6))
    assert "key: ***\n" in problems.shown(problems.errors[0])


def test_a_close_match_is_named_or_the_few_known_words() -> None:
    assert did_you_mean("emial", ["email", "phone"]) == "did you mean 'email'?"
    assert did_you_mean("zzz", ["email", "phone"]) == "known: email, phone"
    assert did_you_mean("zzz", [f"word{number}" for number in range(40)]) is None
    assert did_you_mean("zzz", []) is None
