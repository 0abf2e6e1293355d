"""Tests of arrays: what is in them and how much."""

from __future__ import annotations

from profile_engine.config.yaml_document import Node
from profile_engine.rules.columns import ArrayColumn, Column, Mask, NumberColumn, none_of_them
from profile_engine.rules.field_types import SCALAR_KINDS, Kind, item_type, kind_of
from profile_engine.rules.literals import Literal, read_list
from profile_engine.rules.operators.equality import is_one_of, read_exact
from profile_engine.rules.operators.operator import Example, Operator, Reading, Testing, items_of, of_type
from profile_engine.rules.syntax import Check, Operand
from profile_engine.rules.words import listed, told

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
    ),
    Operator(
        "includes_any", _ARRAYS, _read_items, _includes_any, lambda check: f"includes {_items(check, 'or')}",
        "at least one of these is among the items", "a list of values",
        (
            Example("array<string>", ["sport"], "[art, sport]", True), Example("array<string>", ["food"], "[art, sport]", False),
            Example("array<string>", None, "[art, sport]", False),
        ),
    ),
    Operator(
        "includes_all", _ARRAYS, _read_items, _includes_all, lambda check: f"includes {_items(check, 'and')}",
        "each of these is among the items", "a list of values",
        (
            Example("array<string>", ["sport", "art", "food"], "[art, sport]", True),
            Example("array<string>", ["sport"], "[art, sport]", False), Example("array<string>", None, "[art]", False),
        ),
    ),
    Operator(
        "size", _ARRAYS, _read_size, _size, lambda check: "has a number of items that",
        "the number of items passes the test; an empty array has 0", "a test of a number",
        (
            Example("array<string>", ["a", "b"], "{at_least: 2}", True), Example("array<string>", [], "0", True),
            Example("array<string>", ["a"], "{at_least: 2}", False), Example("array<string>", None, "{at_most: 2}", False),
        ), takes_inner=True,
    ),
)  # fmt: skip
