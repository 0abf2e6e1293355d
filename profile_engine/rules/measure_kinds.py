"""The figures that can be taken of a field over events: which fields they fit, and the type of the result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from profile_engine.rules.field_types import ORDERED_KINDS, SCALAR_KINDS, SUM_OF_DOUBLES, Kind
from profile_engine.rules.syntax import Check, Measure, MeasureName


@dataclass(frozen=True)
class MeasureKind:
    name: MeasureName
    fits: frozenset[Kind]
    type_of: Callable[[str], str]
    """The type of the figure, from the type of the field; literals of its test are read by it."""
    words: str
    """The figure in the sentence, before the name of the field."""


def _exact(type_text: str) -> str:
    return SUM_OF_DOUBLES if type_text == "double" else type_text


def _same(type_text: str) -> str:
    return type_text


def _whole(_: str) -> str:
    return "integer"


_NUMBERS: frozenset[Kind] = frozenset({"number"})
MEASURE_KINDS: Mapping[str, MeasureKind] = {
    "sum": MeasureKind("sum", _NUMBERS, _exact, "sum of"),
    "average": MeasureKind("average", _NUMBERS, _exact, "average"),
    "min": MeasureKind("min", ORDERED_KINDS, _same, "least"),
    "max": MeasureKind("max", ORDERED_KINDS, _same, "greatest"),
    "distinct": MeasureKind("distinct", SCALAR_KINDS, _whole, "number of different values of"),
    "first": MeasureKind("first", SCALAR_KINDS, _same, "first"),
    "latest": MeasureKind("latest", SCALAR_KINDS, _same, "latest"),
}


ZERO_OVER_NONE: frozenset[MeasureName] = frozenset({"count", "sum", "distinct"})
"""Figures that are 0 where there is no event; all others are missing there."""


def holds_for_none(measure: Measure, check: Check) -> bool:
    """Whether people without any such event pass the test of a figure over them."""
    if measure.name not in ZERO_OVER_NONE:
        return check == Check("exists", False)
    literals = check.operand if isinstance(check.operand, tuple) else (check.operand,)
    numbers = [number for number in literals if isinstance(number, int | float | Decimal)]
    if len(numbers) != len(literals) or not numbers:
        return False
    low, high = numbers[0], numbers[-1]
    return {
        "equals": low == 0, "one_of": 0 in numbers, "differs_from": low != 0, "none_of": 0 not in numbers, "above": low < 0,
        "at_least": low <= 0, "below": low > 0, "at_most": low >= 0, "between": low <= 0 <= high, "exists": check.operand is True,
    }.get(check.operator, False)  # fmt: skip
