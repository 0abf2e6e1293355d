"""The figures that can be taken of a field over events: which fields they fit, and the type of the result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from profile_engine.rules.field_types import ORDERED_KINDS, SCALAR_KINDS, SUM_OF_DOUBLES, Kind
from profile_engine.rules.syntax import MeasureName


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
