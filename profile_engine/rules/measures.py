"""Figures over a person's events: counts, exact sums and averages, least and greatest, first and latest values."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from profile_engine.rules.columns import (
    Column,
    FlagColumn,
    Mask,
    NumberColumn,
    Numbers,
    RatioColumn,
    Whole,
    none_of_them,
)
from profile_engine.rules.field_types import SUM_OF_DOUBLES, scale_of
from profile_engine.rules.syntax import MeasureName

_MICRO = 10**6
_EXACT_IN_DOUBLES = 2**53
_FITS_64_BITS = 2**63


def counts(persons: Whole, people: int) -> NumberColumn:
    """How many events each person has; 0 for those with none. `persons` holds the person of each event."""
    return NumberColumn(~none_of_them(people), _counted(persons, people), 0)


def every(persons: Whole, passing: Mask, people: int) -> FlagColumn:
    """Whether a person has an event and every one passes."""
    had, passed = _counted(persons, people), _counted(persons[passing], people)
    return FlagColumn(~none_of_them(people), (had > 0) & (had == passed))


def figure(name: MeasureName, persons: Whole, times: Whole, values: Column, people: int) -> Column:
    """One figure of a field, per person; `persons`, `times` and `values` are parallel, one per event.

    Sums and numbers of different values over no value are 0; all other figures over none are missing. Among events of
    one time the least value is the first and the greatest the latest, and a missing one gives way to a value.
    """
    if name == "first" or name == "latest":
        return values.take(_end_of_time(name == "first", persons, times, values, people))
    persons, values = persons[values.present], values.take(np.flatnonzero(values.present))
    if name == "distinct":
        return counts(_distinct(persons, values), people)
    if name == "min" or name == "max":
        order = np.lexsort((values.ranks(), persons))
        return values.take(_ends(persons[order], order, people, first=name == "min"))
    assert isinstance(values, NumberColumn)
    numbers, scale = exact_numbers(values)
    sums = exact_sums(numbers, persons, people)
    if name == "sum":
        return NumberColumn(~none_of_them(people), sums, scale)
    number_of = _counted(persons, people)
    return RatioColumn(number_of > 0, sums, scale, np.maximum(number_of, 1))


def exact_numbers(values: NumberColumn) -> tuple[Numbers, int]:
    """Whole numbers of the last digit, and the digits after the point; doubles are rounded to 1e-6, half to even."""
    if values.values.dtype != np.float64:
        return values.values, values.scale
    doubles = values.values.astype(np.float64, copy=False)
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = doubles * _MICRO
        rounded = np.rint(scaled)
        # the product is itself rounded: where that could decide, the number is taken exactly
        doubtful = (np.abs(np.abs(scaled - np.trunc(scaled)) - 0.5) < 0.01) | ~(np.abs(scaled) < _EXACT_IN_DOUBLES / 4)
    if not doubtful.any():
        return rounded.astype(np.int64), scale_of(SUM_OF_DOUBLES)
    safe = np.where(doubtful, 0.0, rounded).astype(np.int64)
    exact = {row: round(Fraction(float(doubles[row])) * _MICRO) for row in np.flatnonzero(doubtful).tolist()}
    numbers: Numbers = safe
    if any(abs(number) >= _FITS_64_BITS for number in exact.values()):
        numbers = safe.astype(object)
    for row, number in exact.items():
        numbers[row] = number
    return numbers, scale_of(SUM_OF_DOUBLES)


def exact_sums(numbers: Numbers, persons: Whole, people: int) -> Numbers:
    """Sums of whole numbers per person, whatever their size; 64 bits where they are sure to hold every sum."""
    if len(numbers) == 0:
        return np.zeros(people, dtype=np.int64)
    most = max(abs(int(numbers.min())), abs(int(numbers.max()))) * len(numbers)
    if most < _EXACT_IN_DOUBLES:
        weights = numbers.astype(np.float64)
        return np.bincount(persons, weights=weights, minlength=people).astype(np.int64)
    if numbers.dtype == np.int64 and most < _FITS_64_BITS:
        sums = np.zeros(people, dtype=np.int64)
        np.add.at(sums, persons, numbers)
        return sums
    large = np.zeros(people, dtype=object)
    np.add.at(large, persons, numbers.astype(object))
    return large


def _counted(persons: Whole, people: int) -> Whole:
    return np.bincount(persons, minlength=people).astype(np.int64)


def _distinct(persons: Whole, values: Column) -> Whole:
    """The person of each different (person, value)."""
    ranks = values.ranks()
    order = np.lexsort((ranks, persons))
    by_person, by_rank = persons[order], ranks[order]
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = (by_person[1:] != by_person[:-1]) | (by_rank[1:] != by_rank[:-1])
    return by_person[new]


def _end_of_time(first: bool, persons: Whole, times: Whole, values: Column, people: int) -> Whole:
    """The event of each person that is first or latest; -1 for those with none."""
    ranks = values.ranks()
    gives_way = (int(ranks.max(initial=0)) + 1) if first else (int(ranks.min(initial=0)) - 1)
    order = np.lexsort((np.where(values.present, ranks, gives_way), times, persons))
    return _ends(persons[order], order, people, first=first)


def _ends(by_person: Whole, order: Whole, people: int, *, first: bool) -> Whole:
    """The first or last entry of `order` for each person, whose entries stand together; -1 for those with none."""
    chosen = np.full(people, -1, dtype=np.int64)
    if len(by_person):
        edge = np.ones(len(by_person), dtype=np.bool_)
        different = by_person[1:] != by_person[:-1]
        if first:
            edge[1:] = different
        else:
            edge[:-1] = different
        chosen[by_person[edge]] = order[edge]
    return chosen
