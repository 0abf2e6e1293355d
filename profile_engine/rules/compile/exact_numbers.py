"""Numbers as decimals whose digits are counted, so that nothing is ever rounded: sums, formulas, averages.

A decimal of Spark holds 38 digits and loses some of them in silence when a result may need more. What could need more
is refused here; the numpy back end, whose numbers have no end, evaluates it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from pyspark.sql import Column
from pyspark.sql import functions as F

from profile_engine.rules.columns import Number
from profile_engine.rules.compile.value import MOST_DIGITS, NotCompilable, Value, decimal_literal


@dataclass(frozen=True)
class Exact:
    """A decimal(digits, scale), null where missing."""

    column: Column
    digits: int
    scale: int

    @classmethod
    def of(cls, value: Value) -> Exact:
        return cls(*value.exact())

    @classmethod
    def literal(cls, number: Fraction) -> Exact:
        """A number whose denominator is a power of ten."""
        scale = 0
        while (number * 10**scale).denominator != 1:
            scale += 1
        digits = max(scale, len(str(abs((number * 10**scale).numerator))))
        return _fitting(decimal_literal(number, scale), digits, scale)

    def __add__(self, other: Exact) -> Exact:
        return self._summed(other, self.column + other.column)

    def __sub__(self, other: Exact) -> Exact:
        return self._summed(other, self.column - other.column)

    def __mul__(self, other: Exact) -> Exact:
        if self.digits + other.digits >= MOST_DIGITS:
            raise NotCompilable("a product that may have more than 38 digits")
        return _fitting(self.column * other.column, self.digits + other.digits, self.scale + other.scale)

    def __mod__(self, other: Exact) -> Exact:
        """With the sign of the dividend; missing where the divisor is 0."""
        self.compared_with(other)
        digits = min(self.digits - self.scale, other.digits - other.scale) + max(self.scale, other.scale)
        return _fitting(self.column % F.nullif(other.column, F.lit(0)), max(digits, 1), max(self.scale, other.scale))

    def compared_with(self, other: Exact) -> None:
        """Refuses a comparison for which Spark would have to drop digits."""
        if max(self.digits - self.scale, other.digits - other.scale) + max(self.scale, other.scale) > MOST_DIGITS:
            raise NotCompilable("a comparison of numbers that need more than 38 digits together")

    def turned(self, by: Exact) -> Exact:
        """With the other sign where `by` is below 0."""
        return Exact(F.when(by.column < 0, -self.column).otherwise(self.column), self.digits, self.scale)

    def _summed(self, other: Exact, column: Column) -> Exact:
        scale = max(self.scale, other.scale)
        return _fitting(column, max(self.digits - self.scale, other.digits - other.scale) + scale + 1, scale)


def _fitting(column: Column, digits: int, scale: int) -> Exact:
    if digits > MOST_DIGITS:
        raise NotCompilable("a figure that may have more than 38 digits")
    return Exact(column.cast(f"decimal({digits},{scale})"), digits, scale)


@dataclass(frozen=True)
class Ratio(Value):
    """`over` divided by `under`, which is above 0; `column` is null where the value is missing."""

    over: Exact
    under: Exact

    @classmethod
    def of_two(cls, over: Exact, under: Exact, type_text: str) -> Ratio:
        there = F.when(over.column.isNotNull() & under.column.isNotNull(), F.lit(True))
        return cls(there, type_text, over, under)

    def below(self, literal: Number) -> Column:
        left, right = self._cross(literal)
        return left < right

    def above(self, literal: Number) -> Column:
        left, right = self._cross(literal)
        return left > right

    def _cross(self, literal: Number) -> tuple[Column, Column]:
        wanted = Fraction(literal)
        left = self.over * Exact.literal(Fraction(wanted.denominator))
        right = self.under * Exact.literal(Fraction(wanted.numerator))
        left.compared_with(right)
        return left.column, right.column
