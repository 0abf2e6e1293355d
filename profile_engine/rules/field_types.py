"""Types of fields as rules see them: the text of a type, and the kind of test that fits it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from profile_engine.schemas.fields import Field

Kind = Literal["text", "number", "boolean", "date", "time", "array", "map", "object"]

_KINDS: Mapping[str, Kind] = {
    "string": "text", "integer": "number", "double": "number", "boolean": "boolean", "date": "date",
    "timestamp": "time", "array": "array", "map": "map", "object": "object",
}  # fmt: skip
SCALAR_KINDS: frozenset[Kind] = frozenset({"text", "number", "boolean", "date", "time"})
ORDERED_KINDS: frozenset[Kind] = frozenset({"number", "date", "time"})
NAMED_KINDS: Mapping[Kind, str] = {
    "text": "text", "number": "a number", "boolean": "true or false", "date": "a date", "time": "a time",
    "array": "an array", "map": "a map", "object": "an object",
}  # fmt: skip
_DECIMAL = re.compile(r"^decimal\((\d+),\s*(\d+)\)$")
SUM_OF_DOUBLES = "decimal(38,6)"
"""Doubles are summed exactly after rounding to 1e-6."""


def type_of(field: Field) -> str:
    """The type in one text; an array names its items', as in `array<string>`."""
    return f"array<{type_of(field.items)}>" if field.type == "array" and field.items is not None else field.type


def kind_of(type_text: str) -> Kind:
    if type_text.startswith("decimal("):
        return "number"
    return _KINDS[type_text.partition("<")[0]]


def item_type(type_text: str) -> str:
    """The type of an array's items."""
    return type_text.removeprefix("array<").removesuffix(">")


def scale_of(type_text: str) -> int:
    """Digits after the point of a decimal type; 0 for all others."""
    match = _DECIMAL.match(type_text)
    return int(match[2]) if match else 0


def precision_of(type_text: str) -> int:
    """All digits of a decimal type; 19 for whole numbers."""
    match = _DECIMAL.match(type_text)
    return int(match[1]) if match else 19
