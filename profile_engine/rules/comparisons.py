"""Two columns compared row by row: exactly, whatever the types of numbers."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from profile_engine.rules.columns import (
    ArrayColumn,
    Column,
    DateColumn,
    FlagColumn,
    Mask,
    NumberColumn,
    Numbers,
    RatioColumn,
    TextColumn,
    TimeColumn,
    Whole,
)

_SURELY_EXACT = 2**53
_SIGN_PASSES: dict[str, tuple[int, ...]] = {
    "equals": (0,), "differs_from": (-1, 1), "above": (1,), "at_least": (0, 1), "below": (-1,), "at_most": (-1, 0),
    "before": (-1,), "after": (1,),
}  # fmt: skip
"""The signs of left minus right with which a test passes."""


def compared(left: Column, operator: str, right: Column, ignoring_case: bool = False) -> Mask:
    """Rows where both are there and the left one is to the right one as the operator says; `one_of` and `none_of` ask
    whether it is an item of the right one, an array, and `includes` whether the right one is an item of it; `includes_any`
    and `includes_all` ask that of the items of the right one, of which there has to be one."""
    if operator == "includes":
        return compared(right, "one_of", left, ignoring_case)
    if operator in ("includes_any", "includes_all"):
        assert isinstance(left, ArrayColumn)
        assert isinstance(right, ArrayColumn)
        return _includes(left, right, every=operator == "includes_all")
    if isinstance(right, ArrayColumn):
        assert right.items is not None, "an array of plain values was read"
        same = compared(left.take(right.row_of_item), "equals", right.items, ignoring_case)
        there = left.present & right.present
        return np.asarray(there & (right.any_item(same) == (operator == "one_of")), dtype=np.bool_)
    both = left.present & right.present
    return np.asarray(both & np.isin(_signs(left, right, ignoring_case, both), _SIGN_PASSES[operator]), dtype=np.bool_)


def _includes(left: ArrayColumn, right: ArrayColumn, *, every: bool) -> Mask:
    """Rows where an item of the right one is among those of the left one, or every item that is there."""
    assert right.items is not None, "an array of plain values was read"
    among = compared(right.items, "one_of", left.take(right.row_of_item))
    found = left.present & right.any_item(among)
    return found & ~right.any_item(right.items.present & ~among) if every else found


def _signs(left: Column, right: Column, ignoring_case: bool, both: Mask) -> Whole:
    if isinstance(left, TextColumn) and isinstance(right, TextColumn):
        one, other = _text_codes(left, right, ignoring_case)
        return _sign(one, other)
    if isinstance(left, NumberColumn) and isinstance(right, NumberColumn):
        return _number_signs(left, right, both)
    if isinstance(left, DateColumn) and isinstance(right, DateColumn):
        return _sign(left.values, right.values)
    if isinstance(left, TimeColumn) and isinstance(right, TimeColumn):
        return _sign(left.values, right.values)
    if isinstance(left, FlagColumn) and isinstance(right, FlagColumn):
        return _sign(left.values.astype(np.int64), right.values.astype(np.int64))
    raise TypeError(f"a {type(left).__name__} can't be compared with a {type(right).__name__}")


def _sign(left: Numbers, right: Numbers) -> Whole:
    above, below = np.asarray(left > right, dtype=np.int64), np.asarray(left < right, dtype=np.int64)
    return np.asarray(above - below, dtype=np.int64)


def _text_codes(left: TextColumn, right: TextColumn, ignoring_case: bool) -> tuple[Whole, Whole]:
    """Codes that both columns share."""
    shared: dict[str, int] = {}

    def codes(column: TextColumn) -> Whole:
        folded = [word.casefold() if ignoring_case else word for word in column.words]
        of_word = np.array([shared.setdefault(word, len(shared)) for word in folded], dtype=np.int64)
        return of_word[column.codes] if len(of_word) else np.zeros(len(column), dtype=np.int64)

    return codes(left), codes(right)


def _number_signs(left: NumberColumn, right: NumberColumn, both: Mask) -> Whole:
    plain = not isinstance(left, RatioColumn) and not isinstance(right, RatioColumn)
    if plain and left.values.dtype == right.values.dtype and left.scale == right.scale:
        return _sign(left.values, right.values)
    if plain and left.scale == right.scale == 0 and _small(left) and _small(right):
        return _sign(left.values.astype(np.float64), right.values.astype(np.float64))
    signs = np.zeros(len(left), dtype=np.int64)
    for row in np.flatnonzero(both).tolist():  # numbers of different types: rare, and exact
        one, other = exact_number(left, row), exact_number(right, row)
        signs[row] = (one > other) - (one < other)
    return signs


def exact_number(column: NumberColumn, row: int) -> Fraction:
    """One number as it is."""
    value = column.values[row]
    number = Fraction(float(value)) if isinstance(value, float | np.floating) else Fraction(int(value))
    if isinstance(column, RatioColumn):
        number /= int(column.counts[row])
    return number * Fraction(1, 10**column.scale)


def _small(column: NumberColumn) -> bool:
    if column.values.dtype == object or len(column) == 0:
        return False
    if column.values.dtype == np.float64:
        return True
    return bool(np.abs(column.values.astype(np.float64)).max() < _SURELY_EXACT)
