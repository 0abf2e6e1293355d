"""The rule language's page says what the registry has, and its example is a rule that can be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from profile_engine.rules.operators.registry import operators
from profile_engine.rules.reference import tests_table as table_of_tests
from profile_engine.rules.reference import with_tests_table

PAGE = Path(__file__).parents[2] / "segments" / "README.md"


def test_the_page_is_fresh():
    page = PAGE.read_text(encoding="utf-8")
    assert with_tests_table(page) == page, "the page is stale: run `make docs`"


def test_every_test_has_a_row():
    assert [name for name in operators() if f"| `{name}`" not in table_of_tests()] == []


def test_a_page_without_marks_is_refused():
    with pytest.raises(ValueError, match="put the two marks in"):
        with_tests_table("# a page")
