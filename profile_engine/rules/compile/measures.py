"""Figures over an array of a person's events, as a Column."""

from __future__ import annotations

from collections.abc import Callable

from pyspark.sql import Column
from pyspark.sql import functions as F

from profile_engine.rules.compile.conditions import holds
from profile_engine.rules.compile.exact_numbers import Exact, Ratio
from profile_engine.rules.compile.places import field_of, of_event
from profile_engine.rules.compile.value import NotCompilable, Value
from profile_engine.rules.field_types import item_type
from profile_engine.rules.moment import Moment
from profile_engine.rules.syntax import Check, EventField, Measure
from profile_engine.rules.windows import window_of

_ADDS_UP_TO = 37
"""Digits of a running sum, so that Spark's type for one more addend still holds all of them."""
_DIGITS_OF_A_COUNT = 10


def of_type_in_window(
    event: Column | None, types: tuple[str, ...], window: tuple[Check, ...], moment: Moment
) -> Column:
    """Whether an event (None: a row of `timeline`) is of these types and its time in the window, never past as_of."""
    at = Value(F.col("occurred_at") if event is None else event.getField("occurred_at"), "timestamp")
    type_ = F.col("event_type") if event is None else event.getField("event_type")
    inside = type_.isin(list(types)) & at.within(window_of(window, moment))
    return F.coalesce(inside, F.lit(False))


def measured(measure: Measure, events: Column, moment: Moment) -> Value:
    """The measure over `events`, an array of `event_type, occurred_at, fields`. Raises NotCompilable."""
    chosen = measure.events
    rows = F.filter(events, lambda event: of_type_in_window(event, chosen.types, chosen.window, moment))
    if chosen.each is not None:
        rows = _items(rows, chosen.each)
    where = chosen.where
    passing = rows if where is None else F.filter(rows, lambda row: holds(where, _row(measure, row), moment))
    if measure.name == "count":
        return _counted(passing)
    if measure.name == "every":
        had = F.coalesce(F.array_size(rows), F.lit(0))
        return Value((had > 0) & (F.array_size(passing) == had), "boolean")
    return _figure(measure, passing)


def _items(rows: Column, each: EventField) -> Column:
    """The items of an array in every event, each beside its event."""

    def of_one(event: Column) -> Column:
        items = F.coalesce(field_of(event, each).column, F.array())
        return F.transform(items, lambda item: F.struct(event.alias("event"), item.alias("item")))

    return F.flatten(F.transform(rows, of_one))


def _row(measure: Measure, row: Column) -> Callable[..., Value]:
    each = measure.events.each
    if each is None:
        return of_event(row)
    item = Value.of(row.getField("item"), item_type(each.type))
    return of_event(row.getField("event"), item=item)


def _figure(measure: Measure, passing: Column) -> Value:
    of = measure.of
    assert of is not None

    def value(row: Column) -> Column:
        return _row(measure, row)(of).column

    if measure.name in ("first", "latest"):
        return _end_of_time(measure, passing, value)
    values = F.filter(F.transform(passing, value), lambda one: one.isNotNull())
    if of.type == "double":
        values = F.transform(values, lambda one: one + F.lit(0.0))  # one zero, not two
    if measure.name == "distinct":
        return _counted(F.array_distinct(values))
    if measure.name in ("min", "max"):
        return Value(F.array_min(values) if measure.name == "min" else F.array_max(values), of.type)
    total = _sum(values, of.type)
    if measure.name == "sum":
        return Value(total.column, f"decimal({total.digits},{total.scale})")
    count = F.nullif(_counted(values).column, F.lit(0)).cast(f"decimal({_DIGITS_OF_A_COUNT},0)")
    return Ratio.of_two(total, Exact(count, _DIGITS_OF_A_COUNT, 0), measure.type)


def _sum(values: Column, type_text: str) -> Exact:
    _, digits, scale = Value(F.lit(None), type_text).exact()
    if digits + _DIGITS_OF_A_COUNT > _ADDS_UP_TO:
        raise NotCompilable("a sum that may have more than 37 digits")
    held = f"decimal({_ADDS_UP_TO},{scale})"
    total = F.aggregate(
        values, F.lit(0).cast(held), lambda sum_, one: (sum_ + one.cast(f"decimal({digits},{scale})")).cast(held)
    )
    return Exact(F.coalesce(total, F.lit(0).cast(held)), digits + _DIGITS_OF_A_COUNT, scale)


def _end_of_time(measure: Measure, passing: Column, value: Callable[[Column], Column]) -> Value:
    """The least value of the first instant, or the greatest of the latest; a missing one gives way to a value."""
    assert measure.of is not None
    first = measure.name == "first"

    def at(row: Column) -> Column:
        return (row if measure.events.each is None else row.getField("event")).getField("occurred_at")

    times = F.transform(passing, at)
    edge = F.array_min(times) if first else F.array_max(times)
    values = F.filter(F.transform(F.filter(passing, lambda row: at(row) == edge), value), lambda one: one.isNotNull())
    return Value(F.array_min(values) if first else F.array_max(values), measure.of.type)


def _counted(rows: Column) -> Value:
    return Value(F.coalesce(F.array_size(rows), F.lit(0)).cast("bigint"), "integer")
