"""A schema: the shape of one kind of record or event, its field groups resolved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from profile_engine.schemas.config import FieldGroupConfig, SchemaConfig
from profile_engine.schemas.fields import Field, field_at, leaves, with_fields


@dataclass(frozen=True, slots=True)
class IdentityPath:
    """A leaf that carries an identifier of one namespace."""

    path: str
    namespace: str
    primary: bool


@dataclass(frozen=True, slots=True)
class DefinedTwice:
    """A path that two parts of one schema define in ways that do not agree."""

    path: str
    part: str
    """The part that came second: a field group's name, or '' for the schema's own fields."""
    first_part: str
    first_type: str
    second_type: str


@dataclass(frozen=True)
class Schema:
    """What the records or events of a dataset look like."""

    name: str
    class_: Literal["record", "event"]
    fields: Mapping[str, Field]
    profile_enabled: bool = False
    occurred_at: str | None = None
    event_type_field: str | None = None
    event_type_constant: str | None = None
    event_types: tuple[str, ...] = ()
    """All types that its events may have; the constant where there is one."""
    event_id: str | None = None
    """Path of the event's id; None where one is made of file and row content."""
    identity_map_field: str | None = None
    identities: tuple[IdentityPath, ...] = ()
    description: str | None = None
    renamed_from: str | None = None

    @classmethod
    def of(cls, name: str, config: SchemaConfig, groups: Mapping[str, FieldGroupConfig]) -> Schema:
        """The schema with the groups it includes; a group that is not in `groups` is left out."""
        fields, _ = combined_fields(config, groups)
        event_type = config.event_type
        constant = event_type.constant if event_type is not None else None
        return cls(
            name=name,
            class_=config.class_,
            fields=fields,
            profile_enabled=config.profile == "enabled",
            occurred_at=config.occurred_at,
            event_type_field=event_type.field if event_type is not None else None,
            event_type_constant=constant,
            event_types=tuple(dict.fromkeys([*config.event_types, *([constant] if constant is not None else [])])),
            event_id=config.event_id if isinstance(config.event_id, str) else None,
            identity_map_field=config.identity_map.field if config.identity_map is not None else None,
            identities=tuple(
                IdentityPath(path, leaf.identity.namespace, leaf.identity.primary)
                for path, leaf in leaves(fields)
                if leaf.identity is not None
            ),
            description=config.description,
            renamed_from=config.renamed_from,
        )

    def leaf_paths(self) -> dict[str, Field]:
        """Dotted path to field, in order; objects are descended, arrays and maps are leaves."""
        return dict(leaves(self.fields))

    def field(self, path: str) -> Field | None:
        """The leaf or object at a dotted path."""
        return field_at(self.fields, path)

    @property
    def primary(self) -> IdentityPath | None:
        """The field that says whose record it is; None where events, or an identity map, tell otherwise."""
        return next((identity for identity in self.identities if identity.primary), None)


def combined_fields(
    config: SchemaConfig, groups: Mapping[str, FieldGroupConfig]
) -> tuple[dict[str, Field], list[DefinedTwice]]:
    """The fields of a schema and its groups, objects united part by part, and where they disagree.

    A schema may say more about a field of its groups (an identity, a constraint) under the same type: its own
    definition stands then. Two groups must define a shared leaf alike.
    """
    fields: dict[str, Field] = {}
    origin: dict[str, str] = {}
    conflicts: list[DefinedTwice] = []
    for group in config.includes:
        if group in groups:
            given = {name: Field.of(name, each) for name, each in groups[group].fields.items()}
            _unite(fields, given, group, "", origin, conflicts)
    own = {name: Field.of(name, each) for name, each in config.fields.items()}
    _unite(fields, own, "", "", origin, conflicts)
    return fields, conflicts


def _unite(
    into: dict[str, Field],
    given: Mapping[str, Field],
    part: str,
    prefix: str,
    origin: dict[str, str],
    conflicts: list[DefinedTwice],
) -> None:
    for name, new in given.items():
        path = prefix + name
        old = into.get(name)
        if old is not None and old.type == new.type == "object":
            inner = dict(old.fields)
            _unite(inner, new.fields, part, f"{path}.", origin, conflicts)
            into[name] = with_fields(new if part == "" else old, inner)
            continue
        if old is not None and (old.whole_type != new.whole_type or (part != "" and old != new)):
            conflicts.append(DefinedTwice(path, part, origin.get(path, ""), old.whole_type, new.whole_type))
            continue
        into[name] = new
        origin[path] = part
        for inner_path, _ in leaves(new.fields, f"{path}."):
            origin[inner_path] = part
