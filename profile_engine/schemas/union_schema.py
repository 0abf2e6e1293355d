"""The union schema: all fields that the profile-enabled schemas of one class have together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from profile_engine.schemas.fields import Field, all_paths, field_at, leaves
from profile_engine.schemas.schema import Schema


@dataclass(frozen=True, slots=True)
class Retype:
    """A path that two schemas of a class give different types, so that no union exists."""

    path: str
    schema: str
    type: str
    first_schema: str
    first_type: str


@dataclass(frozen=True)
class UnionSchema:
    """Read-only: what rules, merge policies and destinations may name."""

    class_: Literal["record", "event"]
    fields: Mapping[str, Field]
    event_types: frozenset[str] = frozenset()

    def leaf(self, path: str) -> Field | None:
        """The leaf at a dotted path; None for an object or an unknown path."""
        found = field_at(self.fields, path)
        return None if found is None or found.type == "object" else found

    def field(self, path: str) -> Field | None:
        """The leaf or object at a dotted path."""
        return field_at(self.fields, path)

    def leaf_paths(self) -> dict[str, Field]:
        """Dotted path to field, in order; objects are descended, arrays and maps are leaves."""
        return dict(leaves(self.fields))

    def paths(self) -> tuple[str, ...]:
        """Dotted path of every leaf and object, in order."""
        return tuple(all_paths(self.fields))


def union_of(class_: Literal["record", "event"], schemas: Iterable[Schema]) -> tuple[UnionSchema, list[Retype]]:
    """The union of the profile-enabled schemas of a class, and the paths whose types differ (the first stands).

    Constraints of single schemas do not hold for the union, but for `one_of`, united where every schema gives it.
    """
    fields: dict[str, Field] = {}
    given_by: dict[str, str] = {}
    retypes: list[Retype] = []
    event_types: set[str] = set()
    for schema in schemas:
        if schema.class_ != class_ or not schema.profile_enabled:
            continue
        event_types.update(schema.event_types)
        _unite(fields, schema.fields, schema.name, "", given_by, retypes)
    return UnionSchema(class_, fields, frozenset(event_types)), retypes


def _unite(
    into: dict[str, Field],
    given: Mapping[str, Field],
    schema: str,
    prefix: str,
    given_by: dict[str, str],
    retypes: list[Retype],
) -> None:
    for name, new in given.items():
        path = prefix + name
        old = into.get(name)
        if old is None:
            into[name] = _unconstrained(new)
            for inner in (path, *all_paths(new.fields, f"{path}.")):
                given_by.setdefault(inner, schema)
        elif old.type == new.type == "object":
            inner_fields = dict(old.fields)
            _unite(inner_fields, new.fields, schema, f"{path}.", given_by, retypes)
            into[name] = replace(old, fields=inner_fields)
        elif old.whole_type != new.whole_type:
            retypes.append(Retype(path, schema, new.whole_type, given_by[path], old.whole_type))
        else:
            into[name] = replace(old, one_of=_either(old.one_of, new.one_of), identity=old.identity or new.identity)


def _either(first: tuple[str, ...] | None, second: tuple[str, ...] | None) -> tuple[str, ...] | None:
    return None if first is None or second is None else tuple(dict.fromkeys([*first, *second]))


def _unconstrained(field: Field) -> Field:
    return replace(
        field,
        required=False,
        pattern=None,
        at_least=None,
        at_most=None,
        length=None,
        format=None,
        fields={name: _unconstrained(inner) for name, inner in field.fields.items()},
    )
