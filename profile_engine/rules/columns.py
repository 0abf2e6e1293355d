"""Columns of values that tests run over: plain numpy arrays, beside which values are there.

A value that is missing (null, empty text, a double that is no finite number) has an undefined entry in the arrays, so
every answer is to be read together with `present`. Nothing here rounds: a literal is compared with numbers of any type
exactly, by moving it to the nearest value below it that the column's type can hold.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from profile_engine.rules.moment import Stretch

Mask = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int64] | npt.NDArray[np.float64] | npt.NDArray[np.object_]
"""int64; float64 (doubles); or object: Python's whole numbers, where 64 bits may not hold them."""
Number = int | float | Decimal
_FITS_64_BITS = 2**63
Item = TypeVar("Item", bound=np.generic)


def none_of_them(length: int) -> Mask:
    return np.zeros(length, dtype=np.bool_)


def placed(rows: Whole, present: Mask) -> tuple[Whole, Mask]:
    """Rows to take (0 in place of -1, which stands for no row) and which of them have a value."""
    if len(present) == 0:
        return np.zeros(0, dtype=np.int64), none_of_them(len(rows))
    safe = np.where(rows < 0, 0, rows)
    return safe, (rows >= 0) & present[safe]


@dataclass(frozen=True, eq=False)
class Column:
    """Values of one source, one per row."""

    present: Mask

    def __len__(self) -> int:
        return len(self.present)

    def take(self, rows: Whole) -> Column:
        """The values at these rows, in this order; row -1 is a missing value."""
        raise NotImplementedError

    def ranks(self) -> Whole:
        """Whole numbers that are equal where values are equal and rise with them; undefined where missing."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class TextColumn(Column):
    """Text by its place in a dictionary of distinct words; a missing value has any place."""

    codes: Whole
    words: tuple[str, ...]

    def take(self, rows: Whole) -> TextColumn:
        safe, present = placed(rows, self.present)
        return TextColumn(present, _taken(self.codes, safe, len(rows)), self.words)

    def ranks(self) -> Whole:
        order = sorted(range(len(self.words)), key=self.words.__getitem__)
        rank = np.zeros(max(1, len(self.words)), dtype=np.int64)
        rank[order] = np.arange(len(order))
        return rank[self.codes]

    def where(self, passes: Callable[[str], bool]) -> Mask:
        """Tests each distinct word once."""
        return self.spread(np.fromiter((passes(word) for word in self.words), dtype=np.bool_, count=len(self.words)))

    def spread(self, answers: Mask) -> Mask:
        """One answer per word, laid out over the rows."""
        return (answers.take(self.codes) & self.present) if len(answers) else none_of_them(len(self))

    def lengths(self) -> NumberColumn:
        """Length in code points."""
        of_word = np.fromiter((len(word) for word in self.words), dtype=np.int64, count=len(self.words))
        lengths = of_word[self.codes] if len(of_word) else np.zeros(len(self), dtype=np.int64)
        return NumberColumn(self.present, lengths, 0)


@dataclass(frozen=True, eq=False)
class FlagColumn(Column):
    """True or false."""

    values: Mask

    def take(self, rows: Whole) -> FlagColumn:
        safe, present = placed(rows, self.present)
        return FlagColumn(present, _taken(self.values, safe, len(rows)))

    def ranks(self) -> Whole:
        return self.values.astype(np.int64)


@dataclass(frozen=True, eq=False)
class NumberColumn(Column):
    """Numbers; decimals as whole numbers of their last digit (`scale` digits after the point)."""

    values: Numbers
    scale: int

    def take(self, rows: Whole) -> NumberColumn:
        safe, present = placed(rows, self.present)
        return NumberColumn(present, _numbers_taken(self.values, safe, len(rows)), self.scale)

    def ranks(self) -> Whole:
        return np.unique(self.values, return_inverse=True)[1].astype(np.int64)

    def below(self, literal: Number) -> Mask:
        """value < literal"""
        floor, exact = self._floor(literal)
        return np.asarray(self.values < floor if exact else self.values <= floor, dtype=np.bool_)

    def above(self, literal: Number) -> Mask:
        """value > literal"""
        return np.asarray(self.values > self._floor(literal)[0], dtype=np.bool_)

    def _floor(self, literal: Number) -> tuple[int | float, bool]:
        """The greatest value of the column's type that is at most the literal, and whether it is the literal."""
        wanted = Fraction(literal)
        if self.values.dtype == np.float64:
            return float_floor(wanted)
        wanted *= 10**self.scale
        floor = math.floor(wanted)
        return floor, floor == wanted


@dataclass(frozen=True, eq=False)
class RatioColumn(NumberColumn):
    """Averages and formulas as exact fractions: `values` divided by `counts` (1 or more where present)."""

    counts: Numbers

    def take(self, rows: Whole) -> RatioColumn:
        safe, present = placed(rows, self.present)
        counts = _numbers_taken(self.counts, safe, len(rows))
        return RatioColumn(present, _numbers_taken(self.values, safe, len(rows)), self.scale, counts)

    def below(self, literal: Number) -> Mask:
        left, right = self._cross(literal)
        return np.asarray(left < right, dtype=np.bool_)

    def above(self, literal: Number) -> Mask:
        left, right = self._cross(literal)
        return np.asarray(left > right, dtype=np.bool_)

    def _cross(self, literal: Number) -> tuple[Numbers, Numbers]:
        wanted = Fraction(literal) * 10**self.scale
        if _fits(self.values, wanted.denominator) and _fits(self.counts, wanted.numerator):
            return self.values * wanted.denominator, self.counts * wanted.numerator
        return self.values.astype(object) * wanted.denominator, self.counts.astype(object) * wanted.numerator


@dataclass(frozen=True, eq=False)
class _Ordered(Column):
    values: Whole

    def ranks(self) -> Whole:
        return self.values

    def within(self, stretch: Stretch) -> Mask:
        """Both bounds belong to the stretch."""
        first, last = stretch
        return np.asarray((self.values >= first) & (self.values <= last), dtype=np.bool_)


@dataclass(frozen=True, eq=False)
class DateColumn(_Ordered):
    """Days since 1970."""

    def take(self, rows: Whole) -> DateColumn:
        safe, present = placed(rows, self.present)
        return DateColumn(present, _taken(self.values, safe, len(rows)))


@dataclass(frozen=True, eq=False)
class TimeColumn(_Ordered):
    """Microseconds since 1970, UTC."""

    def take(self, rows: Whole) -> TimeColumn:
        safe, present = placed(rows, self.present)
        return TimeColumn(present, _taken(self.values, safe, len(rows)))


@dataclass(frozen=True, eq=False)
class ArrayColumn(Column):
    """Arrays: how many items each row has, and all items in one column with the row that each belongs to."""

    sizes: Whole
    items: Column | None
    """None where the items are no plain values."""
    row_of_item: Whole

    def take(self, rows: Whole) -> ArrayColumn:
        safe, present = placed(rows, self.present)
        first = np.cumsum(self.sizes) - self.sizes
        sizes = np.where(rows >= 0, _taken(self.sizes, safe, len(rows)), 0)
        row_of_item = np.repeat(np.arange(len(rows), dtype=np.int64), sizes)
        in_row = np.arange(len(row_of_item), dtype=np.int64) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        items = self.items
        if items is not None:
            items = items.take(_taken(first, safe, len(rows))[row_of_item] + in_row)
        return ArrayColumn(present, sizes, items, row_of_item)

    def any_item(self, passing: Mask) -> Mask:
        """Rows that have an item which passes; one answer per item."""
        hit = none_of_them(len(self))
        hit[self.row_of_item[passing]] = True
        return hit


@dataclass(frozen=True, eq=False)
class ObjectColumn(Column):
    """Objects in arrays, by the columns of their plain leaves."""

    fields: Mapping[str, Column]

    def take(self, rows: Whole) -> ObjectColumn:
        _, present = placed(rows, self.present)
        return ObjectColumn(present, {path: column.take(rows) for path, column in self.fields.items()})


def _fits(numbers: Numbers, factor: int) -> bool:
    """Whether 64 bits hold every product."""
    if numbers.dtype != np.int64 or abs(factor) >= _FITS_64_BITS:
        return False
    return not len(numbers) or max(abs(int(numbers.min())), abs(int(numbers.max()))) * abs(factor) < _FITS_64_BITS


def _numbers_taken(values: Numbers, safe: Whole, length: int) -> Numbers:
    if values.dtype == np.float64:
        return _taken(values.astype(np.float64, copy=False), safe, length)
    if values.dtype == np.int64:
        return _taken(values.astype(np.int64, copy=False), safe, length)
    return _taken(values.astype(object, copy=False), safe, length)


def _taken(values: npt.NDArray[Item], safe: Whole, length: int) -> npt.NDArray[Item]:
    return values[safe] if len(values) else np.zeros(length, dtype=values.dtype)


def float_floor(wanted: Fraction) -> tuple[float, bool]:
    try:
        near = float(wanted)
    except OverflowError:
        near = math.inf if wanted > 0 else -math.inf
    if math.isinf(near):
        # every finite double is below (or above) a number that no double holds
        return (math.inf, False) if near > 0 else (-math.inf, True)
    if Fraction(near) > wanted:
        near = math.nextafter(near, -math.inf)
    return near, Fraction(near) == wanted
