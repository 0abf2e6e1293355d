"""The rule language's page says what the registry has, and its example of an earlier event beside items does what it says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from profile_engine.config.problems import Problems
from profile_engine.config.yaml_document import parse_yaml
from profile_engine.rules.arrow_columns import arrow_type
from profile_engine.rules.evaluate import members
from profile_engine.rules.field_types import type_of
from profile_engine.rules.operators.registry import operators
from profile_engine.rules.parse import parse_condition
from profile_engine.rules.program import Program
from profile_engine.rules.reference import tests_table as table_of_tests
from profile_engine.rules.reference import with_tests_table
from profile_engine.rules.scope import Scope
from profile_engine.schemas.fields import Field
from profile_engine.schemas.union_schema import UnionSchema

PAGE = Path(__file__).parents[2] / "segments" / "README.md"


def test_the_page_is_fresh():
    page = PAGE.read_text(encoding="utf-8")
    assert with_tests_table(page) == page, "the page is stale: run `make docs`"


def test_every_test_has_a_row():
    assert [name for name in operators() if f"| `{name}`" not in table_of_tests()] == []


def test_the_example_of_the_page_holds_those_who_bought_what_they_had_viewed():
    # given the example, and the fields that it names
    start = "sequence:                            # viewed a product"
    example = next(
        block for block in PAGE.read_text(encoding="utf-8").split("```") if block.startswith(f"yaml\n{start}")
    )
    line = Field("item", "object", fields={"sku": Field("sku", "string"), "pieces": Field("pieces", "integer")})
    fields = {"sku": Field("sku", "string"), "lines": Field("lines", "array", items=line)}
    events = UnionSchema("event", fields, frozenset({"product_view", "order"}))
    problems, as_of = Problems(), datetime(2026, 5, 31, tzinfo=UTC)
    node = parse_yaml(example.removeprefix("yaml\n"), "README.md", problems)
    assert node is not None
    rule = parse_condition(node, Scope(UnionSchema("record", {}), events, frozenset(), "UTC"), problems)
    problems.raise_if_any()
    assert rule is not None
    # when four people view `a` and order one after the other
    orders: dict[str, list[dict[str, Any]]] = {
        "two_of_it": [{"sku": "b", "pieces": 1}, {"sku": "a", "pieces": 2}],
        "one_of_it": [{"sku": "a", "pieces": 1}],
        "two_of_another": [{"sku": "a", "pieces": 1}, {"sku": "b", "pieces": 2}],
        "nothing": [],
    }
    rows = [(person, kind, days) for person in orders for kind, days in (("product_view", 2), ("order", 1))]
    happened = pa.table({
        "profile_id": [person for person, _, _ in rows],
        "event_type": [kind for _, kind, _ in rows],
        "occurred_at": pa.array([as_of - timedelta(days=days) for *_, days in rows], pa.timestamp("us", "UTC")),
        "fields.sku": ["a" if kind == "product_view" else None for _, kind, _ in rows],
        "fields.lines": pa.array([orders[person] if kind == "order" else None for person, kind, _ in rows], arrow_type(type_of(fields["lines"]))),
    })  # fmt: skip
    found = members(Program.of({"bought": rule}, "UTC"), pa.table({"profile_id": list(orders)}), happened, as_of)
    # then
    assert found.tolist() == [[True, False, False, False]]


def test_a_page_without_marks_is_refused():
    with pytest.raises(ValueError, match="put the two marks in"):
        with_tests_table("# a page")
