"""Tests of maps: which keys they have. The value under a key is a field of its own: `loyalty.points`."""

from __future__ import annotations

from profile_engine.config.yaml_document import Node
from profile_engine.rules.columns import ArrayColumn, Column, Mask, TextColumn
from profile_engine.rules.literals import scalar_text
from profile_engine.rules.operators.operator import Example, Operator, Reading, Testing, of_type
from profile_engine.rules.syntax import Operand
from profile_engine.rules.words import told


def _read(node: Node, reading: Reading) -> Operand | None:
    return scalar_text(node, reading.problems, "a key")


def _has_key(column: Column, testing: Testing) -> Mask:
    keys = of_type(column, ArrayColumn)
    wanted = of_type(testing.check.operand, str)
    return keys.any_item(of_type(keys.items, TextColumn).where(lambda word: word == wanted))


OPERATORS = (
    Operator(
        "has_key", frozenset({"map"}), _read, _has_key, lambda check: f"has the key {told(check.operand)}",
        "this is one of the keys, whatever stands under it", "a key",
        (
            Example("map<integer>", ["gold", "silver"], "gold", True), Example("map<integer>", ["silver"], "gold", False),
            Example("map<integer>", [], "gold", False), Example("map<integer>", None, "gold", False),
        ),
        column=lambda value, compiling: value.any_item(lambda key: key.is_one_of((compiling.check.operand,))),
    ),
)  # fmt: skip
