"""Tests for being, or not being, certain values; they fit every plain type."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from profile_engine.config.yaml_document import Node
from profile_engine.rules.columns import (
    Column,
    DateColumn,
    FlagColumn,
    Mask,
    NumberColumn,
    TextColumn,
    TimeColumn,
    none_of_them,
)
from profile_engine.rules.field_types import SCALAR_KINDS, kind_of
from profile_engine.rules.literals import Literal, read_list, read_literal
from profile_engine.rules.moment import day_number, instant
from profile_engine.rules.operators.operator import Example, Operator, Reading, Testing, of_type
from profile_engine.rules.syntax import Check, Operand
from profile_engine.rules.words import either, told

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn

    from profile_engine.rules.compile.compiling import Compiling
    from profile_engine.rules.compile.value import Value


def read_exact(node: Node, reading: Reading) -> Literal | None:
    """One value of the field's own type: a date against a time is refused, as a day is no instant."""
    literal = read_literal(node, reading.type, reading.zone, reading.problems)
    if kind_of(reading.type) == "time" and literal is not None and not isinstance(literal, datetime):
        reading.problems.add("E303", "a date is a whole day, no time to be equal to", node.position,
                             f"write {{during: {literal}}}", length=10)  # fmt: skip
        return None
    return literal


def _read_exact_list(node: Node, reading: Reading) -> tuple[Operand, ...] | None:
    return read_list(node, reading.problems, "a list of values", lambda item: read_exact(item, reading))


def is_one_of(column: Column, literals: tuple[object, ...], ignoring_case: bool = False) -> Mask:
    """One answer per row; answers for missing values mean nothing."""
    if isinstance(column, TextColumn):
        texts = {of_type(literal, str) for literal in literals}
        if ignoring_case:
            folded = {text.casefold() for text in texts}
            return column.where(lambda word: word.casefold() in folded)
        return column.where(texts.__contains__)
    found = none_of_them(len(column))
    for literal in literals:
        found |= _is(column, literal)
    return found


def _is(column: Column, literal: object) -> Mask:
    if isinstance(column, FlagColumn):
        return column.values if literal is True else ~column.values
    if isinstance(column, NumberColumn) and isinstance(literal, int | float | Decimal):
        return ~column.below(literal) & ~column.above(literal)
    if isinstance(column, TimeColumn):
        at = instant(of_type(literal, datetime))
        return column.within((at, at))
    if isinstance(column, DateColumn):
        day = day_number(of_type(literal, date))
        return column.within((day, day))
    raise TypeError(f"equality does not fit a {type(column).__name__}")


def _equals(column: Column, testing: Testing) -> Mask:
    return is_one_of(column, (testing.check.operand,), testing.check.ignoring_case)


def _one_of(column: Column, testing: Testing) -> Mask:
    return is_one_of(column, of_type(testing.check.operand, tuple), testing.check.ignoring_case)


def _equals_column(value: Value, compiling: Compiling) -> SparkColumn:
    return value.is_one_of((compiling.check.operand,), compiling.check.ignoring_case)


def _one_of_column(value: Value, compiling: Compiling) -> SparkColumn:
    return value.is_one_of(of_type(compiling.check.operand, tuple), compiling.check.ignoring_case)


def _options(check: Check) -> str:
    return either(told(item) for item in of_type(check.operand, tuple))


OPERATORS = (
    Operator(
        "equals", SCALAR_KINDS, read_exact, _equals, lambda check: f"is {told(check.operand)}",
        "is this value; a scalar alone means the same", "a value",
        (
            Example("string", "DE", "DE", True), Example("string", "de", "DE", False), Example("string", None, "DE", False),
            Example("string", "de", "DE", True, ignoring_case=True), Example("string", "", "DE", False),
            Example("string", "01012", "01012", True), Example("string", "NO", "NO", True),
            Example("integer", 5, "5", True), Example("integer", 5, "5.5", False), Example("integer", None, "5", False),
            Example("integer", 2**53 + 1, "9007199254740992", False), Example("double", 0.1, "0.1", True),
            Example("double", float(2**53), "9007199254740993", False), Example("double", None, "0.1", False),
            Example("decimal(10,2)", Decimal("19.90"), "19.9", True), Example("decimal(10,2)", Decimal("19.90"), "19.901", False),
            Example("boolean", True, "true", True), Example("boolean", False, "true", False), Example("boolean", None, "false", False),
            Example("date", date(2026, 5, 31), "2026-05-31", True), Example("date", date(2026, 6, 1), "2026-05-31", False),
            Example("timestamp", datetime.fromisoformat("2026-05-31T10:00:00Z"), "2026-05-31T12:00:00+02:00", True),
            Example("timestamp", datetime.fromisoformat("2026-05-31T10:00:00.000001Z"), "2026-05-31T10:00:00Z", False),
        ), takes_case=True,
        column=_equals_column,
    ),
    Operator(
        "one_of", SCALAR_KINDS, _read_exact_list, _one_of, lambda check: f"is {_options(check)}",
        "is one of these values; a list alone means the same", "a list of values",
        (
            Example("string", "FR", "[DE, FR]", True), Example("string", "NL", "[DE, FR]", False),
            Example("string", None, "[DE, FR]", False), Example("string", "fr", "[DE, FR]", True, ignoring_case=True),
            Example("integer", 2, "[1, 2]", True), Example("double", 2.5, "[1, 2]", False),
        ), takes_case=True,
        column=_one_of_column,
    ),
    Operator(
        "differs_from", SCALAR_KINDS, read_exact, lambda column, testing: ~_equals(column, testing),
        lambda check: f"is known and is not {told(check.operand)}",
        "there is a value, and it is another one", "a value",
        (
            Example("string", "FR", "DE", True), Example("string", "DE", "DE", False), Example("string", None, "DE", False),
            Example("string", "", "DE", False), Example("integer", 3, "4", True), Example("boolean", None, "true", False),
        ), takes_case=True,
        column=lambda value, compiling: ~_equals_column(value, compiling),
    ),
    Operator(
        "none_of", SCALAR_KINDS, _read_exact_list, lambda column, testing: ~_one_of(column, testing),
        lambda check: f"is known and is not {_options(check)}",
        "there is a value, and it is none of these", "a list of values",
        (
            Example("string", "NL", "[DE, FR]", True), Example("string", "FR", "[DE, FR]", False),
            Example("string", None, "[DE, FR]", False), Example("string", "fr", "[DE, FR]", False, ignoring_case=True),
            Example("date", date(2026, 5, 30), "[2026-05-31]", True),
        ), takes_case=True,
        column=lambda value, compiling: ~_one_of_column(value, compiling),
    ),
)  # fmt: skip
