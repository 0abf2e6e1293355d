"""Figures over events: exact, whatever the order and the size of the numbers."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profile_engine.rules.columns import NumberColumn
from profile_engine.rules.evaluate import members
from profile_engine.rules.measures import exact_numbers, exact_sums
from profile_engine.rules.program import Program
from tests.support.rule_people import at, parsed, tables

NOW = at("2026-05-31T12:00:00Z")


def holds(measure: str, values: list[object], field: str = "weight", moments: list[str] | None = None) -> bool:
    rule = parsed(f"{{did: {{event: order, {measure}}}}}")
    times = moments or [f"2026-05-{day + 1:02}T00:00:00Z" for day in range(len(values))]
    events = [
        {"event_type": "order", "occurred_at": at(time), field: value}
        for time, value in zip(times, values, strict=True)
    ]
    return bool(members(Program.of({"s": rule}, "UTC"), *tables([rule], [{}], [events]), NOW)[0, 0])


def test_the_order_of_rows_flips_no_threshold():
    for values in permutations([0.1, 0.2, 0.3]):
        assert holds("sum: {of: weight, at_most: 0.6}", list(values))
        assert holds("average: {of: weight, equals: 0.2}", list(values))


@pytest.mark.parametrize(
    ("measure", "field", "values", "expected"),
    [
        ("sum: {of: pieces, equals: 18446744073709551614}", "pieces", [2**63 - 1, 2**63 - 1], True),
        ("sum: {of: pieces, at_least: 9007199254740993}", "pieces", [2**53, 1], True),
        ("average: {of: pieces, above: 0.33}", "pieces", [0, 0, 1], True),
        ("average: {of: pieces, above: 0.3333333333333333333333333}", "pieces", [0, 0, 1], True),
        ("average: {of: pieces, above: 0.3333333333333333333333334}", "pieces", [0, 0, 1], False),
        ("sum: {of: weight, equals: 1000000000000000000000}", "weight", [1e21, None], True),
        ("sum: {of: weight, equals: 0}", "weight", [], True),
        ("sum: {of: weight, equals: 0}", "weight", [None, float("nan")], True),
        ("average: {of: weight, at_least: 0}", "weight", [], False),
        ("average: {of: weight, exists: false}", "weight", [], True),
        ("distinct: {of: category, equals: 0}", "category", ["", None], True),
        ("distinct: {of: category, equals: 2}", "category", ["a", "b", "a", None], True),
        ("distinct: {of: weight, equals: 1}", "weight", [0.0, -0.0], True),
        ("min: {of: weight, equals: -1}", "weight", [3.0, None, -1.0], True),
        ("max: {of: due, exists: true}", "due", [], False),
        ("first: {of: category, equals: a}", "category", ["a", "b"], True),
        ("latest: {of: category, equals: b}", "category", ["a", "b"], True),
        ("latest: {of: category, exists: true}", "category", ["a", None], False),
        ("times: {at_most: 0}", "weight", [], True),
    ],
)  # fmt: skip
def test_a_figure(measure: str, field: str, values: list[object], expected: bool):
    assert holds(measure, values, field) is expected


def test_at_one_time_the_greatest_is_the_latest_and_the_least_the_first():
    same = ["2026-05-01T00:00:00Z"] * 3
    for values in permutations(["b", "c", None]):
        assert holds("latest: {of: category, equals: c}", list(values), "category", same)
        assert holds("first: {of: category, equals: b}", list(values), "category", same)


@given(st.lists(st.tuples(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 3)), max_size=12))
def test_doubles_are_summed_exactly_after_rounding(rows: list[tuple[float, int]]):
    doubles = np.array([value for value, _ in rows], dtype=np.float64)
    persons = np.array([person for _, person in rows], dtype=np.int64)
    numbers, scale = exact_numbers(NumberColumn(np.ones(len(rows), dtype=np.bool_), doubles, 0))
    sums = exact_sums(numbers, persons, 4)
    assert scale == 6
    assert [int(total) for total in sums] == [
        sum(round(Fraction(value) * 10**6) for value, owner in rows if owner == person) for person in range(4)
    ]


@given(st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1), st.integers(0, 3)), max_size=12))
def test_whole_numbers_are_summed_exactly(rows: list[tuple[int, int]]):
    sums = exact_sums(np.array([n for n, _ in rows], dtype=np.int64), np.array([p for _, p in rows], dtype=np.int64), 4)
    assert [int(total) for total in sums] == [sum(n for n, owner in rows if owner == person) for person in range(4)]
