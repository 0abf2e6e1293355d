"""Tests of dates and times against the calendar and against as_of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING

from profile_engine.config.units import Span
from profile_engine.config.yaml_document import Mapping, Node
from profile_engine.rules.columns import Column, Mask
from profile_engine.rules.field_types import Kind, kind_of
from profile_engine.rules.flips import during_flips, edge_flips, last_flips, next_flips, window_flips
from profile_engine.rules.literals import read_literal, read_words
from profile_engine.rules.operators.operator import Example, Operator, Reading, Testing, of_type
from profile_engine.rules.periods import Ago, Period, parse_ago, parse_period
from profile_engine.rules.stretches import (
    StretchOf,
    after_stretch,
    before_stretch,
    during_stretch,
    further_ahead_stretch,
    longer_ago_stretch,
    window_stretch,
    within_last_stretch,
    within_next_stretch,
    within_stretch,
)
from profile_engine.rules.syntax import Check, Operand
from profile_engine.rules.words import told

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn

    from profile_engine.rules.compile.compiling import Compiling
    from profile_engine.rules.compile.value import Value

_TIMES: frozenset[Kind] = frozenset({"date", "time"})
_NOON = datetime.fromisoformat("2026-05-31T12:00:00+00:00")
EXAMPLES_AS_OF = _NOON
"""The moment at which the examples of all tests hold; their time zone is UTC."""


def read_span(node: Node, reading: Reading) -> Span | None:
    """A length of time; hours, minutes and seconds are refused against a date, which has none."""
    span = read_words(node, reading.problems, "a length of time", Span.parse)
    if span is not None and kind_of(reading.type) == "date" and span.unit in {"second", "minute", "hour"}:
        reading.problems.add("E307", f"{span} stands against a date, which has no hours", node.position,
                             "write whole days, weeks, months or years", length=len(str(span)))  # fmt: skip
        return None
    return span


def _read_edge(node: Node, reading: Reading) -> Operand | None:
    return read_literal(node, reading.type, reading.zone, reading.problems)


def _read_period(node: Node, reading: Reading) -> Operand | None:
    return read_words(node, reading.problems, "a period", parse_period)


def _read_window(node: Node, reading: Reading) -> Operand | None:
    if not isinstance(node, Mapping) or not set(node.keys) <= {"from", "to"} or not node.keys:
        reading.problems.add("E312", "a window has 'from', 'to' or both", node.position,
                             "write {from: 90 days ago, to: 30 days ago}")  # fmt: skip
        return None
    edges = [(key.text, _read_window_edge(value, reading), key.position) for key, value in node]
    if any(edge is None for _, edge, _ in edges):
        return None
    return tuple(Check(name, edge, position=position) for name, edge, position in sorted(edges) if edge is not None)


def _read_window_edge(node: Node, reading: Reading) -> Ago | date | datetime | None:
    text = getattr(node, "text", "")
    if text[:4].isdigit() and text[4:5] == "-":
        return of_type(found, date) if (found := _read_edge(node, reading)) is not None else None
    return read_words(node, reading.problems, "a time", parse_ago)


def _passes(stretch_of: StretchOf) -> Callable[[Column, Testing], Mask]:
    return lambda column, testing: within_stretch(column, stretch_of, testing)


def _column(stretch_of: StretchOf) -> Callable[[Value, Compiling], SparkColumn]:
    return lambda value, compiling: value.within(stretch_of(compiling.check, compiling.moment, kind_of(value.type)))


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _during_words(check: Check) -> str:
    period = of_type(check.operand, Period)
    where = "" if period.first is None else "on " if period.unit == "day" else "in "
    return f"was {where}{period}"


def _window_words(check: Check) -> str:
    edges = {edge.operator: told(edge.operand) for edge in of_type(check.operand, tuple)}
    return "was " + " ".join(f"{name} {edge}" for name, edge in edges.items())


OPERATORS = (
    Operator(
        "before", _TIMES, _read_edge, _passes(before_stretch), lambda check: f"was before {told(check.operand)}",
        "is earlier; a date counts from its beginning", "a date or a time",
        (
            Example("date", date(2026, 5, 30), "2026-05-31", True), Example("date", date(2026, 5, 31), "2026-05-31", False),
            Example("date", None, "2026-05-31", False), Example("timestamp", _time("2026-05-30T23:59:59.999999Z"), "2026-05-31", True),
            Example("timestamp", _time("2026-05-31T00:00:00Z"), "2026-05-31", False),
        ), stretch=before_stretch,
        column=_column(before_stretch),
    ),
    Operator(
        "after", _TIMES, _read_edge, _passes(after_stretch), lambda check: f"was after {told(check.operand)}",
        "is later; a date counts to its end", "a date or a time",
        (
            Example("date", date(2026, 6, 1), "2026-05-31", True), Example("date", date(2026, 5, 31), "2026-05-31", False),
            Example("date", None, "2026-05-31", False), Example("timestamp", _time("2026-06-01T00:00:00Z"), "2026-05-31", True),
            Example("timestamp", _time("2026-05-31T23:59:59.999999Z"), "2026-05-31", False),
            Example("timestamp", _time("2026-05-31T10:00:00.000001Z"), "2026-05-31T10:00:00Z", True),
        ), stretch=after_stretch,
        column=_column(after_stretch),
    ),
    Operator(
        "within_last", _TIMES, read_span, _passes(within_last_stretch), lambda check: f"was in the last {told(check.operand)}",
        "is after as_of - N and not after as_of", "a length of time",
        (
            Example("timestamp", _time("2026-05-30T12:00:00.000001Z"), "1 day", True), Example("timestamp", _NOON, "1 day", True),
            Example("timestamp", _time("2026-05-30T12:00:00Z"), "1 day", False), Example("timestamp", None, "1 day", False),
            Example("timestamp", _time("2026-05-31T12:00:00.000001Z"), "1 day", False),
            Example("date", date(2026, 5, 30), "2 days", True), Example("date", date(2026, 5, 29), "2 days", False),
            Example("date", date(2026, 3, 1), "3 months", True), Example("date", date(2026, 2, 28), "3 months", False),
        ), stretch=within_last_stretch, flips=last_flips,
        column=_column(within_last_stretch),
    ),
    Operator(
        "within_next", _TIMES, read_span, _passes(within_next_stretch), lambda check: f"is in the next {told(check.operand)}",
        "is after as_of and not after as_of + N", "a length of time",
        (
            Example("timestamp", _time("2026-06-01T12:00:00Z"), "1 day", True), Example("timestamp", _NOON, "1 day", False),
            Example("timestamp", None, "1 day", False), Example("date", date(2026, 6, 30), "1 month", True),
            Example("date", date(2026, 7, 1), "1 month", False),
        ), stretch=within_next_stretch, flips=next_flips,
        column=_column(within_next_stretch),
    ),
    Operator(
        "longer_ago_than", _TIMES, read_span, _passes(longer_ago_stretch),
        lambda check: f"was more than {told(check.operand)} ago",
        "is as_of - N or earlier: what `within_last` of the same length no longer holds", "a length of time",
        (
            Example("timestamp", _time("2026-05-30T12:00:00Z"), "1 day", True),
            Example("timestamp", _time("2026-05-30T12:00:00.000001Z"), "1 day", False), Example("timestamp", None, "1 day", False),
            Example("date", date(2026, 5, 29), "2 days", True), Example("date", date(2026, 5, 30), "2 days", False),
        ), stretch=longer_ago_stretch, flips=edge_flips(-1),
        column=_column(longer_ago_stretch),
    ),
    Operator(
        "further_ahead_than", _TIMES, read_span, _passes(further_ahead_stretch),
        lambda check: f"is more than {told(check.operand)} ahead",
        "is after as_of + N", "a length of time",
        (
            Example("timestamp", _time("2026-06-01T12:00:00.000001Z"), "1 day", True),
            Example("timestamp", _time("2026-06-01T12:00:00Z"), "1 day", False), Example("timestamp", None, "1 day", False),
            Example("date", date(2026, 6, 2), "1 day", True), Example("date", date(2026, 6, 1), "1 day", False),
        ), stretch=further_ahead_stretch, flips=edge_flips(1),
        column=_column(further_ahead_stretch),
    ),
    Operator(
        "during", _TIMES, _read_period, _passes(during_stretch), _during_words,
        "is in this calendar period of the project's time zone", "today, last month, this year, 2026-05 ...",
        (
            Example("date", date(2026, 5, 31), "today", True), Example("date", date(2026, 5, 30), "today", False),
            Example("date", None, "today", False), Example("date", date(2026, 5, 25), "this week", True),
            Example("date", date(2026, 5, 24), "last week", True), Example("date", date(2026, 4, 1), "this quarter", True),
            Example("timestamp", _time("2026-04-30T23:59:59.999999Z"), "last month", True),
            Example("timestamp", _time("2026-05-01T00:00:00Z"), "last month", False),
            Example("timestamp", _time("2026-05-01T00:00:00Z"), "2026-05", True),
        ), stretch=during_stretch, flips=during_flips,
        column=_column(during_stretch),
    ),
    Operator(
        "window", frozenset(), _read_window, _passes(window_stretch), _window_words,
        "of events only: from one time to another, such as {from: 90 days ago, to: 30 days ago}", "{from: .., to: ..}",
        (
            Example("timestamp", _time("2026-05-29T12:00:00Z"), "{from: 3 days ago, to: 2 days ago}", True),
            Example("timestamp", _time("2026-05-28T12:00:00Z"), "{from: 3 days ago, to: 2 days ago}", False),
            Example("timestamp", None, "{from: 3 days ago}", False),
            Example("timestamp", _time("2026-05-28T23:59:59.999999Z"), "{from: 2026-05-28, to: 2026-05-28}", True),
        ), stretch=window_stretch, flips=window_flips,
        column=_column(window_stretch),
    ),
)  # fmt: skip
