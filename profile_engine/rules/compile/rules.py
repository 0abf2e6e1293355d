"""The other back end: rules of a program as Columns of Spark, over rows of `profile` and an array of each one's events.

For a handful of rules it spares the hand-over to Python; for thousands it is the slow way, as each is a tree of its own.
Both back ends mean the same, which a test holds them to beside a plain-Python oracle. Not covered, and refused with the
reason when it is compiled: sums, averages and formulas over doubles; a double compared with a decimal or a formula;
numbers that may need more than 38 digits; rules of several merge policies, of which a row of `profile` is one. Regular
expressions run in Java's engine, which may take long where RE2 does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pyspark.sql import Column
from pyspark.sql import functions as F

from profile_engine.rules.compile.conditions import joined, passes, value_for
from profile_engine.rules.compile.measures import measured
from profile_engine.rules.compile.places import of_person
from profile_engine.rules.compile.sequences import matched
from profile_engine.rules.compile.value import NotCompilable, Value
from profile_engine.rules.moment import Moment
from profile_engine.rules.program import Atom, Combination, Program, Reference
from profile_engine.rules.syntax import EVERYONE, Measure, Sequence


@dataclass(frozen=True)
class CompiledRules:
    """`columns` say by segment whether a row's person is a member (never null); `refused` says why a rule is not there."""

    columns: Mapping[str, Column]
    refused: Mapping[str, str]


def compiled(program: Program, moment: Moment, events: Column | None = None) -> CompiledRules:
    """The rules of a program, each for itself: one that can't be compiled is set aside and stops no other.

    events  the person's events, `array<struct<event_type, occurred_at, fields>>`, in any order; without it rules over
            events are refused
    """
    found = _Compiled(program, moment, events)
    columns: dict[str, Column] = {}
    refused = dict(program.refused)
    for segment in program.order:
        try:
            columns[segment] = found.step(program.last_steps[segment], columns)
        except NotCompilable as error:
            refused[segment] = f"it asks for {error}"
        except Exception as error:  # whatever a rule runs into, it must not take the others with it
            refused[segment] = type(error).__name__
    return CompiledRules({segment: columns[segment] for segment in program.segments if segment in columns}, refused)


class _Compiled:
    def __init__(self, program: Program, moment: Moment, events: Column | None) -> None:
        self.program, self.moment, self.events = program, moment, events
        self.policies = set(program.merge_policies.values())
        self.known: dict[int, Column] = {}
        self.values: dict[Measure | Sequence, Value] = {}

    def step(self, number: int, members: Mapping[str, Column]) -> Column:
        if number not in self.known:
            step = self.program.steps[number]
            if isinstance(step, Atom):
                self.known[number] = self._atom(step)
            elif isinstance(step, Reference):
                return self._reference(step, members)
            else:
                assert isinstance(step, Combination)
                self.known[number] = joined(step.join, [self.step(inner, members) for inner in step.steps])
        return self.known[number]

    def _atom(self, atom: Atom) -> Column:
        if len(self.policies) > 1:
            raise NotCompilable("persons under several merge policies")
        source = atom.source
        if isinstance(source, Measure | Sequence):
            return passes(self._over_events(source), atom.check, self.moment)
        return passes(value_for(source, of_person), atom.check, self.moment, of_person)

    def _over_events(self, source: Measure | Sequence) -> Value:
        if self.events is None:
            raise NotCompilable("events, and none are at hand")
        if source not in self.values:
            self.values[source] = (
                measured(source, self.events, self.moment)
                if isinstance(source, Measure)
                else matched(source, self.events, self.moment)
            )
        return self.values[source]

    def _reference(self, reference: Reference, members: Mapping[str, Column]) -> Column:
        found = F.lit(False)
        for segment in reference.segments:
            if segment != EVERYONE and segment not in members:
                raise NotCompilable(f"members of {segment}, which was set aside or is not at hand")
            found = found | (F.lit(True) if segment == EVERYONE else members[segment])
        return found
