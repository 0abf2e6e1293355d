"""What a rule says, as frozen values: conditions over a person's attributes, events and segments, with their positions.

Positions are for messages only: they take no part in equality or hashes, so that the same test written in two files is
one test in a program.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, TypeAlias

from profile_engine.config.problems import Position
from profile_engine.config.units import Span
from profile_engine.rules.periods import Ago, MonthDay, Period

NOWHERE = Position("", 1, 1)

Operand: TypeAlias = "str | bool | int | float | Decimal | date | datetime | Span | Period | Ago | MonthDay | tuple[Operand, ...] | Check"
"""What stands on the right of a test, read and typed: a literal, a list of literals, a time word, or an inner test."""


@dataclass(frozen=True, slots=True)
class Check:
    """One test of a value, such as `at_least: 2`; an inner test (`length: {at_least: 3}`) has checks as its operand."""

    operator: str
    operand: Operand
    ignoring_case: bool = False
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Attribute:
    """A leaf of the person's profile, by its dotted path; `type` as in `field_types.type_of`."""

    path: str
    type: str


@dataclass(frozen=True, slots=True)
class EventField:
    """A leaf of an event, by its dotted path; `occurred_at` is the event's time whatever its schema calls it."""

    path: str
    type: str


@dataclass(frozen=True, slots=True)
class Events:
    """Which events: of these types (sorted), passing `where`, at a time that passes every check of `window`."""

    types: tuple[str, ...]
    where: Condition | None = None
    window: tuple[Check, ...] = ()


MeasureName = Literal["count", "every", "sum", "average", "min", "max", "distinct", "first", "latest"]


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure over a person's events: how many, whether every one passes `where`, or a figure of one field."""

    name: MeasureName
    events: Events
    of: EventField | None
    type: str


Source = Attribute | EventField | Measure


@dataclass(frozen=True, slots=True)
class Passes:
    """True when the value of `source` passes `check`; a missing value passes nothing but `exists: false`."""

    source: Source
    check: Check
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class AllOf:
    conditions: tuple[Condition, ...]
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class AnyOf:
    conditions: tuple[Condition, ...]
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class NoneOf:
    conditions: tuple[Condition, ...]
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Not:
    """The exact complement; `did_not` is read as the complement of `did`."""

    condition: Condition
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class InSegment:
    """Member, in this run, of any of these segments."""

    segments: tuple[str, ...]
    position: Position = field(default=NOWHERE, compare=False, repr=False)


Condition = Passes | AllOf | AnyOf | NoneOf | Not | InSegment

EVERYONE = "everyone"
"""The built-in segment that holds every profile."""
EVENT_TIME = "occurred_at"
"""The field under which every event shows its time."""


def parts(condition: Condition) -> tuple[Condition, ...]:
    """The conditions directly inside one; those of an event filter are not among them."""
    if isinstance(condition, AllOf | AnyOf | NoneOf):
        return condition.conditions
    return (condition.condition,) if isinstance(condition, Not) else ()
