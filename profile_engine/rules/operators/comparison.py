"""Tests of size: numbers, and, for `between`, dates and times."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from profile_engine.config.yaml_document import Node, Sequence
from profile_engine.rules.columns import Column, Mask, Number, NumberColumn
from profile_engine.rules.field_types import ORDERED_KINDS, Kind, kind_of
from profile_engine.rules.literals import Literal, read_list, read_literal
from profile_engine.rules.operators.operator import Example, Operator, Reading, Testing, of_type
from profile_engine.rules.stretches import between_stretch, within_stretch
from profile_engine.rules.syntax import Operand
from profile_engine.rules.words import told

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn

    from profile_engine.rules.compile.compiling import Compiling
    from profile_engine.rules.compile.value import Value

_NUMBERS: frozenset[Kind] = frozenset({"number"})


def _read(node: Node, reading: Reading) -> Literal | None:
    return read_literal(node, reading.type, reading.zone, reading.problems)


def _number(operand: object) -> Number:
    if isinstance(operand, int | float | Decimal) and not isinstance(operand, bool):
        return operand
    raise TypeError(f"an operand of type {type(operand).__name__} where a number was read")


def _read_pair(node: Node, reading: Reading) -> tuple[Operand, ...] | None:
    pair: tuple[Literal, ...] | None = read_list(node, reading.problems, "between", lambda item: _read(item, reading))
    if pair is None:
        return None
    if len(pair) != 2:
        reading.problems.add(
            "E303", f"between needs two values, and here are {len(pair)}", node.position, "write [low, high]"
        )
        return None
    if _order(pair[0], reading) > _order(pair[1], reading):
        at = node.items[0].position if isinstance(node, Sequence) else node.position
        reading.problems.add("E303", "nothing can be between these: the first is above the second", at,
                             f"write [{told(pair[1])}, {told(pair[0])}]")  # fmt: skip
        return None
    return pair


def _order(literal: object, reading: Reading) -> float | Decimal:
    """Literals of one type as numbers that can be compared; a day counts from its beginning."""
    if kind_of(reading.type) == "number":
        return _number(literal)
    if isinstance(literal, datetime):
        return literal.timestamp()
    day = of_type(literal, date)
    if kind_of(reading.type) == "date":
        return day.toordinal()
    return datetime(day.year, day.month, day.day, tzinfo=reading.zone).timestamp()


def _compared(passes: Callable[[NumberColumn, Number], Mask]) -> Callable[[Column, Testing], Mask]:
    return lambda column, testing: passes(of_type(column, NumberColumn), _number(testing.check.operand))


def _between(column: Column, testing: Testing) -> Mask:
    if not isinstance(column, NumberColumn):
        return within_stretch(column, between_stretch, testing)
    low, high = of_type(testing.check.operand, tuple)
    return ~column.below(_number(low)) & ~column.above(_number(high))


def _between_column(value: Value, compiling: Compiling) -> SparkColumn:
    if kind_of(value.type) != "number":
        return value.within(between_stretch(compiling.check, compiling.moment, kind_of(value.type)))
    low, high = of_type(compiling.check.operand, tuple)
    return ~value.below(_number(low)) & ~value.above(_number(high))


OPERATORS = (
    Operator(
        "above", _NUMBERS, _read, _compared(lambda column, number: column.above(number)),
        lambda check: f"is above {told(check.operand)}", "is greater", "a number",
        (
            Example("integer", 6, "5", True), Example("integer", 5, "5", False), Example("integer", None, "5", False),
            Example("integer", 5, "4.5", True), Example("double", 0.5, "0.25", True), Example("double", float("nan"), "0", False),
            Example("double", float(2**53), "9007199254740993", False), Example("decimal(10,2)", Decimal("5.01"), "5", True),
        ),
        column=lambda value, compiling: value.above(_number(compiling.check.operand)),
    ),
    Operator(
        "at_least", _NUMBERS, _read, _compared(lambda column, number: ~column.below(number)),
        lambda check: f"is at least {told(check.operand)}", "is this or greater", "a number",
        (
            Example("integer", 5, "5", True), Example("integer", 4, "4.5", False), Example("integer", None, "0", False),
            Example("double", 0.3, "0.3", True), Example("decimal(20,2)", Decimal("99999999999999999.99"), "99999999999999999.99", True),
        ),
        column=lambda value, compiling: ~value.below(_number(compiling.check.operand)),
    ),
    Operator(
        "below", _NUMBERS, _read, _compared(lambda column, number: column.below(number)),
        lambda check: f"is below {told(check.operand)}", "is less", "a number",
        (
            Example("integer", 4, "5", True), Example("integer", 5, "5", False), Example("integer", None, "5", False),
            Example("integer", 5, "5.5", True), Example("double", -1.5, "0", True), Example("integer", 1, "1" + "0" * 30, True),
        ),
        column=lambda value, compiling: value.below(_number(compiling.check.operand)),
    ),
    Operator(
        "at_most", _NUMBERS, _read, _compared(lambda column, number: ~column.above(number)),
        lambda check: f"is at most {told(check.operand)}", "is this or less", "a number",
        (
            Example("integer", 5, "5", True), Example("integer", 5, "4.9", False), Example("integer", None, "5", False),
            Example("decimal(10,2)", Decimal("4.90"), "4.9", True), Example("integer", -(2**63), "-9223372036854775809", False),
        ),
        column=lambda value, compiling: ~value.above(_number(compiling.check.operand)),
    ),
    Operator(
        "between", ORDERED_KINDS, _read_pair, _between,
        lambda check: "is between " + " and ".join(told(item) for item in of_type(check.operand, tuple)),
        "is one of the two or in between; a date as the second holds its whole day", "[low, high]",
        (
            Example("integer", 5, "[5, 7]", True), Example("integer", 7, "[5, 7]", True), Example("integer", 8, "[5, 7]", False),
            Example("integer", None, "[5, 7]", False), Example("double", 5.5, "[5.5, 5.5]", True),
            Example("date", date(2026, 3, 31), "[2026-01-01, 2026-03-31]", True),
            Example("date", date(2026, 4, 1), "[2026-01-01, 2026-03-31]", False), Example("date", None, "[2026-01-01, 2026-03-31]", False),
            Example("timestamp", datetime.fromisoformat("2026-03-31T23:59:59.999999Z"), "[2026-01-01, 2026-03-31]", True),
            Example("timestamp", datetime.fromisoformat("2026-04-01T00:00:00Z"), "[2026-01-01, 2026-03-31]", False),
        ), stretch=between_stretch,
        column=_between_column,
    ),
)  # fmt: skip
