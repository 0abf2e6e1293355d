"""A computed attribute: which figure of which events, and the type of its value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, cast

from profile_engine.config.problems import Position
from profile_engine.rules.field_types import (
    SCALAR_KINDS,
    SUM_OF_DOUBLES,
    Kind,
    scale_of,
)
from profile_engine.rules.measure_kinds import MEASURE_KINDS
from profile_engine.rules.syntax import Check, Condition, EventField, Events, ItemField, Measure, MeasureName, Passes
from profile_engine.schemas.fields import Field
from profile_engine.schemas.union_schema import UnionSchema

COMPUTED = "computed"
"""The object of the profile that holds computed attributes, and how rules and exports name them: `computed.<name>`."""
FigureName = Literal[
    "count", "sum", "average", "min", "max", "distinct", "first", "latest", "most_frequent", "last"
]  # fmt: skip
FITS: Mapping[str, frozenset[Kind]] = {
    **{name: kind.fits for name, kind in MEASURE_KINDS.items()}, "most_frequent": SCALAR_KINDS, "last": SCALAR_KINDS,
}  # fmt: skip
"""The fields that a figure can be taken of; `count` is of none."""
OF_EVENTS_ONLY = frozenset({"most_frequent", "last"})
"""Figures that do not go item by item (`each`)."""


@dataclass(frozen=True)
class ComputedAttribute:
    """One entry of conf/profiles/computed_attributes.yaml."""

    name: str
    figure: FigureName
    events: Events
    of: EventField | ItemField | None
    """The field that is measured; None for a count."""
    items: int | None = None
    """How many values a `last` keeps."""
    description: str | None = None
    position: Position = field(default=Position("", 1, 1), compare=False, repr=False)

    @property
    def field(self) -> Field:
        """The value as a field of the profile.

        A sum has all the digits there are: of whole numbers `decimal(38,0)`, of doubles, each rounded to 1e-6, six after
        the point. An average is rounded to the digits of its field, and to six at least, half to even.
        """
        of = self.of.type if self.of is not None else "integer"
        if self.figure in {"count", "distinct"}:
            return Field(self.name, "integer")
        if self.figure == "sum":
            return Field(self.name, SUM_OF_DOUBLES if of == "double" else f"decimal(38,{scale_of(of)})")
        if self.figure == "average":
            return Field(self.name, f"decimal(38,{max(6, scale_of(of))})")
        if self.figure == "last":
            return Field(self.name, "array", items=Field("item", of))
        return Field(self.name, of)


def with_computed(attributes: UnionSchema, computed: Mapping[str, ComputedAttribute]) -> UnionSchema:
    """The attributes of the profile with the computed ones in an object of their own."""
    if not computed:
        return attributes
    fields = {name: one.field for name, one in computed.items()}
    return replace(attributes, fields={**attributes.fields, COMPUTED: Field(COMPUTED, "object", fields=fields)})


def measure_of(attribute: ComputedAttribute) -> Measure:
    """The rules' measure of the same events; of a list or the most frequent value, one of the same field."""
    name = "latest" if attribute.figure in OF_EVENTS_ONLY else attribute.figure
    return Measure(cast(MeasureName, name), attribute.events, attribute.of, attribute.field.type)


def asked_of_events(attribute: ComputedAttribute) -> Condition:
    """A condition that looks at what the attribute looks at."""
    return Passes(measure_of(attribute), Check("exists", True))
