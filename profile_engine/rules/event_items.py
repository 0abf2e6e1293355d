"""Measures over the items of an array in events: `each` takes the items one by one in the place of the event."""

from __future__ import annotations

import numpy as np

from profile_engine.rules.columns import ArrayColumn, Column, Mask
from profile_engine.rules.events import EventRows
from profile_engine.rules.measures import counts, every, figure
from profile_engine.rules.moment import Moment
from profile_engine.rules.steps import ColumnOf, holding, item_column
from profile_engine.rules.syntax import ItemField, Measure, Source
from profile_engine.rules.windows import window_of


def measured_items(measure: Measure, events: EventRows, column_of_event: ColumnOf, moment: Moment) -> Column:
    """A measure per person; `column_of_event` gives fields of every event, and attributes of its person."""
    array_field = measure.events.each
    assert array_field is not None
    rows = events.rows_of(measure.events.types, window_of(measure.events.window, moment))
    array = events.column(array_field).take(rows)
    assert isinstance(array, ArrayColumn)
    event_of_item = rows[array.row_of_item]

    def column_of(source: Source) -> Column:
        if isinstance(source, ItemField):
            return item_column(array, source)
        return column_of_event(source).take(event_of_item)

    persons, times, people = events.persons[event_of_item], events.times[event_of_item], len(events.people)
    where = measure.events.where
    passing: Mask = np.ones(len(persons), np.bool_) if where is None else holding(where, column_of, moment)
    if measure.name == "every":
        return every(persons, passing, people)
    if measure.name == "count":
        return counts(persons[passing], people)
    assert measure.of is not None
    kept = np.flatnonzero(passing)
    return figure(measure.name, persons[kept], times[kept], column_of(measure.of).take(kept), people)
