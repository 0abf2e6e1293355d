"""Formulas over columns: exact fractions, each a whole number over a whole number above 0.

Doubles are rounded to 1e-6 first, as in sums. Whole numbers of 64 bits are used while they are sure to hold every
result, Python's own beyond.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from profile_engine.rules.columns import Column, Mask, NumberColumn, Numbers, RatioColumn
from profile_engine.rules.measures import exact_numbers
from profile_engine.rules.syntax import Arithmetic, Computed, Field, Term

_LIMIT = 2**62


@dataclass(frozen=True)
class _Fractions:
    present: Mask
    over: Numbers
    under: Numbers


def computed(formula: Computed, column_of: Callable[[Field], Column], rows: int) -> RatioColumn:
    """The formula's value on every row; missing where a field is missing or something is divided by 0."""
    found = _of(formula.term, column_of, rows)
    return RatioColumn(found.present, found.over, 0, found.under)


def _of(term: Term, column_of: Callable[[Field], Column], rows: int) -> _Fractions:
    if isinstance(term, Arithmetic):
        return _joined(term.operator, _of(term.left, column_of, rows), _of(term.right, column_of, rows))
    if isinstance(term, int | Decimal):
        number = Fraction(term)
        return _Fractions(np.ones(rows, np.bool_), _full(rows, number.numerator), _full(rows, number.denominator))
    column = column_of(term)
    assert isinstance(column, NumberColumn), "a formula was read over numbers"
    values, scale = exact_numbers(_zero_where_missing(column))
    return _Fractions(column.present, values, _full(rows, 10**scale))


def _zero_where_missing(column: NumberColumn) -> NumberColumn:
    values = column.values.copy()
    values[~column.present] = 0
    return NumberColumn(column.present, values, column.scale)


def _full(rows: int, number: int) -> Numbers:
    return np.full(rows, number, dtype=np.int64 if abs(number) < _LIMIT else object)


def _joined(operator: str, left: _Fractions, right: _Fractions) -> _Fractions:
    present = left.present & right.present
    if operator == "*":
        return _Fractions(present, _times(left.over, right.over), _times(left.under, right.under))
    if operator == "/":
        usable = present & np.asarray(right.over != 0, dtype=np.bool_)
        sign = np.where(np.asarray(right.over < 0, dtype=np.bool_), -1, 1)
        under = _times(left.under, _times(right.over, sign))
        under[~usable] = 1
        return _Fractions(usable, _times(_times(left.over, right.under), sign), under)
    one, other = _times(left.over, right.under), _times(right.over, left.under)
    under = _times(left.under, right.under)
    if operator == "%":
        usable = present & np.asarray(other != 0, dtype=np.bool_)
        divisor = np.abs(other)
        divisor[~usable] = 1
        rest = np.abs(one) % divisor
        return _Fractions(usable, np.where(np.asarray(one < 0, dtype=np.bool_), -rest, rest), under)
    if _bound(one) + _bound(other) >= _LIMIT:
        one, other = one.astype(object), other.astype(object)
    return _Fractions(present, one + other if operator == "+" else one - other, under)


def _times(left: Numbers, right: Numbers) -> Numbers:
    if _bound(left) * _bound(right) >= _LIMIT:
        left, right = left.astype(object), right.astype(object)
    return np.asarray(left * right)


def _bound(numbers: Numbers) -> int:
    return max(abs(int(numbers.min())), abs(int(numbers.max()))) if len(numbers) else 0
