"""Fields of a schema: their types, constraints, and the paths that lead to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from profile_engine.schemas.config import FieldConfig, IdentityDescriptor

NUMBER_TYPES = frozenset({"integer", "double"})
MOMENT_TYPES = frozenset({"date", "timestamp"})
_INTEGER_RANGE = range(-(2**63), 2**63)


@dataclass(frozen=True)
class Field:
    """One field. `fields` belongs to objects, `items` to arrays, `values` to maps (whose keys are strings)."""

    name: str
    type: str
    """string, integer (64 bits), double, boolean, date, timestamp, decimal(p,s), object, array or map"""
    required: bool = False
    identity: IdentityDescriptor | None = None
    labels: tuple[str, ...] = ()
    one_of: tuple[str, ...] | None = None
    pattern: str | None = None
    """The whole value must match."""
    at_least: str | None = None
    at_most: str | None = None
    """Both inclusive, as written; read by the field's type."""
    length: Mapping[str, int] | None = None
    """at_least and at_most, in characters."""
    format: str | None = None
    description: str | None = None
    fields: Mapping[str, Field] = field(default_factory=dict)
    items: Field | None = None
    values: Field | None = None

    @classmethod
    def of(cls, name: str, config: FieldConfig) -> Field:
        """The field that a person described, its parts included."""
        return cls(
            name=name,
            type=config.type,
            required=config.required,
            identity=config.identity,
            labels=tuple(config.labels),
            one_of=None if config.one_of is None else tuple(config.one_of),
            pattern=config.pattern,
            at_least=config.at_least,
            at_most=config.at_most,
            length=None if config.length is None else {str(end): limit for end, limit in config.length.items()},
            format=config.format,
            description=config.description,
            fields={part: cls.of(part, inner) for part, inner in (config.fields or {}).items()},
            items=None if config.items is None else cls.of("item", config.items),
            values=None if config.values is None else cls.of("value", config.values),
        )

    @property
    def is_number(self) -> bool:
        return self.type in NUMBER_TYPES or self.is_decimal

    @property
    def is_decimal(self) -> bool:
        return self.type.startswith("decimal(")

    @property
    def is_moment(self) -> bool:
        """A date or a time."""
        return self.type in MOMENT_TYPES

    @property
    def whole_type(self) -> str:
        """The type with its parts, such as array<string> or object<city:string,country:string>."""
        if self.type == "array" and self.items is not None:
            return f"array<{self.items.whole_type}>"
        if self.type == "map" and self.values is not None:
            return f"map<string,{self.values.whole_type}>"
        if self.type == "object":
            return f"object<{','.join(f'{part.name}:{part.whole_type}' for part in self.fields.values())}>"
        return self.type


def leaves(fields: Mapping[str, Field], prefix: str = "") -> Iterator[tuple[str, Field]]:
    """Dotted path and field of every leaf, in order; objects are descended, arrays and maps are leaves."""
    for name, each in fields.items():
        if each.type == "object":
            yield from leaves(each.fields, f"{prefix}{name}.")
        else:
            yield prefix + name, each


def field_at(fields: Mapping[str, Field], path: str) -> Field | None:
    """The field (a leaf or an object) at a dotted path; arrays and maps are not looked into."""
    found: Field | None = None
    for step in path.split("."):
        found = fields.get(step)
        if found is None:
            return None
        fields = found.fields
    return found


def all_paths(fields: Mapping[str, Field], prefix: str = "") -> Iterator[str]:
    """Dotted path of every leaf and every object, in order."""
    for name, each in fields.items():
        yield prefix + name
        yield from all_paths(each.fields, f"{prefix}{name}.")


def with_fields(container: Field, fields: Mapping[str, Field]) -> Field:
    """The object with other parts."""
    return replace(container, fields=dict(fields))


def misfit(type_name: str, text: str) -> str | None:
    """Why a literal as written is not a value of the type, or None when it is one."""
    try:
        if type_name == "integer":
            if int(text) not in _INTEGER_RANGE:
                return f"{text} does not fit 64 bits"
        elif type_name == "double":
            float(text)
        elif type_name.startswith("decimal("):
            if not Decimal(text).is_finite():
                return f"'{text}' is not a number"
        elif type_name == "boolean":
            if text not in {"true", "false"}:
                return f"'{text}' is neither true nor false"
        elif type_name == "date":
            date.fromisoformat(text)
        elif type_name == "timestamp":
            datetime.fromisoformat(text)
        elif type_name != "string":
            return f"a field of type {type_name} has no literal values"
    except (ValueError, InvalidOperation):
        example = {"date": " such as 2026-05-31", "timestamp": " such as 2026-05-31T12:00:00Z"}.get(type_name, "")
        return f"'{text}' is not a value of type {type_name}{example}"
    return None
