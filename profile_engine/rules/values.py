"""The values that a program tests: attributes of people and figures over their events."""

from __future__ import annotations

from contextlib import suppress

import pyarrow as pa

from profile_engine.rules.columns import Column, Mask
from profile_engine.rules.events import EventRows
from profile_engine.rules.moment import Moment
from profile_engine.rules.people import People
from profile_engine.rules.program import Atom, Program, Reference
from profile_engine.rules.steps import Answers, passing_rows
from profile_engine.rules.syntax import EventField, Measure, Source


class Values:
    """Columns of values, and answers of single tests, with every measure computed once for all tests of it."""

    def __init__(self, program: Program, moment: Moment, people: People, events: EventRows) -> None:
        self.program, self.moment, self.people, self.events = program, moment, people, events
        self._filters = Answers(program.event_steps, self._of_event, _no_reference)
        self._tests: dict[Measure, list[Atom]] = {}
        for atom in program.atoms:
            if isinstance(atom.source, Measure):
                self._tests.setdefault(atom.source, []).append(atom)
        self._measured: dict[Atom, Mask] = {}

    @classmethod
    def of(cls, program: Program, profiles: pa.Table, events: pa.Table, moment: Moment) -> Values:
        """Tables as `evaluate.evaluated` takes them."""
        people = People.of(profiles)
        return cls(program, moment, people, EventRows.of(events, people, moment))

    def column(self, source: Source, merge_policy: str | None) -> Column:
        """The value of every person."""
        if not isinstance(source, Measure):
            return self.people.column(source, merge_policy)
        where = source.events.where
        passing = None if where is None else self._filters.answer(self.program.filters[where])
        return self.events.measured(source, passing)

    def passing(self, atom: Atom) -> Mask:
        """Who passes one test."""
        if atom in self._measured:
            return self._measured[atom]
        column = self.column(atom.source, atom.merge_policy)
        if isinstance(atom.source, Measure):
            # the other tests of the measure at once, so that its figures need not be kept; one that fails will say so
            # when its own rule asks
            for other in self._tests[atom.source]:
                with suppress(Exception):
                    self._measured[other] = passing_rows(column, other.check, self.moment)
        return passing_rows(column, atom.check, self.moment)

    def _of_event(self, atom: Atom) -> Mask:
        assert isinstance(atom.source, EventField)
        return passing_rows(self.events.column(atom.source), atom.check, self.moment)


def _no_reference(_: Reference) -> Mask:
    raise TypeError("an event is in no segment")
