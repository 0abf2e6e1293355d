"""The events of an evaluation, in order of time, so that a window of a type is one slice of its events."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa

from profile_engine.rules.arrow_columns import column_of, microseconds
from profile_engine.rules.ascending import sorted_with_places
from profile_engine.rules.clock import Clock
from profile_engine.rules.columns import Column, Mask, TimeColumn, Whole, none_of_them
from profile_engine.rules.measures import counts, every, figure
from profile_engine.rules.moment import EARLIEST, LATEST, Moment, Stretch
from profile_engine.rules.people import People
from profile_engine.rules.syntax import EVENT_TIME, EventField, Measure
from profile_engine.rules.windows import window_of

FIELD = "fields."
"""Before the path of a field in the name of its column, as in the table `timeline`."""


@dataclass
class EventRows:
    """Parallel arrays over the events of `people`, rising in time."""

    people: People
    moment: Moment
    table: pa.Table
    kept: Whole
    """The table's rows of people's events, rising in time."""
    persons: Whole
    times: Whole
    of_type: dict[str, Whole]
    """Places of the events of each type, rising."""
    _columns: dict[str, Column] = field(default_factory=dict)
    _by_person: dict[tuple[str, ...], Whole] = field(default_factory=dict)

    @classmethod
    def of(cls, events: pa.Table, people: People, moment: Moment) -> EventRows:
        """`events`: a row per event with `profile_id, event_type, occurred_at` and a column `fields.<path>` per field, in any
        order."""
        persons = people.number(events.column("profile_id"))
        at = events.column("occurred_at").combine_chunks()
        times = microseconds(at)
        known = (persons >= 0) & np.asarray(at.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)
        kept = np.flatnonzero(known)
        kept = kept[sorted_with_places(times[kept])[1]]
        coded = events.column("event_type").combine_chunks().dictionary_encode()
        codes = np.asarray(coded.indices.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)[kept]
        of_type = {name: np.flatnonzero(codes == code) for code, name in enumerate(coded.dictionary.to_pylist())}
        return cls(people, moment, events, kept, persons[kept], times[kept], of_type)

    def column(self, source: EventField) -> Column:
        """A field of every event; `occurred_at` is the event's time."""
        if source.path == EVENT_TIME:
            return TimeColumn(~none_of_them(len(self.times)), self.times)
        if source.column not in self._columns:
            self._columns[source.column] = column_of(self.table.column(FIELD + source.column), source.type).take(
                self.kept
            )
        return self._columns[source.column]

    def time_column(self, rows: Whole) -> TimeColumn:
        """When these events occurred."""
        return TimeColumn(~none_of_them(len(rows)), self.times[rows])

    def by_person(self, types: tuple[str, ...]) -> Whole:
        """Places of the events of these types at any time, by person, then time."""
        if types not in self._by_person:
            rows = self.rows_of(types, (EARLIEST, LATEST))
            total = max(1, len(self.times))
            self._by_person[types] = np.sort(self.persons[rows] * total + rows) % total
        return self._by_person[types]

    def measured(self, measure: Measure, passing: Mask | None) -> Column:
        """A measure per person; `passing` answers the measure's `where` for every event, None where it has none."""
        rows = self.rows_of(measure.events.types, window_of(measure.events.window, self.moment))
        people = len(self.people)
        if measure.name == "every":
            assert passing is not None
            return every(self.persons[rows], passing[rows], people)
        if passing is not None:
            rows = rows[passing[rows]]
        if measure.name == "count":
            return counts(self.persons[rows], people)
        assert isinstance(measure.of, EventField)
        values = self.column(measure.of).take(rows)
        return figure(measure.name, self.persons[rows], self.times[rows], values, people)

    def rows_of(self, types: tuple[str, ...], stretch: Stretch) -> Whole:
        """Places of the events of these types in the stretch."""
        first, after = self._places_in(stretch)
        found = []
        for name in types:
            rows = self.of_type.get(name)
            if rows is not None:
                begin, end = np.searchsorted(rows, (first, after))
                found.append(rows[begin:end])
        return found[0] if len(found) == 1 else np.concatenate([np.zeros(0, dtype=np.int64), *found])

    def are_in(self, stretch: Stretch, rows: Whole) -> Mask:
        """Which of these events are in the stretch: as events rise in time, their places tell."""
        first, after = self._places_in(stretch)
        return (rows >= first) & (rows < after)

    def _places_in(self, stretch: Stretch) -> tuple[int, int]:
        """The place of the first event in the stretch, and of the first one behind it."""
        first, after = np.searchsorted(self.times, stretch[0], "left"), np.searchsorted(self.times, stretch[1], "right")
        return int(first), int(max(first, after))

    @cached_property
    def clock(self) -> Clock:
        return Clock(self.times, len(self.people))

    @cached_property
    def keys(self) -> Whole:
        """Of every event, rising with person, then time."""
        return self.clock.before(self.persons, self.times)
