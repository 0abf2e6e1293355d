"""Schemas against their field groups, the namespaces and each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from profile_engine.config.problems import Place, Problems, did_you_mean
from profile_engine.project.description import Description
from profile_engine.project.layout import Key
from profile_engine.project.references.fields import check_field_definitions
from profile_engine.schemas.fields import Field
from profile_engine.schemas.namespace_rules import Namespaces
from profile_engine.schemas.schema import Schema, combined_fields
from profile_engine.schemas.union_schema import UnionSchema, union_of

_EVENT_ID_TYPES = frozenset({"string", "integer"})


@dataclass(frozen=True)
class Unions:
    """The union schemas of a project; `agreed` when every field has one type in them."""

    records: UnionSchema
    events: UnionSchema
    agreed: bool


def resolved_schemas(description: Description) -> dict[str, Schema]:
    """Every schema with the field groups it includes."""
    return {name: Schema.of(name, config, description.field_groups) for name, config in description.schemas.items()}


def check_schemas(
    description: Description, schemas: Mapping[str, Schema], namespaces: Namespaces | None, problems: Problems
) -> Unions:
    """Adds the problems of all schemas; returns the unions of records and of events."""
    for name, group in description.field_groups.items():
        check_field_definitions(group.fields, description, ("field_groups", name), problems)
    for name, schema in schemas.items():
        check_field_definitions(description.schemas[name].fields, description, ("schemas", name), problems)
        if _check_groups(description, name, problems):
            _check_special_fields(description, schema, problems)
            _check_primary(description, schema, problems)
    if namespaces is not None:
        for key, path, namespace in _identity_descriptors(description):
            if namespace not in namespaces:
                place = description.documents.value(key, *path, "identity", "namespace")
                problems.add_at(
                    place, "E214", f"unknown namespace '{namespace}'", did_you_mean(namespace, namespaces.names)
                )
    records, record_retypes = union_of("record", schemas.values())
    events, event_retypes = union_of("event", schemas.values())
    for retype in (*record_retypes, *event_retypes):
        problems.add_at(
            _place_of_field(description, schemas[retype.schema], retype.path), "E219",
            f"'{retype.path}' is {retype.type} in schema {retype.schema} and {retype.first_type} in {retype.first_schema}",
            "give it one type in all enabled schemas of the class, or another name",
        )  # fmt: skip
    return Unions(records, events, agreed=not record_retypes and not event_retypes)


def _check_groups(description: Description, name: str, problems: Problems) -> bool:
    """Whether all groups could be taken in, so that the schema's fields are all known."""
    config, documents, key = description.schemas[name], description.documents, ("schemas", name)
    known = documents.ids("field_groups")
    for place, group in enumerate(config.includes):
        if group not in known:
            where = documents.value(key, "includes", place)
            problems.add_at(where, "E210", f"unknown field group '{group}'", did_you_mean(group, known))
    for twice in combined_fields(config, description.field_groups)[1]:
        where = (
            documents.key(key, *field_path(twice.path))
            if twice.part == ""
            else documents.value(key, "includes", config.includes.index(twice.part))
        )
        first = f"field group {twice.first_part}" if twice.first_part else "this schema"
        problems.add_at(
            where, "E211", f"'{twice.path}' is given twice: {twice.first_type} by {first}, {twice.second_type} here",
            "keep one of them" if twice.first_type != twice.second_type else "two groups must describe a field alike",
        )  # fmt: skip
    return all(group in description.field_groups for group in config.includes)


def _check_special_fields(description: Description, schema: Schema, problems: Problems) -> None:
    config, documents, key = description.schemas[schema.name], description.documents, ("schemas", schema.name)
    special: list[tuple[str, str | None, frozenset[str], Place]] = []
    if config.occurred_at is not None:
        special.append(
            ("occurred_at", config.occurred_at, frozenset({"timestamp"}), documents.value(key, "occurred_at"))
        )
    if schema.event_type_field is not None:
        where = documents.value(key, "event_type", "field")
        special.append(("event_type", schema.event_type_field, frozenset({"string"}), where))
    if schema.event_id is not None:
        special.append(("event_id", schema.event_id, _EVENT_ID_TYPES, documents.value(key, "event_id")))
    if schema.identity_map_field is not None:
        where = documents.value(key, "identity_map", "field")
        special.append(("identity_map", schema.identity_map_field, frozenset({"map"}), where))
    for role, path, types, where in special:
        assert path is not None
        found = schema.field(path)
        if found is None:
            hint = did_you_mean(path, schema.leaf_paths())
            problems.add_at(where, "E217", f"'{role}' names no field of the schema: '{path}'", hint)
        elif found.type not in types:
            message = f"'{role}' needs a field of type {' or '.join(sorted(types))}; '{path}' is {found.type}"
            problems.add_at(where, "E218", message)
        elif role == "identity_map" and not _holds_identifiers(found):
            problems.add_at(
                where, "E218", f"'{path}' is {found.whole_type}; an identity map holds a list of identifiers by namespace",
                "write {type: map, values: {type: array, items: {type: string}}}",
            )  # fmt: skip
    if (
        schema.event_type_constant is not None
        and config.event_types
        and schema.event_type_constant not in config.event_types
    ):
        where = documents.value(key, "event_type", "constant")
        hint = did_you_mean(schema.event_type_constant, config.event_types)
        problems.add_at(where, "E218", f"'{schema.event_type_constant}' is not one of the schema's event_types", hint)


def _holds_identifiers(field: Field) -> bool:
    items = field.values.items if field.values is not None and field.values.type == "array" else None
    if items is None:
        return False
    member = items.fields.get("id")
    return items.type == "string" or (member is not None and member.type == "string")


def _check_primary(description: Description, schema: Schema, problems: Problems) -> None:
    primary = [identity for identity in schema.identities if identity.primary]
    if len(primary) > 1:
        where = _place_of_field(description, schema, primary[1].path)
        message = f"two primary identities: '{primary[0].path}' and '{primary[1].path}'"
        problems.add_at(where, "E216", message, "keep 'primary: true' at one of them")
    needs_one = schema.class_ == "record" and schema.profile_enabled and schema.identity_map_field is None
    if needs_one and not primary:
        problems.add_at(
            description.documents.value(("schemas", schema.name), "profile"), "E216",
            f"schema {schema.name} is enabled for the profile and has no primary identity",
            "mark one field with identity: {namespace: ..., primary: true}, or give an identity_map",
        )  # fmt: skip
    no_identity = not schema.identities and schema.identity_map_field is None
    if schema.class_ == "event" and schema.profile_enabled and no_identity:
        problems.add_at(
            description.documents.value(("schemas", schema.name), "profile"), "E216",
            f"schema {schema.name} is enabled for the profile and none of its fields is an identity",
            "mark a field with identity: {namespace: ...}, so that its events have an owner",
        )  # fmt: skip


def _identity_descriptors(description: Description) -> Iterator[tuple[Key, tuple[str, ...], str]]:
    """File, path of the field's node, and namespace of every identity that is written down."""
    for kind, things in (("field_groups", description.field_groups), ("schemas", description.schemas)):
        for name, thing in things.items():
            fields = {field: Field.of(field, config) for field, config in thing.fields.items()}
            for path, field in _walked(fields, ("fields",)):
                if field.identity is not None:
                    yield (kind, name), path, field.identity.namespace


def _walked(fields: Mapping[str, Field], before: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Field]]:
    for name, field in fields.items():
        yield (*before, name), field
        yield from _walked(field.fields, (*before, name, "fields"))


def field_path(path: str) -> tuple[str, ...]:
    """Where a field's dotted path is in its file: `address.city` stands at fields, address, fields, city."""
    return tuple(step for name in path.split(".") for step in ("fields", name))


def _place_of_field(description: Description, schema: Schema, path: str) -> Place:
    """Where a field is written: in the schema itself, else at the group that brings it."""
    documents, steps = description.documents, field_path(path)
    if documents.has(("schemas", schema.name), *steps):
        return documents.key(("schemas", schema.name), *steps)
    for group in description.schemas[schema.name].includes:
        if group in description.field_groups and documents.has(("field_groups", group), *steps):
            return documents.key(("field_groups", group), *steps)
    return documents.value(("schemas", schema.name))
