"""Members of all rules at once: one pass over the people and their events, one row of answers per rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from profile_engine.errors import DataError
from profile_engine.rules.columns import Column, Mask, Whole, none_of_them
from profile_engine.rules.cost import Cost
from profile_engine.rules.moment import Moment
from profile_engine.rules.next_change import next_changes
from profile_engine.rules.program import Program, Reference
from profile_engine.rules.steps import Answers
from profile_engine.rules.syntax import EVERYONE, Computed, Source
from profile_engine.rules.values import Values

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
    next_change: Whole | None = None
    """For each person the instant before which nothing changes by time alone (`next_change.next_changes`), if asked for."""
    cost: Cost | None = None


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
    *,
    looking_ahead: bool = False,
) -> Evaluation:
    """Who is a member of what at `as_of` (aware). A rule that fails is set aside and stops no other.

    profiles     a row per person (and merge policy): `profile_id`, `merge_policy` where rules name one, and a column per
                 attribute, named by its path
    events       a row per event, in any order: `profile_id, event_type, occurred_at`, and a column `fields.<path>` per
                 field; events of nobody in `profiles` are left out
    memberships  answers for segments that the program was given, in the order of first appearance in `profiles`
    looking_ahead  whether to tell when each person's answers can change next
    """
    started = perf_counter()
    moment = Moment(as_of, program.time_zone)
    values = Values.of(program, profiles, events, moment)
    people = values.people
    known: dict[str, Mask] = dict(memberships or {})
    failures: dict[str, str] = {}

    def of_reference(reference: Reference) -> Mask:
        found = none_of_them(len(people))
        for segment in reference.segments:
            if segment in failures:
                raise LookupError(f"segment {segment} was set aside")
            found |= True if segment == EVERYONE else known[segment]
        return found

    matrix = np.zeros((len(program.segments), len(people)), dtype=np.bool_)
    row_of = {segment: row for row, segment in enumerate(program.segments)}
    answers = Answers(program.steps, values.passing, of_reference)
    for segment in program.order:
        known[segment] = matrix[row_of[segment]]
        try:
            there = people.under(program.merge_policies.get(segment))
            np.logical_and(answers.answer(program.last_steps[segment]), there, out=known[segment])
        except Exception as error:  # whatever a rule runs into, it must not take the others with it
            failures[segment] = type(error).__name__
    ahead = next_changes(values) if looking_ahead else None
    spent = np.array([values.ahead.get(measure, 0.0) for measure in program.measures])
    looked_at = np.array([values.events_of(measure) for measure in program.measures], dtype=np.int64)
    cost = Cost(
        perf_counter() - started, len(people), answers.seconds, spent, looked_at, np.count_nonzero(matrix, axis=1)
    )
    return Evaluation(people.profile_ids, matrix, failures, ahead, cost)


def figures(program: Program, profiles: pa.Table, events: pa.Table, as_of: datetime) -> dict[Source, Column]:
    """Every measure, sequence and formula of the program for everybody, in the order of the people, as its tests see it; for
    explanations."""
    values = Values.of(program, profiles, events, Moment(as_of, program.time_zone))
    worked_out = [atom.source for atom in program.atoms if isinstance(atom.source, Computed)]
    return {source: values.column(source, None) for source in (*program.measures, *worked_out)}
