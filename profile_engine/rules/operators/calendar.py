"""Tests of one part of a date: its year, its month, its day of the month."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import numpy as np

from profile_engine.config.yaml_document import Node
from profile_engine.rules.columns import Column, Mask, NumberColumn
from profile_engine.rules.field_types import Kind
from profile_engine.rules.local_days import days_of
from profile_engine.rules.operators.operator import Example, Operator, Reading, Testing, items_of
from profile_engine.rules.syntax import Check, Operand

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn

    from profile_engine.rules.compile.compiling import Compiling
    from profile_engine.rules.compile.value import Value

_TIMES: frozenset[Kind] = frozenset({"date", "time"})


def _read(node: Node, reading: Reading) -> Operand | None:
    return reading.inner(node, "integer")


def _part(part: Callable[[date], int]) -> Callable[[Column, Testing], Mask]:
    def test(column: Column, testing: Testing) -> Mask:
        days, place = days_of(column, testing.moment)
        parts = np.array([part(day) for day in days], dtype=np.int64)
        numbers = parts[place] if len(parts) else np.zeros(len(column), dtype=np.int64)
        return testing.inner(NumberColumn(column.present, numbers, 0), items_of(testing.check.operand, Check))

    return test


def _column(part: str) -> Callable[[Value, Compiling], SparkColumn]:
    return lambda value, compiling: compiling.inner(
        value.part_of_date(part, compiling.moment), items_of(compiling.check.operand, Check)
    )


OPERATORS = (
    Operator(
        "year", _TIMES, _read, _part(lambda day: day.year), lambda check: "has a year that",
        "the year, in the project's time zone, passes the test", "a test of a number",
        (
            Example("date", date(1990, 12, 31), "1990", True), Example("date", date(1991, 1, 1), "{below: 1991}", False),
            Example("date", None, "{above: 0}", False), Example("timestamp", datetime(1991, 1, 1, tzinfo=UTC), "[1990, 1991]", True),
        ), takes_inner=True, column=_column("year"),
    ),
    Operator(
        "month", _TIMES, _read, _part(lambda day: day.month), lambda check: "has a month that",
        "the month, from 1 to 12, passes the test", "a test of a number",
        (
            Example("date", date(1990, 6, 1), "{between: [6, 8]}", True), Example("date", date(1990, 9, 1), "{between: [6, 8]}", False),
            Example("date", None, "{above: 0}", False), Example("timestamp", datetime(1991, 6, 1, tzinfo=UTC), "6", True),
        ), takes_inner=True, column=_column("month"),
    ),
    Operator(
        "day_of_month", _TIMES, _read, _part(lambda day: day.day), lambda check: "has a day of the month that",
        "the day of the month passes the test", "a test of a number",
        (
            Example("date", date(1990, 6, 15), "15", True), Example("date", date(1990, 6, 14), "15", False),
            Example("date", None, "{above: 0}", False), Example("timestamp", datetime(2024, 2, 29, 23, tzinfo=UTC), "29", True),
        ), takes_inner=True, column=_column("dayofmonth"),
    ),
)  # fmt: skip
