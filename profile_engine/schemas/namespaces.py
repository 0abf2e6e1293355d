"""Namespaces of identifiers: kind, priority and the static checks that a value must pass."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from profile_engine.config.model import ConfigModel
from profile_engine.config.units import Span, SpanField
from profile_engine.schemas.lengths import Length
from profile_engine.schemas.patterns import Pattern
from profile_engine.schemas.standard_namespaces import STANDARD_NAMESPACES

_LONGEST = 1024
PERSON_KINDS = frozenset({"person", "email", "phone"})


class PersonsPerValue(ConfigModel):
    """The most persons that one value may be seen with, ever or in any window of time."""

    at_most: int = Field(ge=1)
    within: SpanField | None = None

    @field_validator("within")
    @classmethod
    def _some_time(cls, value: Span | None) -> Span | None:
        if value is not None and value.count == 0:
            raise ValueError("no two persons are seen within no time; write a longer one, such as '1 day', or leave 'within' out for ever")  # fmt: skip
        return value


class NamespaceConfig(ConfigModel):
    """One namespace; its priority is its place in the list."""

    name: str
    preset: Literal[
        "crm_id", "loyalty_id", "login", "email", "email_sha256", "phone", "phone_sha256", "idfa", "gaid", "ecid", "cookie"
    ] | None = None  # fmt: skip
    """A standard namespace, whose settings hold where none are written here."""
    kind: Literal["person", "email", "phone", "device", "cookie", "partner", "thing"]
    """`thing` (a store, a product) and `partner` never enter the graph."""
    unique: bool = False
    """At most one value in a profile: linking rules part people who would share one."""
    normalise: str | None = None
    """Name of a normaliser; without one a value is only trimmed of white space at its ends."""
    pattern: Pattern | None = None
    """The whole value must match, after normalisation."""
    length: Length = {"at_most": _LONGEST}
    """In characters; where at_most is not written it is 1,024."""
    persons_per_value: PersonsPerValue | None = None
    description: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _over_preset(cls, value: Any) -> Any:
        if not isinstance(value, dict) or not isinstance(value.get("preset"), str):
            return value
        # beside an unknown preset no kind is missed: it is the preset that is wrong
        return {**STANDARD_NAMESPACES.get(value["preset"], {"kind": "person"}), **value}

    @field_validator("length", mode="before")
    @classmethod
    def _never_without_end(cls, value: Any) -> Any:
        return {"at_most": _LONGEST, **value} if isinstance(value, dict) else value

    @field_validator("persons_per_value", mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return {"at_most": value} if isinstance(value, (str, int)) else value

    @property
    def enters_graph(self) -> bool:
        return self.kind not in {"thing", "partner"}
