"""Events leaving a window, oldest first: at which of them the answer of a test of their figure changes.

Nothing but departures happens here, so the figure after each of them is the figure over the events that are left, and all
of these are one running sum from the newest event back. Figures that are no sums are followed to the event at which they
change at all, which is never later than the answer.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from profile_engine.rules.columns import Column, Mask, NumberColumn, RatioColumn, Whole
from profile_engine.rules.measures import exact_numbers
from profile_engine.rules.syntax import MeasureName

Passes = Callable[[Column], Mask]
_SURELY_EXACT = 2**61


def decisive(name: MeasureName, persons: Whole, values: Column | None, passes: Passes, now: Mask) -> Whole:
    """Places of the events whose leaving may change the answer, one a person at most.

    persons  of each event in the window, rising; a person's events stand in the order of time
    values   of each event, those without one left out; None where events are only counted
    passes   the test of a figure
    now      each person's answer as of now
    """
    if not len(persons):
        return np.zeros(0, dtype=np.int64)
    if name == "latest":
        return last_places(persons)
    if name == "first":
        return first_places(persons)
    if name == "min" or name == "max":
        assert values is not None
        return _last_of_extreme(name == "max", persons, values.ranks())
    after = _after_each(name, persons, values)
    if after is None:
        return first_places(persons)
    changed = np.flatnonzero(passes(after) != now[persons])
    return changed[first_places(persons[changed])]


def first_places(persons: Whole) -> Whole:
    """The place of each person's first entry; a person's entries stand together."""
    edge = np.ones(len(persons), dtype=np.bool_)
    edge[1:] = persons[1:] != persons[:-1]
    return np.flatnonzero(edge)


def last_places(persons: Whole) -> Whole:
    """The place of each person's last entry."""
    edge = np.ones(len(persons), dtype=np.bool_)
    edge[:-1] = persons[1:] != persons[:-1]
    return np.flatnonzero(edge)


def _after_each(name: MeasureName, persons: Whole, values: Column | None) -> Column | None:
    """The figure that is left when each event has gone; None where it can't be followed in 64 bits."""
    there = np.ones(len(persons), dtype=np.bool_)
    left = _left(there.astype(np.int64), persons)
    if name == "count":
        return NumberColumn(there, left, 0)
    assert values is not None
    if name == "distinct":
        return NumberColumn(there, _left(_last_of_its_value(persons, values.ranks()).astype(np.int64), persons), 0)
    assert isinstance(values, NumberColumn), "sums and averages are of numbers"
    numbers, scale = exact_numbers(values)
    if (
        numbers.dtype != np.int64
        or max(abs(int(numbers.min())), abs(int(numbers.max()))) * len(numbers) >= _SURELY_EXACT
    ):
        return None
    sums = _left(numbers.astype(np.int64, copy=False), persons)
    if name == "sum":
        return NumberColumn(there, sums, scale)
    return RatioColumn(left > 0, sums, scale, np.maximum(left, 1))


def _left(numbers: Whole, persons: Whole) -> Whole:
    """For each entry the sum of the person's later ones."""
    running = np.cumsum(numbers)
    last = last_places(persons)
    return np.repeat(running[last], np.diff(last, prepend=-1)) - running


def _last_of_its_value(persons: Whole, ranks: Whole) -> Mask:
    """Whether no later event of the person has the same value."""
    order = np.lexsort((ranks, persons))
    last = np.ones(len(order), dtype=np.bool_)
    by_person, by_rank = persons[order], ranks[order]
    last[:-1] = (by_person[1:] != by_person[:-1]) | (by_rank[1:] != by_rank[:-1])
    found = np.zeros(len(order), dtype=np.bool_)
    found[order] = last
    return found


def _last_of_extreme(greatest: bool, persons: Whole, ranks: Whole) -> Whole:
    """The last event of each person that has the least or the greatest value."""
    first = first_places(persons)
    extreme = (np.maximum if greatest else np.minimum).reduceat(ranks, first)
    there = np.flatnonzero(ranks == np.repeat(extreme, np.diff(first, append=len(persons))))
    return there[last_places(persons[there])]
