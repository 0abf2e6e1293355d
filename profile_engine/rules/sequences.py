"""Ordered sequences of events, found for everybody at once without a loop over rows.

Whether a sequence can be continued depends on nothing but the event that the last step chose and on the values that
later steps ask of earlier ones. So the states that can be reached are carried from step to step: all events that some
choice of earlier events leads to, not only the first (in A .. A .. B with "B within a day of A" the first A fails and
the second does not). Events stand sorted under one key of person and time, and the events that may precede another are
one stretch of it, found by two sorted searches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from profile_engine.rules.clock import AGES
from profile_engine.rules.columns import ArrayColumn, Column, Mask, Whole, none_of_them
from profile_engine.rules.events import EventRows
from profile_engine.rules.fields import step_fields
from profile_engine.rules.moment import EARLIEST
from profile_engine.rules.step_filters import fixed_part, same_as, varying_part
from profile_engine.rules.syntax import Condition, EventField, Sequence, Step, StepField, Without
from profile_engine.rules.windows import window_of

_PAIRS_AT_ONCE = 2_000_000
Bindings = Mapping[str, Whole]
OnEvents = Callable[[Condition], Mask]
"""Answers a condition without variables for every event."""
OnRows = Callable[[Condition, Whole, Bindings], Mask]
"""Answers a condition for these events, beside the events that named steps have chosen."""


@dataclass(frozen=True)
class _States:
    """What earlier steps can lead to: the event chosen last, and those that named steps chose."""

    rows: Whole
    bound: Mapping[str, Whole]


def matched(sequence: Sequence, events: EventRows, on_events: OnEvents, on_rows: OnRows) -> Mask:
    """Whose events have a choice that satisfies every step."""
    return _Matching(sequence, events, on_events, on_rows).people()


class _Matching:
    def __init__(self, sequence: Sequence, events: EventRows, on_events: OnEvents, on_rows: OnRows) -> None:
        self.steps, self.events, self.on_events, self.on_rows = sequence.steps, events, on_events, on_rows
        self.window = window_of(sequence.window, events.moment)
        self.persons, self.times = events.persons, events.times
        self.clock = events.clock
        self.asked = [{one.step: one for one in step_fields(step.where)} for step in self.steps]
        self.all_asked = {one for step in self.steps for one in step_fields(step.where)}
        self.likeness: dict[str, Whole] = {}
        self.codes: dict[EventField, Whole] = {}

    def people(self) -> Mask:
        first = self.steps[0]
        assert isinstance(first, Step), "a sequence begins with an event"
        states = self._named(_States(self._candidates(first), {}), first, 0)
        pending: list[Without] = []
        for number, step in enumerate(self.steps[1:], start=1):
            if isinstance(step, Without):
                pending.append(step)
            else:
                states, pending = self._next(states, pending, step, number), []
        for last in pending:
            states = self._without_after(states, last)
        found = none_of_them(len(self.events.people))
        found[self.persons[states.rows]] = True
        return found

    def _next(self, states: _States, between: list[Without], step: Step, number: int) -> _States:
        rows = self._candidates(step)
        persons, times = self.persons[rows], self.times[rows]
        high = times - max(step.gap.at_least, 1)
        low = times - (AGES if step.gap.at_most is None else step.gap.at_most)
        varying = []
        for without in between:
            excluded = self._candidates(without)
            if (where := varying_part(without.where)) is not None:
                varying.append((where, excluded))
            else:
                low = np.maximum(low, self._last_before(excluded, persons, times))
        states = self._in_order(states)
        keys = self._keys(states.rows)
        first = np.searchsorted(keys, self.clock.before(persons, low), "left")
        after = np.searchsorted(keys, self.clock.before(persons, high + 1), "left")
        later = {name for asked in self.asked[number:] for name in asked}
        later |= {one.step for where, _ in varying for one in step_fields(where)}
        if not later & states.bound.keys():
            return self._named(_States(rows[after > first], {}), step, number)
        asked = varying_part(step.where)
        if (same := same_as(asked)) is not None:
            states, first, after = self._alike_only(states, same, rows, first, after)
        parts = []
        for events_at, states_at in _pairs(first, after):
            chosen, bound = rows[events_at], {name: one[states_at] for name, one in states.bound.items()}
            passing = np.ones(len(chosen), np.bool_) if asked is None else self.on_rows(asked, chosen, bound)
            for where, excluded in varying:
                passing &= ~self._any_between(excluded, where, states.rows[states_at], chosen, bound)
            kept = np.flatnonzero(passing)
            parts.append(self._named(_States(chosen[kept], {name: one[kept] for name, one in bound.items()}), step, number))  # fmt: skip
        return self._united(parts, number)

    def _alike_only(
        self, states: _States, same: StepField, rows: Whole, first: Whole, after: Whole
    ) -> tuple[_States, Whole, Whole]:
        """The states by the value that `same` has there, then in their order; and for each event, of its stretch of states
        those with its own value. Without this each pair of the stretch would be looked at."""
        codes = self._codes(same.field)
        of_states = codes[states.bound[same.step]]
        order = np.argsort(of_states, kind="stable")
        width = len(order) + 1
        places, begin = of_states[order] * width + order, codes[rows] * width
        ordered = _States(states.rows[order], {name: one[order] for name, one in states.bound.items()})
        return ordered, np.searchsorted(places, begin + first, "left"), np.searchsorted(places, begin + after, "left")

    def _without_after(self, states: _States, last: Without) -> _States:
        rows, now = states.rows, self.events.moment.now
        until = np.full(len(rows), now, dtype=np.int64)
        if last.gap.at_most is not None:
            until = self.times[rows] + last.gap.at_most
        excluded = self._rows_of(last, EARLIEST, now)
        keys, persons = self._keys(excluded), self.persons[rows]
        first = np.searchsorted(keys, self.clock.before(persons, self.times[rows] + 1), "left")
        after = np.searchsorted(keys, self.clock.before(persons, until + 1), "left")
        hit = self._any(excluded, first, after, varying_part(last.where), states.bound)
        kept = np.flatnonzero((until <= now) & ~hit)
        return _States(rows[kept], {name: one[kept] for name, one in states.bound.items()})

    def _any_between(self, excluded: Whole, where: Condition, earlier: Whole, later: Whole, bound: Bindings) -> Mask:
        keys, persons = self._keys(excluded), self.persons[later]
        first = np.searchsorted(keys, self.clock.before(persons, self.times[earlier] + 1), "left")
        after = np.searchsorted(keys, self.clock.before(persons, self.times[later]), "left")
        return self._any(excluded, first, after, where, bound)

    def _any(self, rows: Whole, first: Whole, after: Whole, where: Condition | None, bound: Bindings) -> Mask:
        """For each stretch of `rows`, whether one of them passes."""
        if where is None:
            return np.asarray(after > first, dtype=np.bool_)
        hit = none_of_them(len(first))
        for at, places in _pairs(first, after):
            passing = self.on_rows(where, rows[places], {name: one[at] for name, one in bound.items()})
            hit[at[passing]] = True
        return hit

    def _candidates(self, step: Step | Without) -> Whole:
        return self._rows_of(step, *self.window)

    def _rows_of(self, step: Step | Without, first: int, last: int) -> Whole:
        """By person, then time, so that neighbours in a search lie side by side."""
        rows = self.events.by_person(step.types)
        rows = rows[self.events.are_in((first, last), rows)]
        fixed = fixed_part(step.where)
        return rows if fixed is None else rows[self.on_events(fixed)[rows]]

    def _last_before(self, excluded: Whole, persons: Whole, times: Whole) -> Whole:
        """The time of the last of these events before a time; far in the past where there is none."""
        if not len(excluded):
            return np.full(len(times), -AGES, dtype=np.int64)
        place = np.searchsorted(self._keys(excluded), self.clock.before(persons, times), "left") - 1
        row = excluded[np.maximum(place, 0)]
        return np.where((place >= 0) & (self.persons[row] == persons), self.times[row], -AGES)

    def _keys(self, rows: Whole) -> Whole:
        return self.events.keys[rows]

    def _in_order(self, states: _States) -> _States:
        keys = self._keys(states.rows)
        if bool(np.all(keys[1:] >= keys[:-1])):
            return states
        order = np.argsort(keys, kind="stable")
        return _States(states.rows[order], {name: one[order] for name, one in states.bound.items()})

    def _named(self, states: _States, step: Step, number: int) -> _States:
        """The step's own event under its name, and no name that no later step asks for."""
        later = {name for asked in self.asked[number + 1 :] for name in asked}
        bound = {name: one for name, one in states.bound.items() if name in later}
        if step.name in later:
            bound[step.name] = self._alike(step.name)[states.rows]
        return _States(states.rows, bound)

    def _alike(self, name: str) -> Whole:
        """For each event one that stands for all with the same values, of those that later steps ask for."""
        if name not in self.likeness:
            fields = sorted((one for one in self.all_asked if one.step == name), key=lambda one: one.field.column)
            codes = [self._codes(one.field) for one in fields]
            _, first, place = np.unique(np.stack(codes, axis=1), axis=0, return_index=True, return_inverse=True)
            self.likeness[name] = first[place.reshape(-1)]
        return self.likeness[name]

    def _codes(self, field: EventField) -> Whole:
        """For each event a number that is the same where the field's values are; -1 where it is missing."""
        if field not in self.codes:
            self.codes[field] = _code(self.events.column(field))
        return self.codes[field]

    def _united(self, parts: list[_States], number: int) -> _States:
        names = sorted(parts[0].bound) if parts else []
        if not parts:
            later = {name for asked in self.asked[number + 1 :] for name in asked}
            return _States(np.zeros(0, np.int64), {name: np.zeros(0, np.int64) for name in later})
        columns = [np.concatenate([part.rows for part in parts])]
        columns += [np.concatenate([part.bound[name] for part in parts]) for name in names]
        order = np.lexsort(columns[::-1])  # ten times as fast as sorting whole rows
        columns = [column[order] for column in columns]
        new = np.ones(len(order), np.bool_)
        new[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
        rows, *bound = (column[new] for column in columns)
        return _States(rows, dict(zip(names, bound, strict=True)))


def _code(column: Column) -> Whole:
    """Whole numbers that are equal where values are; -1 where one is missing."""
    if isinstance(column, ArrayColumn):
        return _code_of_arrays(column)
    return np.where(column.present, np.unique(column.ranks(), return_inverse=True)[1].reshape(-1), -1)


def _code_of_arrays(arrays: ArrayColumn) -> Whole:
    """Place by place over all arrays that are so long; arrays of different sizes begin, and stay, apart."""
    assert arrays.items is not None, "an earlier step's array is of plain values"
    of_items, first = _code(arrays.items), np.cumsum(arrays.sizes) - arrays.sizes
    codes, unused = arrays.sizes.copy(), int(arrays.sizes.max(initial=0)) + 1
    place, longer = 0, np.flatnonzero(arrays.sizes)
    while len(longer):
        so_far = np.stack([codes[longer], of_items[first[longer] + place]], axis=1)
        distinct, alike = np.unique(so_far, axis=0, return_inverse=True)
        codes[longer] = unused + alike.reshape(-1)
        place, unused = place + 1, unused + len(distinct)
        longer = longer[arrays.sizes[longer] > place]
    return np.where(arrays.present, codes, -1)


def _pairs(first: Whole, after: Whole) -> Iterator[tuple[Whole, Whole]]:
    """(place of a stretch, place in it) for every place of every stretch, some millions at a time."""
    counts = np.maximum(after - first, 0)
    total = np.cumsum(counts)
    begin = 0
    while begin < len(counts):
        limit = (int(total[begin - 1]) if begin else 0) + _PAIRS_AT_ONCE
        end = max(begin + 1, int(np.searchsorted(total, limit, "right")))
        some = counts[begin:end]
        if some.any():
            at = np.repeat(np.arange(begin, end, dtype=np.int64), some)
            inside = np.arange(len(at), dtype=np.int64) - np.repeat(np.cumsum(some) - some, some)
            yield at, first[at] + inside
        begin = end
