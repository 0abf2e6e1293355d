"""Members of all rules at once: one pass over the people and their events, one row of answers per rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from profile_engine.errors import DataError
from profile_engine.rules.columns import Column, Mask, none_of_them
from profile_engine.rules.events import EventRows
from profile_engine.rules.moment import Moment
from profile_engine.rules.people import People
from profile_engine.rules.program import Atom, Program, Reference
from profile_engine.rules.steps import Answers, passing_rows
from profile_engine.rules.syntax import EVERYONE, EventField, Measure

Matrix = npt.NDArray[np.bool_]


class RuleEvaluationError(DataError):
    """Rules could not be evaluated on the values at hand; names them and the kind of error, never a value."""

    def __init__(self, failures: Mapping[str, str]) -> None:
        self.failures = failures
        told = "; ".join(f"{segment}: {why}" for segment, why in sorted(failures.items()))
        super().__init__(f"rules could not be evaluated ({told}); report it, or change the rules")


@dataclass(frozen=True)
class Evaluation:
    """`profile_ids` are the people in the order of the columns of `matrix`; its rows are `program.segments`."""

    profile_ids: pa.Array
    matrix: Matrix
    failures: Mapping[str, str]
    """Rules that failed, with the kind of error; their rows are false."""


def members(
    program: Program,
    profiles: pa.Table,
    events: pa.Table,
    as_of: datetime,
    memberships: Mapping[str, Mask] | None = None,
) -> Matrix:
    """rules x profiles: true where the profile is a member; arguments as in `evaluated`. Raises RuleEvaluationError."""
    evaluation = evaluated(program, profiles, events, as_of, memberships)
    if evaluation.failures:
        raise RuleEvaluationError(evaluation.failures)
    return evaluation.matrix


def evaluated(
    program: Program,
    profiles: pa.Table,
    events: pa.Table,
    as_of: datetime,
    memberships: Mapping[str, Mask] | None = None,
) -> Evaluation:
    """Who is a member of what at `as_of` (aware). A rule that fails is set aside and stops no other.

    profiles     a row per person (and merge policy): `profile_id`, `merge_policy` where rules name one, and a column per
                 attribute, named by its path
    events       a row per event, in any order: `profile_id, event_type, occurred_at`, and a column `fields.<path>` per
                 field; events of nobody in `profiles` are left out
    memberships  answers for segments that the program was given, in the order of first appearance in `profiles`
    """
    moment = Moment(as_of, program.time_zone)
    people = People.of(profiles)
    values = _Values(program, moment, people, EventRows.of(events, people, moment))
    known: dict[str, Mask] = dict(memberships or {})
    failures: dict[str, str] = {}

    def of_reference(reference: Reference) -> Mask:
        found = none_of_them(len(people))
        for segment in reference.segments:
            if segment in failures:
                raise LookupError(f"segment {segment} was set aside")
            found |= True if segment == EVERYONE else known[segment]
        return found

    answers = Answers(program.steps, values.passing, of_reference)
    for segment in program.order:
        try:
            known[segment] = answers.answer(program.last_steps[segment]) & people.under(
                program.merge_policies.get(segment)
            )
        except Exception as error:  # whatever a rule runs into, it must not take the others with it
            failures[segment] = type(error).__name__
            known[segment] = none_of_them(len(people))
    rows = [known[segment] for segment in program.segments]
    matrix = np.vstack(rows) if rows else np.zeros((0, len(people)), dtype=np.bool_)
    return Evaluation(people.profile_ids, matrix, failures)


def figures(program: Program, profiles: pa.Table, events: pa.Table, as_of: datetime) -> dict[Measure, Column]:
    """Every measure of the program for everybody, in the order of the people, as its tests see it; for explanations."""
    moment = Moment(as_of, program.time_zone)
    people = People.of(profiles)
    values = _Values(program, moment, people, EventRows.of(events, people, moment))
    return {measure: values.measured_for_all(measure) for measure in program.measures}


class _Values:
    """Answers of single tests, with every measure computed once for all tests of it."""

    def __init__(self, program: Program, moment: Moment, people: People, events: EventRows) -> None:
        self.program, self.moment, self.people, self.events = program, moment, people, events
        self.filters = Answers(program.event_steps, self._of_event, _no_reference)
        self.checks: dict[Measure, list[Atom]] = {}
        for atom in program.atoms:
            if isinstance(atom.source, Measure):
                self.checks.setdefault(atom.source, []).append(atom)
        self.measured: dict[Atom, Mask] = {}

    def passing(self, atom: Atom) -> Mask:
        if not isinstance(atom.source, Measure):
            return passing_rows(self.people.column(atom.source, atom.merge_policy), atom.check, self.moment)
        if atom not in self.measured:
            # all tests of the measure at once, so that its figures need not be kept
            figures = self.measured_for_all(atom.source)
            for other in self.checks[atom.source]:
                self.measured[other] = passing_rows(figures, other.check, self.moment)
        return self.measured[atom]

    def measured_for_all(self, measure: Measure) -> Column:
        where = measure.events.where
        passing = None if where is None else self.filters.answer(self.program.filters[where])
        return self.events.measured(measure, passing)

    def _of_event(self, atom: Atom) -> Mask:
        assert isinstance(atom.source, EventField)
        return passing_rows(self.events.column(atom.source), atom.check, self.moment)


def _no_reference(_: Reference) -> Mask:
    raise TypeError("an event is in no segment")
