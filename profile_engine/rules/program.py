"""All rules as one program: a tape of steps, each test and each combination on it once, whatever the number of rules."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from profile_engine.config.units import Span
from profile_engine.rules.fields import sources, sources_of_test
from profile_engine.rules.moment import EARLIEST, Moment
from profile_engine.rules.periods import Ago
from profile_engine.rules.references import dependency_order, named_segments
from profile_engine.rules.step_filters import fixed_filters
from profile_engine.rules.syntax import (
    EVENT_TIME,
    AllOf,
    AnyOf,
    Attribute,
    Check,
    Condition,
    EventField,
    InSegment,
    Measure,
    NoneOf,
    Not,
    Passes,
    Sequence,
    Source,
)
from profile_engine.rules.windows import window_of


@dataclass(frozen=True, slots=True)
class Atom:
    """A test of one value; `merge_policy` says which version of the person an attribute is taken from."""

    source: Source
    check: Check
    merge_policy: str | None


Join = Literal["all", "any", "none", "not"]


@dataclass(frozen=True, slots=True)
class Combination:
    """Earlier steps joined; `not` has one."""

    join: Join
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """Member of any of these segments: rules of the program, or given from outside."""

    segments: tuple[str, ...]


Step = Atom | Combination | Reference


def reads_attributes(condition: Condition) -> bool:
    """Whether the answer depends on the merge policy."""
    return any(isinstance(source, Attribute) for source in sources(condition))


def event_filters(source: Source) -> tuple[Condition, ...]:
    """The conditions that a measure or a sequence puts to every event by itself."""
    if isinstance(source, Sequence):
        return fixed_filters(source)
    where = source.events.where if isinstance(source, Measure) and source.events.each is None else None
    return () if where is None else (where,)


def join_of(condition: AllOf | AnyOf | NoneOf) -> Join:
    """How the answers of a list of conditions are joined."""
    return "all" if isinstance(condition, AllOf) else "any" if isinstance(condition, AnyOf) else "none"


@dataclass
class _Tape:
    """Steps in the making; equal ones are one step."""

    steps: dict[Step, int] = field(default_factory=dict)

    def put(self, condition: Condition, merge_policy: str | None) -> int:
        if isinstance(condition, Passes):
            policy = merge_policy if reads_attributes(condition) else None
            return self._place(Atom(condition.source, condition.check, policy))
        if isinstance(condition, InSegment):
            return self._place(Reference(tuple(sorted(condition.segments))))
        if isinstance(condition, Not):
            return self._place(Combination("not", (self.put(condition.condition, merge_policy),)))
        assert isinstance(condition, AllOf | AnyOf | NoneOf)
        join = join_of(condition)
        inner = tuple(sorted({self.put(part, merge_policy) for part in condition.conditions}))
        return inner[0] if len(inner) == 1 and join != "none" else self._place(Combination(join, inner))

    def _place(self, step: Step) -> int:
        return self.steps.setdefault(step, len(self.steps))


@dataclass(frozen=True)
class Program:
    """Every step comes after those it needs. `segments` are the rules in the order in which results are given."""

    time_zone: str
    segments: tuple[str, ...]
    merge_policies: Mapping[str, str]
    steps: tuple[Step, ...]
    last_steps: Mapping[str, int]
    """The step that answers each rule."""
    order: tuple[str, ...]
    """The rules in an order in which each comes after those it names."""
    event_steps: tuple[Step, ...]
    filters: Mapping[tuple[Condition, str | None], int]
    """The step on the events' tape that answers each `where`, under the merge policy of the attributes that it names."""
    refused: Mapping[str, str]
    """Rules that were set aside, and why."""

    @classmethod
    def of(
        cls,
        conditions: Mapping[str, Condition],
        time_zone: str,
        merge_policies: Mapping[str, str] | None = None,
        given: Collection[str] = (),
    ) -> Program:
        """The program of these rules, by segment.

        merge_policies  of each segment; without one, people have one version only
        given           segments whose members will be given, not evaluated

        A rule in a circle of references, one that names a segment which is neither a rule nor given, and one that names
        a refused rule are refused; the others are not touched.
        """
        policies = dict(merge_policies or {})
        refused: dict[str, str] = {}
        order, cycles = dependency_order(conditions)
        for segment in conditions.keys() - set(order):
            path = next((cycle for cycle in cycles if segment in cycle), None)
            refused[segment] = (
                f"its references go round in a circle: {' -> '.join(path)}" if path else "it names segments in a circle"
            )
        for segment in order:
            unknown = sorted(named_segments(conditions[segment]) - conditions.keys() - set(given))
            aside = sorted(named_segments(conditions[segment]) & refused.keys())
            if unknown or aside:
                refused[segment] = f"it names {', '.join(unknown or aside)}, which " + (
                    "is no segment" if unknown else "was set aside"
                )
        tape, event_tape = _Tape(), _Tape()
        last_steps: dict[str, int] = {}
        filters: dict[tuple[Condition, str | None], int] = {}
        for segment in order:
            if segment in refused:
                continue
            last_steps[segment] = tape.put(conditions[segment], policies.get(segment))
            for source in sources(conditions[segment]):
                for where in event_filters(source):
                    policy = policies.get(segment) if reads_attributes(where) else None
                    filters.setdefault((where, policy), event_tape.put(where, policy))
        return cls(
            time_zone=time_zone,
            segments=tuple(segment for segment in conditions if segment in last_steps),
            merge_policies=policies,
            steps=tuple(tape.steps),
            last_steps=last_steps,
            order=tuple(segment for segment in order if segment in last_steps),
            event_steps=tuple(event_tape.steps),
            filters=filters,
            refused=refused,
        )

    @property
    def atoms(self) -> tuple[Atom, ...]:
        return tuple(step for step in self.steps if isinstance(step, Atom))

    @property
    def measures(self) -> tuple[Measure | Sequence, ...]:
        """Every measure and every sequence once."""
        found = (atom.source for atom in self.atoms if isinstance(atom.source, Measure | Sequence))
        return tuple(dict.fromkeys(found))

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """Every attribute that a rule looks at, by path."""
        found = {source for source in self._sources() if isinstance(source, Attribute)}
        return tuple(sorted(found, key=lambda attribute: attribute.column))

    @property
    def event_fields(self) -> tuple[EventField, ...]:
        """Every field of events that a rule looks at, the event's time left out, by path."""
        found = {one for one in self._sources() if isinstance(one, EventField) and one.path != EVENT_TIME}
        return tuple(sorted(found, key=lambda one: one.column))

    @property
    def event_types(self) -> tuple[str, ...]:
        return tuple(sorted({name for measure in self.measures for name in types_of(measure)}))

    @property
    def has_windows_of_months(self) -> bool:
        """Whether an event that has left a window can be in it again, as at a month's end."""
        return any(_in_months(check) for window in self._windows() for check in window)

    def events_since(self, as_of: Moment) -> int | None:
        """The earliest instant at which an event can matter, or None where there is no such bound."""
        first = min((window_of(window, as_of)[0] for window in self._windows()), default=EARLIEST)
        return None if first == EARLIEST else first

    def _windows(self) -> Iterator[tuple[Check, ...]]:
        yield from (one.window if isinstance(one, Sequence) else one.events.window for one in self.measures)

    def _sources(self) -> Iterator[Source]:
        for atom in self.atoms:
            yield from sources_of_test(atom.source, atom.check)


def _in_months(check: Check) -> bool:
    operands = [edge.operand for edge in check.operand if isinstance(edge, Check)] if isinstance(check.operand, tuple) else [check.operand]  # fmt: skip
    spans = [operand.span if isinstance(operand, Ago) else operand for operand in operands]
    return any(isinstance(span, Span) and span.is_calendar for span in spans)


def types_of(source: Measure | Sequence) -> tuple[str, ...]:
    """The types of the events that a measure or a sequence looks at."""
    if isinstance(source, Measure):
        return source.events.types
    return tuple(sorted({name for step in source.steps for name in step.types}))
