"""The values that a program tests: attributes of people, and figures and sequences over their events."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pyarrow as pa

from profile_engine.rules.columns import Column, FlagColumn, Mask, Whole
from profile_engine.rules.event_items import measured_items
from profile_engine.rules.events import EventRows
from profile_engine.rules.moment import Moment
from profile_engine.rules.people import People
from profile_engine.rules.program import Atom, Program, Reference, event_filters, reads_attributes, types_of
from profile_engine.rules.sequences import Bindings, matched
from profile_engine.rules.steps import Answers, ColumnOf, column_for, holding, passing_rows
from profile_engine.rules.syntax import Attribute, Condition, EventField, Measure, Sequence, Source, StepField
from profile_engine.rules.windows import window_of


class Values:
    """Columns of values, and answers of single tests, with every measure computed once for all tests of it."""

    def __init__(self, program: Program, moment: Moment, people: People, events: EventRows) -> None:
        self.program, self.moment, self.people, self.events = program, moment, people, events
        self._filters = Answers(program.event_steps, self._of_event, _no_reference)
        self.tests: dict[tuple[Measure | Sequence, str | None], list[Atom]] = {}
        """The tests of each measure and each sequence."""
        for atom in program.atoms:
            if isinstance(atom.source, Measure | Sequence):
                self.tests.setdefault((atom.source, atom.merge_policy), []).append(atom)
        self._measured: dict[Atom, Mask] = {}
        self.ahead: dict[Measure | Sequence, float] = {}
        """The seconds that looking ahead took for each measure and each sequence."""

    @classmethod
    def of(cls, program: Program, profiles: pa.Table, events: pa.Table, moment: Moment) -> Values:
        """Tables as `evaluate.evaluated` takes them."""
        people = People.of(profiles)
        return cls(program, moment, people, EventRows.of(events, people, moment))

    def column(self, source: Source, merge_policy: str | None) -> Column:
        """The value of every person."""
        if isinstance(source, Measure):
            return self._figure(source, merge_policy)
        if isinstance(source, Sequence):
            found = matched(
                source,
                self.events,
                lambda where: self.filtered(where, merge_policy),
                lambda where, rows, bound: self._on_rows(where, rows, bound, merge_policy),
            )
            return FlagColumn(np.ones(len(found), np.bool_), found)
        return column_for(source, self.of_people(merge_policy), len(self.people))

    def passing(self, atom: Atom) -> Mask:
        """Who passes one test."""
        if atom in self._measured:
            return self._measured[atom]
        column = self.column(atom.source, atom.merge_policy)
        if isinstance(atom.source, Measure | Sequence):
            # the other tests of the measure at once, so that its figures need not be kept; one that fails will say so
            # when its own rule asks
            for other in self.tests[atom.source, atom.merge_policy]:
                with suppress(Exception):
                    self._measured[other] = passing_rows(column, other.check, self.moment)
        return passing_rows(column, atom.check, self.moment, self.of_people(atom.merge_policy))

    def events_of(self, source: Measure | Sequence) -> int:
        """How many events of its types are in its window."""
        window = source.window if isinstance(source, Sequence) else source.events.window
        return len(self.events.rows_of(types_of(source), window_of(window, self.moment)))

    def _figure(self, measure: Measure, merge_policy: str | None) -> Column:
        if measure.events.each is not None:
            return measured_items(measure, self.events, self.of_events(merge_policy), self.moment)
        passing = [self.filtered(where, merge_policy) for where in event_filters(measure)]
        return self.events.measured(measure, passing[0] if passing else None)

    def rows_of(self, measure: Measure, merge_policy: str | None = None) -> Whole:
        """Places, in `events`, of the events that a measure without `each` looks at."""
        rows = self.events.rows_of(measure.events.types, window_of(measure.events.window, self.moment))
        for where in event_filters(measure):
            rows = rows[self.filtered(where, merge_policy)[rows]]
        return rows

    def filtered(self, where: Condition, merge_policy: str | None) -> Mask:
        """Which events pass the `where` of a measure, or the part of a step's that names no other step."""
        policy = merge_policy if reads_attributes(where) else None
        return self._filters.answer(self.program.filters[where, policy])

    def _of_event(self, atom: Atom) -> Mask:
        column_of = self.of_events(atom.merge_policy)
        column = column_for(atom.source, column_of, len(self.events.times))
        return passing_rows(column, atom.check, self.moment, column_of)

    def of_people(self, merge_policy: str | None) -> ColumnOf:
        """Attributes of everybody."""

        def column_of(source: Source) -> Column:
            assert isinstance(source, Attribute)
            return self.people.column(source, merge_policy)

        return column_of

    def of_events(self, merge_policy: str | None) -> ColumnOf:
        """Fields of every event, and attributes of its person."""

        def column_of(source: Source) -> Column:
            if isinstance(source, Attribute):
                return self.people.column(source, merge_policy).take(self.events.persons)
            assert isinstance(source, EventField)
            return self.events.column(source)

        return column_of

    def _on_rows(self, where: Condition, rows: Whole, bound: Bindings, merge_policy: str | None) -> Mask:
        of_events = self.of_events(merge_policy)

        def column_of(source: Source) -> Column:
            if isinstance(source, StepField):
                return self.events.column(source.field).take(bound[source.step])
            return of_events(source).take(rows)

        return holding(where, column_of, self.moment)


def _no_reference(_: Reference) -> Mask:
    raise TypeError("an event is in no segment")
