"""Values of rules as Spark Columns, null where missing, and what tests ask of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from pyspark.sql import Column
from pyspark.sql import functions as F

from profile_engine.rules.columns import Number, float_floor
from profile_engine.rules.compile.case_folding import folded, folded_apart
from profile_engine.rules.field_types import item_type, kind_of, precision_of, scale_of
from profile_engine.rules.moment import EARLIEST, FIRST_DAY, LAST_DAY, LATEST, Moment, Stretch, day_number, instant

MOST_DIGITS = 38
"""Digits that a decimal of Spark can have."""
_WHOLE = range(-(2**63), 2**63)
_DAY = 86_400_000_000


class NotCompilable(Exception):
    """What Spark's own expressions can't work out exactly; the other back end can. The message says what it is."""


@dataclass(frozen=True)
class Value:
    """`column` is null where the value is missing; `type` as in `field_types.type_of`."""

    column: Column
    type: str

    @classmethod
    def of(cls, stored: Column, type_text: str) -> Value:
        """A value as tables keep it: empty text is missing, and so is a double that is no finite number."""
        if type_text == "string":
            return cls(F.when(stored != "", stored), type_text)
        if type_text == "double":
            return cls(F.when(F.abs(stored) < math.inf, stored), type_text)  # NaN is above everything in Spark
        return cls(stored, type_text)

    @property
    def present(self) -> Column:
        return self.column.isNotNull()

    def text(self, ignoring_case: bool = False) -> Column:
        return folded(self.column) if ignoring_case else self.column

    def text_folded_apart(self) -> Column:
        """Folded, with LETTER_END after what each character was folded to."""
        return folded_apart(self.column)

    def length(self) -> Value:
        """In code points."""
        return Value(F.length(self.column).cast("bigint"), "integer")

    def is_one_of(self, literals: Iterable[object], ignoring_case: bool = False) -> Column:
        kind = kind_of(self.type)
        if kind == "text":
            words = sorted({str(one).casefold() if ignoring_case else str(one) for one in literals})
            return self.text(ignoring_case).isin(words)
        found = F.lit(False)
        for literal in literals:
            found = found | self._is(literal)
        return found

    def _is(self, literal: object) -> Column:
        if isinstance(literal, bool):
            return self.column == F.lit(literal)
        if isinstance(literal, int | float | Decimal):
            return ~self.below(literal) & ~self.above(literal)
        if isinstance(literal, datetime):
            return self.within((instant(literal), instant(literal)))
        if isinstance(literal, date):
            return self.within((day_number(literal), day_number(literal)))
        raise NotCompilable(f"equality with a {type(literal).__name__}")

    def below(self, literal: Number) -> Column:
        """value < literal, exactly"""
        floor, exact = self._floor(literal)
        if not isinstance(floor, Column):
            return F.lit(floor > 0)
        return self.column < floor if exact else self.column <= floor

    def above(self, literal: Number) -> Column:
        """value > literal, exactly"""
        floor, _ = self._floor(literal)
        return self.column > floor if isinstance(floor, Column) else F.lit(floor < 0)

    def _floor(self, literal: Number) -> tuple[Column | int, bool]:
        """The greatest value of the type that is at most the literal, and whether it is the literal; where the type
        holds none so far out, only its sign."""
        wanted = Fraction(literal)
        if self.type == "double":
            near, exact = float_floor(wanted)
            return F.lit(near), exact
        scale = scale_of(self.type)
        wanted *= 10**scale
        floor = math.floor(wanted)
        if self.type == "integer":
            return (F.lit(floor).cast("bigint"), floor == wanted) if floor in _WHOLE else (floor, False)
        if abs(floor) >= 10**MOST_DIGITS:
            return floor, False
        return decimal_literal(Fraction(floor, 10**scale), scale), floor == wanted

    def within(self, stretch: Stretch) -> Column:
        """Both bounds belong to the stretch; open ends are no bounds."""
        edge: Callable[[int], Column] = _day if self.type == "date" else _time
        first, last = stretch
        found = F.lit(True) if first == EARLIEST else self.column >= edge(first)
        return found if last == LATEST else found & (self.column <= edge(last))

    def month_and_day(self, moment: Moment) -> Column:
        """100 times the month, and the day; of a time, those of its date in the project's time zone."""
        day = self._date(moment)
        return F.month(day) * 100 + F.dayofmonth(day)

    def part_of_date(self, part: str, moment: Moment) -> Value:
        """`year`, `month` or `dayofmonth` of the value's date."""
        return Value(F.call_function(part, self._date(moment)).cast("bigint"), "integer")

    def _date(self, moment: Moment) -> Column:
        """The date itself; of a time that in the project's time zone, whatever the session's. Beyond the calendar it is the
        calendar's first or last one."""
        if self.type == "date":
            return _on_calendar(self.column)
        local = F.unix_micros(F.from_utc_timestamp(self.column, moment.time_zone))
        days = F.call_function("div", local - F.pmod(local, F.lit(_DAY)), F.lit(_DAY))
        return _on_calendar(F.date_from_unix_date(days.cast("int")))

    def size(self) -> Value:
        return Value(F.array_size(self.column).cast("bigint"), "integer")

    def any_item(self, passes: Callable[[Value], Column]) -> Column:
        """Whether an item passes; `passes` gives true or false, never null."""
        return F.exists(self.column, lambda item: passes(self.item(item)))

    def every_item(self, passes: Callable[[Value], Column]) -> Column:
        """Whether there is an item and every one passes."""
        return (F.array_size(self.column) > 0) & F.forall(self.column, lambda item: passes(self.item(item)))

    def first_item(self, passes: Callable[[Value], Column]) -> Column:
        """Whether there is an item and the first passes."""
        return (F.array_size(self.column) > 0) & passes(self.item(F.get(self.column, F.lit(0))))

    def item(self, stored: Column) -> Value:
        of_items = item_type(self.type)
        return Value.of(stored, "string" if kind_of(self.type) == "map" else of_items)

    def exact(self) -> tuple[Column, int, int]:
        """(the number as a decimal, all its digits, those after the point); refused for doubles."""
        if self.type == "double":
            raise NotCompilable("sums and formulas over doubles, which are rounded exactly")
        digits, scale = precision_of(self.type), scale_of(self.type)
        return self.column.cast(f"decimal({digits},{scale})"), digits, scale


def decimal_literal(number: Fraction, scale: int) -> Column:
    """A number that `scale` digits after the point hold, exactly."""
    whole = number * 10**scale
    digits = tuple(int(digit) for digit in str(abs(whole.numerator)))
    text = format(Decimal((int(whole < 0), digits, -scale)), "f")
    return F.lit(text).cast(f"decimal({MOST_DIGITS},{scale})")


def _time(edge: int) -> Column:
    return F.timestamp_micros(F.lit(edge).cast("bigint"))


def _day(edge: int) -> Column:
    return F.date_from_unix_date(F.lit(edge).cast("int"))


def _on_calendar(day: Column) -> Column:
    first, last = _day(FIRST_DAY), _day(LAST_DAY)
    return F.when(day < first, first).when(day > last, last).otherwise(day)
