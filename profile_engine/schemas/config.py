"""conf/schemas and conf/field_groups: what a person may write about the shape of records and events."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator, model_validator

from profile_engine.config.model import ConfigModel
from profile_engine.schemas.lengths import Length
from profile_engine.schemas.patterns import Pattern

_DECIMAL = re.compile(r"^decimal\((\d{1,2}),\s*(\d{1,2})\)$")
SIMPLE_TYPES = ("string", "integer", "double", "boolean", "date", "timestamp")
NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
RESERVED_FIELDS = frozenset(
    {"record_id", "owner_id", "source_time", "ingested_at", "batch_id", "profile_id", "profile_no", "merge_policy",
     "identities", "provenance", "computed", "identifiers", "dropped"}
)  # fmt: skip


class IdentityDescriptor(ConfigModel):
    """Makes a string field an identity in a namespace."""

    namespace: str
    primary: bool = False


class FieldConfig(ConfigModel):
    """One field. `integer` has 64 bits; `object` has `fields`, `array` has `items`, `map` has string keys and `values`."""

    type: str
    description: str | None = None
    required: bool = False
    identity: IdentityDescriptor | None = None
    labels: list[str] = []
    format: Literal["email", "phone", "uri", "uuid"] | None = None
    pattern: Pattern | None = None
    one_of: list[str] | None = None
    at_least: str | None = None
    at_most: str | None = None
    length: Length | None = None
    fields: dict[str, FieldConfig] | None = None
    items: FieldConfig | None = None
    values: FieldConfig | None = None

    @field_validator("type")
    @classmethod
    def _known_type(cls, value: str) -> str:
        match = _DECIMAL.match(value)
        if match and 1 <= int(match[1]) <= 38 and int(match[2]) <= int(match[1]):
            return f"decimal({match[1]},{match[2]})"
        if value in SIMPLE_TYPES or value in {"object", "array", "map"}:
            return value
        raise ValueError(f"unknown type '{value}'; known: {', '.join(SIMPLE_TYPES)}, decimal(p,s), object, array, map")

    @field_validator("fields")
    @classmethod
    def _plain_names(cls, value: dict[str, FieldConfig] | None) -> dict[str, FieldConfig] | None:
        for name in value or {}:
            if not NAME.match(name):
                raise ValueError(f"field name '{name}' must be letters, digits and _, not starting with a digit")
        return value

    @model_validator(mode="after")
    def _parts_fit_type(self) -> FieldConfig:
        for part, of_type in (("fields", "object"), ("items", "array"), ("values", "map")):
            given = getattr(self, part) is not None
            if given != (self.type == of_type):
                raise ValueError(f"'{part}' belongs to type {of_type}" if given else f"type {of_type} needs '{part}'")
        if self.identity is not None and self.type != "string":
            raise ValueError("only string fields can be identities")
        return self


class EventType(ConfigModel):
    """Which field tells an event's type, or the one type that all events of the schema have."""

    field: str | None = None
    constant: str | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> EventType:
        if (self.field is None) == (self.constant is None):
            raise ValueError("give either 'field' or 'constant'")
        return self


class GeneratedId(ConfigModel):
    """The source has no event id: one is made of file and row content."""

    generated: Literal["row"]


class IdentityMapConfig(ConfigModel):
    """The field that carries a map from namespace to a list of identifiers."""

    field: str


class FieldGroupConfig(ConfigModel):
    description: str | None = None
    fields: dict[str, FieldConfig]


class SchemaConfig(ConfigModel):
    class_: Literal["record", "event"] = Field(alias="class")
    description: str | None = None
    includes: list[str] = []
    fields: dict[str, FieldConfig] = {}
    profile: Literal["enabled", "disabled"] = "disabled"
    occurred_at: str | None = None
    event_type: EventType | None = None
    event_types: list[str] = []
    event_id: str | GeneratedId | None = None
    identity_map: IdentityMapConfig | None = None
    renamed_from: str | None = None

    @model_validator(mode="after")
    def _class_has_its_parts(self) -> SchemaConfig:
        event_parts = ("occurred_at", "event_type", "event_id")
        given = [part for part in event_parts if getattr(self, part) is not None]
        if self.class_ == "record" and given:
            raise ValueError(f"'{given[0]}' belongs to class event")
        missing = [part for part in event_parts if getattr(self, part) is None]
        if self.class_ == "event" and missing:
            raise ValueError(f"class event needs '{missing[0]}'")
        if self.class_ == "event" and self.event_type is not None:
            constant = self.event_type.constant
            if constant is None and not self.event_types:
                raise ValueError("list the 'event_types', so that a misspelt one in a rule is an error")
        return self
