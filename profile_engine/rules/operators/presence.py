"""The test for a value being there at all."""

from __future__ import annotations

from profile_engine.config.yaml_document import Node
from profile_engine.rules.columns import Column, Mask
from profile_engine.rules.field_types import SCALAR_KINDS
from profile_engine.rules.literals import read_literal
from profile_engine.rules.operators.operator import Example, Operator, Reading, Testing, of_type
from profile_engine.rules.syntax import Operand


def _read(node: Node, reading: Reading) -> Operand | None:
    return read_literal(node, "boolean", reading.zone, reading.problems)


def _exists(column: Column, testing: Testing) -> Mask:
    return column.present if of_type(testing.check.operand, bool) else ~column.present


OPERATORS = (
    Operator(
        "exists", SCALAR_KINDS | {"array", "map"}, _read, _exists,
        lambda check: "is known" if check.operand is True else "is not known",
        "there is a value (`true`), or there is none (`false`); empty text is none, an empty array is one", "true or false",
        (
            Example("string", "x", "true", True), Example("string", "", "true", False), Example("string", None, "true", False),
            Example("string", None, "false", True), Example("string", "", "false", True), Example("string", "x", "false", False),
            Example("integer", 0, "true", True), Example("double", float("nan"), "true", False),
            Example("array<string>", [], "true", True), Example("array<string>", None, "false", True),
        ), sees_missing=True,
        column=lambda value, compiling: value.present if compiling.check.operand is True else ~value.present,
    ),
)  # fmt: skip
