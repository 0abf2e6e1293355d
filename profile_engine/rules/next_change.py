"""The earliest instant after as_of at which a person's answers can change with no new data: early is allowed, late never.

Every test of the program is looked at by itself. An attribute changes its answer where a test of time does; a figure over
events where an event comes due, enters or leaves its window (followed departure by departure: `departures`), or changes
its answer to `where`; a sequence where one of its events does, or where the time after its last step has passed. Tests
that name other segments change with those segments' own tests.
"""

from __future__ import annotations

from functools import reduce
from time import perf_counter

import numpy as np

from profile_engine.config.units import Span
from profile_engine.rules.columns import ArrayColumn, Column, Mask, Whole
from profile_engine.rules.departures import decisive, first_places, last_places
from profile_engine.rules.moment import LATEST
from profile_engine.rules.operators.operator import of_type
from profile_engine.rules.operators.registry import operators
from profile_engine.rules.program import Atom, event_filters
from profile_engine.rules.step_filters import fixed_part
from profile_engine.rules.steps import ColumnOf, item_column, passing_rows
from profile_engine.rules.syntax import (
    Check,
    Computed,
    Condition,
    Field,
    Measure,
    Passes,
    Sequence,
    Source,
    Step,
    parts,
)
from profile_engine.rules.values import Values
from profile_engine.rules.windows import window_of


def next_changes(values: Values) -> Whole:
    """Microseconds since 1970 for every person; LATEST where nothing changes by time alone.

    Where a test fails on somebody's values, everybody is to be looked at again at once.
    """
    soonest = _Soonest(values)
    try:
        soonest.look()
    except Exception:  # the rule is set aside by the evaluation, which names it
        soonest.at[:] = values.moment.now + 1
    return soonest.at


def follows_time(source: Source, check: Check) -> bool:
    """Whether time alone can change the answer of a test of a field."""
    if isinstance(check.operand, Field) or isinstance(source, Computed):
        return False
    operator = operators()[check.operator]
    inner = isinstance(check.operand, Condition) and condition_follows_time(check.operand)
    return operator.flips is not None or (operator.takes_condition and inner)


def condition_follows_time(condition: Condition) -> bool:
    """Whether time alone can change the answer of a condition on fields."""
    if isinstance(condition, Passes):
        return follows_time(condition.source, condition.check)
    return any(condition_follows_time(part) for part in parts(condition))


def _lets_nothing_in(check: Check) -> bool:
    """Whether nothing comes into the window but events that come due; the edge of months can step back."""
    return check.operator == "within_last" and not of_type(check.operand, Span).is_calendar


class _Soonest:
    def __init__(self, values: Values) -> None:
        self.values, self.moment, self.events = values, values.moment, values.events
        self.at = np.full(len(values.people), LATEST, dtype=np.int64)

    def look(self) -> None:
        for atom in dict.fromkeys(self.values.program.atoms):
            if not isinstance(atom.source, Measure | Sequence) and follows_time(atom.source, atom.check):
                of_people = self.values.of_people(atom.merge_policy)
                self.at = np.minimum(self.at, self._test(of_people(atom.source), atom.check))
        for (source, policy), atoms in self.values.tests.items():
            started = perf_counter()
            if isinstance(source, Measure):
                self._measure(source, policy, atoms)
            else:
                self._sequence(source, policy, atoms)
            self.values.ahead[source] = self.values.ahead.get(source, 0.0) + perf_counter() - started
        to_come = np.flatnonzero(self.events.times > self.moment.now)
        self._can_change(self.events.persons[to_come], self.events.times[to_come])

    def _can_change(self, persons: Whole, at: Whole) -> None:
        np.minimum.at(self.at, persons, at)

    def _test(self, column: Column, check: Check) -> Whole:
        """Of a test that follows time, for every row."""
        operator = operators()[check.operator]
        if isinstance(check.operand, Condition):
            assert isinstance(column, ArrayColumn)
            of_items = self._condition(check.operand, lambda source: item_column(column, source))
            found = np.full(len(column), LATEST, dtype=np.int64)
            np.minimum.at(found, column.row_of_item, of_items)
            return found
        assert operator.flips is not None
        return np.where(column.present, operator.flips(column, check, self.moment), LATEST)

    def _condition(self, condition: Condition, column_of: ColumnOf) -> Whole:
        """Of a condition that follows time, for every row."""
        if isinstance(condition, Passes):
            return self._test(column_of(condition.source), condition.check)
        inner = [self._condition(part, column_of) for part in parts(condition) if condition_follows_time(part)]
        return reduce(np.minimum, inner)

    def _measure(self, measure: Measure, policy: str | None, atoms: list[Atom]) -> None:
        window = measure.events.window
        rows, inside = self._in_window(measure.events.types, window)
        where = measure.events.where
        if where is not None and condition_follows_time(where):
            self._where(where, rows[inside], policy, items=measure.events.each is not None)
        for atom in atoms:
            if follows_time(measure, atom.check):
                self.at = np.minimum(self.at, self._test(self.values.column(measure, policy), atom.check))
        if not self._moves(window):
            return
        self._entering(rows, ~inside, window)
        rows = rows[inside]
        if measure.events.each is not None:
            self._leaving(rows[first_places(self.events.persons[rows])], window)
            return
        passing = [self.values.filtered(where, policy)[rows] for where in event_filters(measure)]
        if measure.name == "every":
            self._every(rows, passing[0], self.values.passing(atoms[0]), window)
            return
        if passing:
            rows = rows[passing[0]]
        column = None
        if measure.of is not None:
            column = self.values.of_events(policy)(measure.of).take(rows)
            if measure.name not in ("first", "latest"):
                there = np.flatnonzero(column.present)
                rows, column = rows[there], column.take(there)
        persons = self.events.persons[rows]
        for atom in atoms:

            def passes(figures: Column, check: Check = atom.check) -> Mask:
                return passing_rows(figures, check, self.moment)

            self._leaving(rows[decisive(measure.name, persons, column, passes, self.values.passing(atom))], window)

    def _every(self, rows: Whole, passing: Mask, now: Mask, window: tuple[Check, ...]) -> None:
        """True until all have left; false until the last that fails has."""
        persons = self.events.persons[rows]
        self._leaving(rows[last_places(persons)], window)
        failing = rows[~passing]
        self._leaving(failing[last_places(self.events.persons[failing])], window)

    def _sequence(self, sequence: Sequence, policy: str | None, atoms: list[Atom]) -> None:
        for step in sequence.steps:
            if step.where is not None and condition_follows_time(step.where):
                self._where(step.where, self.events.by_person(step.types), policy, items=False)
        positive = [step for step in sequence.steps if isinstance(step, Step)]
        first, last = positive[0], positive[-1]
        for step in sequence.steps:
            if not isinstance(step, Step) and step.gap.at_most is not None:
                rows = self._candidates(last, sequence, policy)
                until = self.events.times[rows] + step.gap.at_most
                pending = until > self.moment.now
                self._can_change(self.events.persons[rows[pending]], until[pending])
        if self._moves(sequence.window):
            for types in {step.types for step in sequence.steps}:
                rows, inside = self._in_window(types, sequence.window)
                self._entering(rows, ~inside, sequence.window)
            rows = self._candidates(first, sequence, policy)
            rows = rows[self.values.passing(atoms[0])[self.events.persons[rows]]]
            self._leaving(rows[first_places(self.events.persons[rows])], sequence.window)

    def _candidates(self, step: Step, sequence: Sequence, policy: str | None) -> Whole:
        rows, inside = self._in_window(step.types, sequence.window)
        rows, fixed = rows[inside], fixed_part(step.where)
        return rows if fixed is None else rows[self.values.filtered(fixed, policy)[rows]]

    def _in_window(self, types: tuple[str, ...], window: tuple[Check, ...]) -> tuple[Whole, Mask]:
        """Events of these types by person, then time, and which of them are in the window."""
        rows = self.events.by_person(types)
        return rows, self.events.are_in(window_of(window, self.moment), rows)

    def _moves(self, window: tuple[Check, ...]) -> bool:
        return any(operators()[check.operator].flips is not None for check in window)

    def _entering(self, rows: Whole, outside: Mask, window: tuple[Check, ...]) -> None:
        if not all(_lets_nothing_in(check) for check in window):
            self._leaving(rows[outside], window)

    def _leaving(self, rows: Whole, window: tuple[Check, ...]) -> None:
        """When the edges of a window pass these events."""
        times = self.events.time_column(rows)
        at = np.full(len(rows), LATEST, dtype=np.int64)
        for check in window:
            flips = operators()[check.operator].flips
            if flips is not None:
                at = np.minimum(at, flips(times, check, self.moment))
        self._can_change(self.events.persons[rows], at)

    def _where(self, where: Condition, rows: Whole, policy: str | None, *, items: bool) -> None:
        """When events change their answer to a filter that follows time; filters of items are looked at again at once."""
        if items:
            at = np.full(len(rows), self.moment.now + 1, dtype=np.int64)
        else:
            of_events = self.values.of_events(policy)
            at = self._condition(where, lambda source: of_events(source).take(rows))
        self._can_change(self.events.persons[rows], at)
