"""Types of fields as rules see them: the text of a type, and the kind of test that fits it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from profile_engine.schemas.fields import Field

Kind = Literal["text", "number", "boolean", "date", "time", "array", "map", "object"]

_KINDS: Mapping[str, Kind] = {
    "string": "text", "integer": "number", "double": "number", "boolean": "boolean", "date": "date",
    "timestamp": "time", "array": "array", "map": "map", "object": "object",
}  # fmt: skip
SCALAR_KINDS: frozenset[Kind] = frozenset({"text", "number", "boolean", "date", "time"})
ITEM_KINDS: frozenset[Kind] = SCALAR_KINDS | {"object"}
"""Kinds of items of arrays that a rule can look into."""
ORDERED_KINDS: frozenset[Kind] = frozenset({"number", "date", "time"})
NAMED_KINDS: Mapping[Kind, str] = {
    "text": "text", "number": "a number", "boolean": "true or false", "date": "a date", "time": "a time",
    "array": "an array", "map": "a map", "object": "an object",
}  # fmt: skip
_DECIMAL = re.compile(r"^decimal\((\d+),\s*(\d+)\)$")
SUM_OF_DOUBLES = "decimal(38,6)"
"""Doubles are summed exactly after rounding to 1e-6."""


def type_of(field: Field) -> str:
    """The type in one text; arrays and maps name what they hold, as in `array<string>`, `map<integer>` or
    `array<object<sku:string;price.amount:double>>`: of an object in an array, its plain leaves."""
    if field.type == "array" and field.items is not None:
        return f"array<{type_of(field.items)}>"
    if field.type == "map" and field.values is not None:
        return f"map<{type_of(field.values)}>"
    if field.type == "object":
        leaves = ((path, type_of(leaf)) for path, leaf in _leaves(field, ""))
        plain = (f"{path}:{type_text}" for path, type_text in leaves if kind_of(type_text) in SCALAR_KINDS)
        return f"object<{';'.join(plain)}>"
    return field.type


def _leaves(field: Field, prefix: str) -> Iterator[tuple[str, Field]]:
    for name, inner in field.fields.items():
        if inner.type == "object":
            yield from _leaves(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", inner


def kind_of(type_text: str) -> Kind:
    if type_text.startswith("decimal("):
        return "number"
    return _KINDS[type_text.partition("<")[0]]


def item_type(type_text: str) -> str:
    """The type of an array's items, or of a map's values."""
    return type_text.partition("<")[2].removesuffix(">")


def object_leaves(type_text: str) -> dict[str, str]:
    """Plain leaves of an object in an array, by path, with their types."""
    inside = item_type(type_text)
    return dict(one.split(":", 1) for one in inside.split(";")) if inside else {}


def scale_of(type_text: str) -> int:
    """Digits after the point of a decimal type; 0 for all others."""
    match = _DECIMAL.match(type_text)
    return int(match[2]) if match else 0


def precision_of(type_text: str) -> int:
    """All digits of a decimal type; 19 for whole numbers."""
    match = _DECIMAL.match(type_text)
    return int(match[1]) if match else 19
