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

Operand: TypeAlias = (
    "str | bool | int | float | Decimal | date | datetime | Span | Period | Ago | MonthDay | tuple[Operand, ...] | Check "
    "| Field | Condition"
)
"""What stands on the right of a test, read and typed: a literal, a list of literals, a time word, an inner test, another
field, or the condition that items of an array are put to."""


@dataclass(frozen=True, slots=True)
class Check:
    """One test of a value, such as `at_least: 2`; an inner test (`length: {at_least: 3}`) has checks as its operand."""

    operator: str
    operand: Operand
    ignoring_case: bool = False
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A leaf by its dotted path; `type` as in `field_types.type_of`. With a `key` it is the value under that key of the map
    at `path`."""

    path: str
    type: str
    key: str | None = None

    @property
    def column(self) -> str:
        """The name of its column in the table that an evaluation gets."""
        return self.path if self.key is None else f'{self.path}."{self.key}"'


@dataclass(frozen=True, slots=True)
class Attribute(_Leaf):
    """A leaf of the person's profile."""


@dataclass(frozen=True, slots=True)
class EventField(_Leaf):
    """A leaf of an event, by its dotted path; `occurred_at` is the event's time whatever its schema calls it."""


@dataclass(frozen=True, slots=True)
class ItemField:
    """A leaf of an item of an array of objects; the empty path is the item itself, where it is a plain value."""

    path: str
    type: str


@dataclass(frozen=True, slots=True)
class StepField:
    """A leaf of the event that an earlier step of a sequence chose."""

    step: str
    field: EventField

    @property
    def type(self) -> str:
        return self.field.type


Field = Attribute | EventField | ItemField | StepField


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two terms and what is done with them."""

    operator: Literal["+", "-", "*", "/", "%"]
    left: Term
    right: Term


Term = Field | Arithmetic | int | Decimal


@dataclass(frozen=True, slots=True)
class Computed:
    """A number worked out from fields of one object, exactly; missing where a field is, or where it divides by 0."""

    term: Term
    text: str = field(compare=False)
    """The formula as it was written, for sentences."""
    type: str = "decimal(38,6)"


@dataclass(frozen=True, slots=True)
class Events:
    """Which events: of these types (sorted), passing `where`, at a time that passes every check of `window`.

    With `each`, the items of that array are taken one by one in the place of the event.
    """

    types: tuple[str, ...]
    where: Condition | None = None
    window: tuple[Check, ...] = ()
    each: EventField | None = None


MeasureName = Literal["count", "every", "sum", "average", "min", "max", "distinct", "first", "latest"]


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure over a person's events: how many, whether every one passes `where`, or a figure of one field."""

    name: MeasureName
    events: Events
    of: EventField | ItemField | None
    type: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Time since the step before, in microseconds; both ends belong to it."""

    at_least: int = 0
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a sequence; `name` is what later steps call it."""

    types: tuple[str, ...]
    where: Condition | None = None
    gap: Gap = Gap()
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Without:
    """No such event between its neighbours; as the last step, none within `gap.at_most` (or until as_of) after the step
    before it, and that time has passed."""

    types: tuple[str, ...]
    where: Condition | None = None
    gap: Gap = Gap()


@dataclass(frozen=True, slots=True)
class Sequence:
    """Whether one choice of events in the window, strictly rising in time, satisfies every step."""

    steps: tuple[Step | Without, ...]
    window: tuple[Check, ...] = ()
    type: str = "boolean"


Source = Field | Computed | Measure | Sequence


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
