"""Formulas as exact fractions of decimals."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from pyspark.sql import functions as F

from profile_engine.rules.compile.exact_numbers import Exact, Ratio
from profile_engine.rules.compile.value import Value
from profile_engine.rules.syntax import Arithmetic, Computed, Field, Term

_ONE = Fraction(1)


def computed(formula: Computed, value_of: Callable[[Field], Value]) -> Value:
    """The formula's value; missing where a field is missing or something is divided by 0.

    Raises NotCompilable for a formula over doubles, and for one that may need more than 38 digits.
    """
    over, under = _of(formula.term, value_of)
    return Ratio.of_two(over, under or Exact.literal(_ONE), formula.type)


def _of(term: Term, value_of: Callable[[Field], Value]) -> tuple[Exact, Exact | None]:
    """(what stands over, what stands under it: above 0, or None for 1)"""
    if isinstance(term, Field):
        return Exact.of(value_of(term)), None
    if not isinstance(term, Arithmetic):
        return Exact.literal(Fraction(term)), None
    (over, under), (other_over, other_under) = _of(term.left, value_of), _of(term.right, value_of)
    if term.operator == "*":
        return over * other_over, _times(under, other_under)
    left, right = _times(over, other_under), _times(other_over, under)
    assert left is not None
    assert right is not None
    if term.operator == "/":
        divisor = Exact(F.nullif(right.column, F.lit(0)), right.digits, right.scale)
        return left.turned(divisor), divisor.turned(divisor)
    if term.operator == "%":
        return left % right, _times(under, other_under)
    return left + right if term.operator == "+" else left - right, _times(under, other_under)


def _times(one: Exact | None, other: Exact | None) -> Exact | None:
    if one is None or other is None:
        return one or other
    return one * other
