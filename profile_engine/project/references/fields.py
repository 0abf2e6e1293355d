"""Single fields: names that can stand beside each other in a table, constraints that fit the type, identities in reach."""

from __future__ import annotations

from collections.abc import Mapping

from profile_engine.config.problems import Problems
from profile_engine.project.description import Description
from profile_engine.project.layout import Key
from profile_engine.schemas.config import RESERVED_FIELDS, FieldConfig
from profile_engine.schemas.fields import Field, misfit

Steps = tuple[str, ...]


def check_field_definitions(
    fields: Mapping[str, FieldConfig], description: Description, key: Key, problems: Problems
) -> None:
    """Adds the problems of fields that stand in one file."""
    _check_level(fields, description, key, ("fields",), problems, top=True)


def _check_level(
    fields: Mapping[str, FieldConfig], description: Description, key: Key, at: Steps, problems: Problems, *, top: bool
) -> None:
    lower: dict[str, str] = {}
    for name, config in fields.items():
        place = description.documents.key(key, *at, name)
        if top and name.lower() in RESERVED_FIELDS:
            problems.add_at(
                place, "E212", f"'{name}' is a name that the engine uses itself", f"take another, such as source_{name}"
            )
        if name.lower() in lower:
            message = f"'{name}' and '{lower[name.lower()]}' differ only in case; a table can't hold both"
            problems.add_at(place, "E212", message, "rename one of them")
        lower.setdefault(name.lower(), name)
        _check_constraints(Field.of(name, config), description, key, (*at, name), problems)
        _check_level(config.fields or {}, description, key, (*at, name, "fields"), problems, top=False)
        for part, inner in (("items", config.items), ("values", config.values)):
            if inner is not None:
                _check_inside(Field.of(part, inner), description, key, (*at, name, part), problems)


def _check_constraints(field: Field, description: Description, key: Key, at: Steps, problems: Problems) -> None:
    documents = description.documents
    for bound in ("at_least", "at_most"):
        text = getattr(field, bound)
        if text is None:
            continue
        if not (field.is_number or field.is_moment):
            message = f"'{bound}' belongs to numbers, dates and times; this field is {field.type}"
            problems.add_at(documents.key(key, *at, bound), "E213", message)
        elif why := misfit(field.type, text):
            problems.add_at(documents.value(key, *at, bound), "E213", why)
    for place, text in enumerate(field.one_of or ()):
        if why := misfit(field.type, text):
            problems.add_at(documents.value(key, *at, "one_of", place), "E213", why)
    for constraint in ("pattern", "length", "format"):
        if getattr(field, constraint) is not None and field.type != "string":
            message = f"'{constraint}' belongs to strings; this field is {field.type}"
            problems.add_at(documents.key(key, *at, constraint), "E213", message)


def _check_inside(field: Field, description: Description, key: Key, at: Steps, problems: Problems) -> None:
    """Items of arrays and values of maps: their constraints count, identities are out of reach there."""
    _check_constraints(field, description, key, at, problems)
    if field.identity is not None:
        problems.add_at(
            description.documents.key(key, *at, "identity"), "E215", "an identity can't stand inside an array or a map",
            "carry such identifiers in a map from namespace to list, and name it as the schema's identity_map",
        )  # fmt: skip
    for name, inner in field.fields.items():
        _check_inside(inner, description, key, (*at, "fields", name), problems)
    for part, inner_field in (("items", field.items), ("values", field.values)):
        if inner_field is not None:
            _check_inside(inner_field, description, key, (*at, part), problems)
