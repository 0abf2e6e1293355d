"""Tests of arrays: what is in them and how much."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING

import numpy as np

from profile_engine.config.yaml_document import Node
from profile_engine.rules.columns import ArrayColumn, Column, Mask, NumberColumn, none_of_them
from profile_engine.rules.field_types import ITEM_KINDS, SCALAR_KINDS, Kind, item_type, kind_of
from profile_engine.rules.literals import Literal, read_list
from profile_engine.rules.operators.equality import is_one_of, read_exact
from profile_engine.rules.operators.operator import Example, Operator, Reading, Testing, items_of, of_type
from profile_engine.rules.syntax import Check, Condition, Operand
from profile_engine.rules.words import listed, told

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn

    from profile_engine.rules.compile.compiling import Compiling
    from profile_engine.rules.compile.value import Value

_ARRAYS: frozenset[Kind] = frozenset({"array"})


def _read_item(node: Node, reading: Reading) -> Literal | None:
    of_items = item_type(reading.type)
    if kind_of(of_items) not in SCALAR_KINDS:
        reading.problems.add("E309", f"the items of {reading.type} are no plain values to compare with", node.position,
                             "only size and exists fit it")  # fmt: skip
        return None
    return read_exact(node, Reading(of_items, reading.zone, reading.problems, reading.inner))


def _read_items(node: Node, reading: Reading) -> Operand | None:
    return read_list(node, reading.problems, "a list of items", lambda item: _read_item(item, reading))


def _read_size(node: Node, reading: Reading) -> Operand | None:
    return reading.inner(node, "integer")


def _includes_one_of(column: Column, literals: tuple[object, ...]) -> Mask:
    array = of_type(column, ArrayColumn)
    if array.items is None:
        return none_of_them(len(array))
    return array.any_item(is_one_of(array.items, literals) & array.items.present)


def _includes(column: Column, testing: Testing) -> Mask:
    return _includes_one_of(column, (testing.check.operand,))


def _includes_any(column: Column, testing: Testing) -> Mask:
    return _includes_one_of(column, of_type(testing.check.operand, tuple))


def _includes_all(column: Column, testing: Testing) -> Mask:
    found = ~none_of_them(len(column))
    for literal in of_type(testing.check.operand, tuple):
        found &= _includes_one_of(column, (literal,))
    return found


def _size(column: Column, testing: Testing) -> Mask:
    array = of_type(column, ArrayColumn)
    return testing.inner(NumberColumn(array.present, array.sizes, 0), items_of(testing.check.operand, Check))


def _read_condition(node: Node, reading: Reading) -> Operand | None:
    of_items = item_type(reading.type)
    if kind_of(of_items) not in ITEM_KINDS:
        reading.problems.add("E309", f"the items of {reading.type} can't be put to a condition", node.position,
                             "only size and exists fit it")  # fmt: skip
        return None
    return reading.on_items(node)


def _any_item(column: Column, testing: Testing) -> Mask:
    array = of_type(column, ArrayColumn)
    return array.any_item(testing.on_items(condition_of(testing.check), array))


def _every_item(column: Column, testing: Testing) -> Mask:
    array = of_type(column, ArrayColumn)
    passing = testing.on_items(condition_of(testing.check), array)
    return (array.sizes > 0) & ~array.any_item(~passing)


def _first_item(column: Column, testing: Testing) -> Mask:
    array = of_type(column, ArrayColumn)
    passing = testing.on_items(condition_of(testing.check), array)
    found, has_items = none_of_them(len(array)), array.sizes > 0
    found[has_items] = passing[(np.cumsum(array.sizes) - array.sizes)[has_items]]
    return found


def condition_of(check: Check) -> Condition:
    """The condition that a check puts items to."""
    if not isinstance(check.operand, Condition):
        raise TypeError("a condition on items was read")
    return check.operand


def _column_includes(value: Value, literals: tuple[object, ...]) -> SparkColumn:
    return value.any_item(lambda item: item.present & item.is_one_of(literals))


def _includes_all_column(value: Value, compiling: Compiling) -> SparkColumn:
    return reduce(and_, (_column_includes(value, (one,)) for one in of_type(compiling.check.operand, tuple)))


def _on_item(compiling: Compiling) -> Callable[[Value], SparkColumn]:
    return lambda item: compiling.on_item(condition_of(compiling.check), item)


def _items(check: Check, last: str) -> str:
    return listed((told(item) for item in of_type(check.operand, tuple)), last)


OPERATORS = (
    Operator(
        "includes", _ARRAYS, _read_item, _includes, lambda check: f"includes {told(check.operand)}",
        "this is one of the items", "a value",
        (
            Example("array<string>", ["sport", "art"], "art", True), Example("array<string>", ["sport"], "art", False),
            Example("array<string>", None, "art", False), Example("array<string>", [], "art", False),
            Example("array<integer>", [1, None, 3], "3", True),
        ),
        column=lambda value, compiling: _column_includes(value, (compiling.check.operand,)),
    ),
    Operator(
        "includes_any", _ARRAYS, _read_items, _includes_any, lambda check: f"includes {_items(check, 'or')}",
        "at least one of these is among the items", "a list of values",
        (
            Example("array<string>", ["sport"], "[art, sport]", True), Example("array<string>", ["food"], "[art, sport]", False),
            Example("array<string>", None, "[art, sport]", False),
        ),
        column=lambda value, compiling: _column_includes(value, of_type(compiling.check.operand, tuple)),
    ),
    Operator(
        "includes_all", _ARRAYS, _read_items, _includes_all, lambda check: f"includes {_items(check, 'and')}",
        "each of these is among the items", "a list of values",
        (
            Example("array<string>", ["sport", "art", "food"], "[art, sport]", True),
            Example("array<string>", ["sport"], "[art, sport]", False), Example("array<string>", None, "[art]", False),
        ),
        column=_includes_all_column,
    ),
    Operator(
        "size", _ARRAYS, _read_size, _size, lambda check: "has a number of items that",
        "the number of items passes the test; an empty array has 0", "a test of a number",
        (
            Example("array<string>", ["a", "b"], "{at_least: 2}", True), Example("array<string>", [], "0", True),
            Example("array<string>", ["a"], "{at_least: 2}", False), Example("array<string>", None, "{at_most: 2}", False),
        ), takes_inner=True,
        column=lambda value, compiling: compiling.inner(value.size(), items_of(compiling.check.operand, Check)),
    ),
    Operator(
        "any_item", _ARRAYS, _read_condition, _any_item, lambda check: "has an item",
        "at least one item passes the condition (of objects) or the test (of plain values)", "a condition or a test",
        (
            Example("array<string>", ["art", "sport"], "{starts_with: sp}", True), Example("array<string>", [], "{starts_with: sp}", False),
            Example("array<string>", None, "{starts_with: sp}", False), Example("array<string>", ["art", None], "{exists: false}", True),
            Example("array<object<sku:string;pieces:integer>>", [{"sku": "a", "pieces": 1}, {"sku": "b", "pieces": 2}], "{sku: b, pieces: {at_least: 2}}", True),
            Example("array<object<sku:string;pieces:integer>>", [{"sku": "a", "pieces": 2}, {"sku": "b", "pieces": 1}], "{sku: b, pieces: {at_least: 2}}", False),
        ), takes_condition=True,
        column=lambda value, compiling: value.any_item(_on_item(compiling)),
    ),
    Operator(
        "every_item", _ARRAYS, _read_condition, _every_item, lambda check: "has items, every one",
        "there is an item, and every one passes the condition or the test", "a condition or a test",
        (
            Example("array<integer>", [2, 3], "{at_least: 2}", True), Example("array<integer>", [2, 1], "{at_least: 2}", False),
            Example("array<integer>", [2, None], "{at_least: 2}", False), Example("array<integer>", [], "{at_least: 2}", False),
            Example("array<integer>", None, "{at_least: 2}", False),
            Example("array<object<sku:string>>", [{"sku": "a"}, {"sku": "b"}], "{sku: [a, b]}", True),
        ), takes_condition=True,
        column=lambda value, compiling: value.every_item(_on_item(compiling)),
    ),
    Operator(
        "first_item", _ARRAYS, _read_condition, _first_item, lambda check: "has a first item",
        "there is an item, and the first passes the condition or the test", "a condition or a test",
        (
            Example("array<string>", ["art", "sport"], "art", True), Example("array<string>", ["sport", "art"], "art", False),
            Example("array<string>", [], "art", False), Example("array<string>", None, "art", False),
            Example("array<string>", [None, "art"], "{exists: false}", True),
            Example("array<object<sku:string>>", [{"sku": "b"}, {"sku": "a"}], "{sku: b}", True),
        ), takes_condition=True,
        column=lambda value, compiling: value.first_item(_on_item(compiling)),
    ),
)  # fmt: skip
