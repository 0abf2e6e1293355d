"""Computed attributes of many people at once, as Arrow columns: the figures are those of the rules' measures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa

from profile_engine.profiles.chosen import list_offsets
from profile_engine.profiles.computed.arrow_values import arrow_values
from profile_engine.profiles.computed.attribute import OF_EVENTS_ONLY, ComputedAttribute, asked_of_events, measure_of
from profile_engine.rules.columns import Column, Whole
from profile_engine.rules.moment import Moment
from profile_engine.rules.program import Program
from profile_engine.rules.syntax import EventField, Measure
from profile_engine.rules.values import Values


@dataclass(frozen=True)
class ComputedPlan:
    """The attributes with the program of their events: each event filter is answered once, whatever names it."""

    attributes: tuple[ComputedAttribute, ...]
    measures: Mapping[str, Measure]
    program: Program

    @classmethod
    def of(cls, attributes: Mapping[str, ComputedAttribute], time_zone: str) -> ComputedPlan:
        measures = {name: measure_of(one) for name, one in attributes.items()}
        asked = {name: asked_of_events(one) for name, one in attributes.items()}
        return cls(tuple(attributes.values()), measures, Program.of(asked, time_zone))


def computed_values(plan: ComputedPlan, people: pa.Table, events: pa.Table, as_of: datetime) -> dict[str, pa.Array]:
    """A value for each person, by the attribute's name, in the order of first appearance in `people`.

    people   `profile_id`; one may come more than once
    events   as `rules.evaluate.evaluated` takes them
    """
    values = Values.of(plan.program, people, events, Moment(as_of, plan.program.time_zone))
    return {one.name: _values(one, plan.measures[one.name], values) for one in plan.attributes}


def _values(attribute: ComputedAttribute, measure: Measure, values: Values) -> pa.Array:
    if attribute.figure not in OF_EVENTS_ONLY:
        return arrow_values(values.column(measure, None), attribute.field.type)
    assert isinstance(measure.of, EventField)
    rows = values.rows_of(measure)
    column = values.events.column(measure.of)
    rows = rows[column.present[rows]]
    persons, times = values.events.persons[rows], values.events.times[rows]
    found, people = column.take(rows), len(values.people)
    if attribute.figure == "most_frequent":
        return arrow_values(found.take(_most_frequent(persons, times, found, people)), attribute.field.type)
    assert attribute.field.items is not None
    return _last(persons, times, found, people, attribute.items or 1, attribute.field.items.type)


def _most_frequent(persons: Whole, times: Whole, values: Column, people: int) -> Whole:
    """The event of each person whose value most of its events have; among equally frequent values the one of the latest
    event, then the greatest; -1 for those with none."""
    ranks = values.ranks()
    _, place, number_of = np.unique(persons * (int(ranks.max(initial=0)) + 1) + ranks, return_inverse=True, return_counts=True)  # fmt: skip
    order = np.lexsort((ranks, times, number_of[place], persons))
    chosen = np.full(people, -1, dtype=np.int64)
    chosen[persons[order]] = order  # of equal persons, the last one stays
    return chosen


def _last(persons: Whole, times: Whole, values: Column, people: int, items: int, type_text: str) -> pa.Array:
    """The values of the last events, the latest first and the greatest first at one time; null for those with none."""
    order = np.lexsort((-values.ranks(), -times, persons))
    sizes = np.bincount(persons, minlength=people)
    first = np.cumsum(sizes) - sizes
    in_person = np.arange(len(order)) - first[persons[order]]
    kept = order[in_person < items]
    sizes = np.minimum(sizes, items)
    offsets = list_offsets(sizes)
    return pa.ListArray.from_arrays(offsets, arrow_values(values.take(kept), type_text), mask=pa.array(sizes == 0))
