"""Where the values of a rule stand in the rows of a table: attributes in `profile`, fields of events in `timeline`."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import Column
from pyspark.sql import functions as F

from profile_engine.rules.compile.conditions import ValueOf, fields_of_item
from profile_engine.rules.compile.value import Value
from profile_engine.rules.field_types import kind_of
from profile_engine.rules.handed_over import keys_of, value_under
from profile_engine.rules.syntax import EVENT_TIME, Attribute, EventField, ItemField, Source, StepField


def stored_value(stored: Column, source: Attribute | EventField) -> Value:
    """A field as it is kept: maps as arrays of keys and values, of which a rule sees one value, or the keys."""
    if source.key is not None:
        return Value.of(value_under(stored, source.key), source.type)
    if kind_of(source.type) == "map":
        return Value.of(keys_of(stored), source.type)
    return Value.of(stored, source.type)


def of_person(source: Source) -> Value:
    """An attribute, from the columns of `profile`."""
    assert isinstance(source, Attribute)
    return stored_value(F.col(".".join(f"`{step}`" for step in source.path.split("."))), source)


def of_event(event: Column | None, steps: Mapping[str, Column] | None = None, item: Value | None = None) -> ValueOf:
    """The fields of an event: a struct `event_type, occurred_at, fields` (None: the columns of `timeline`); beside them
    those of its person, of an item of one of its arrays, and of the events that earlier steps chose."""

    def value_of(source: Source) -> Value:
        if isinstance(source, StepField):
            return field_of(steps[source.step] if steps else None, source.field)
        if isinstance(source, ItemField):
            assert item is not None
            return fields_of_item(item)(source)
        return of_person(source) if isinstance(source, Attribute) else field_of(event, source)

    return value_of


def field_of(event: Column | None, source: Source) -> Value:
    """A field of one event."""
    assert isinstance(source, EventField)
    if source.path == EVENT_TIME:
        return Value(F.col(EVENT_TIME) if event is None else event.getField(EVENT_TIME), source.type)
    fields = F.col("fields") if event is None else event.getField("fields")
    return stored_value(fields.getField(source.path), source)
