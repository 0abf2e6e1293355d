"""Datasets against their schema, the formats of files and the normalisers."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from profile_engine.config.problems import Problems, did_you_mean
from profile_engine.datasets.config import DatasetConfig, SourceConfig
from profile_engine.project.description import Description
from profile_engine.project.references.namespaces import check_normaliser
from profile_engine.project.references.registries import FORMATS
from profile_engine.project.references.settings import check_settings
from profile_engine.schemas.fields import misfit
from profile_engine.schemas.schema import Schema


def check_datasets(description: Description, schemas: Mapping[str, Schema], problems: Problems) -> None:
    """Adds the problems of every dataset."""
    known = description.documents.ids("schemas")
    for name, dataset in description.datasets.items():
        key = ("datasets", name)
        if dataset.schema_name not in known:
            where = description.documents.value(key, "schema")
            problems.add_at(
                where, "E220", f"unknown schema '{dataset.schema_name}'", did_you_mean(dataset.schema_name, known)
            )
        schema = schemas.get(dataset.schema_name)
        whole = schema is not None and all(
            g in description.field_groups for g in description.schemas[schema.name].includes
        )
        if schema is not None:
            _check_enabled(description, name, dataset, schema, problems)
        for source_name, source in dataset.sources.items():
            _check_source(description, name, source_name, source, problems)
            if schema is not None and whole:
                _check_mapping(description, name, source_name, source, schema, problems)
        if schema is not None and whole:
            _check_newest_by(description, name, dataset, schema, problems)
    if description.datasets_are_sound:
        _warn_of_schemas_without_data(description, problems)


def _warn_of_schemas_without_data(description: Description, problems: Problems) -> None:
    """An enabled schema gives the profile its attributes; without an enabled dataset all of them stay empty."""
    fed = {dataset.schema_name for dataset in description.datasets.values() if dataset.profile == "enabled"}
    for name, schema in description.schemas.items():
        if schema.profile == "enabled" and name not in fed:
            where = description.documents.value(("schemas", name), "profile")
            message = f"schema {name} is enabled for the profile, and no enabled dataset has it: its fields stay empty"
            problems.warn_at(where, "E228", message, "say 'profile: enabled' in its dataset too, or disable the schema")


def _check_enabled(
    description: Description, name: str, dataset: DatasetConfig, schema: Schema, problems: Problems
) -> None:
    if dataset.profile == "enabled" and not schema.profile_enabled:
        where = description.documents.value(("datasets", name), "profile")
        problems.add_at(
            where, "E226", f"dataset {name} is enabled for the profile, its schema {schema.name} is not",
            "say 'profile: enabled' in the schema too, or disable the dataset",
        )  # fmt: skip


def _check_newest_by(
    description: Description, name: str, dataset: DatasetConfig, schema: Schema, problems: Problems
) -> None:
    if dataset.newest_by is None:
        return
    where = description.documents.value(("datasets", name), "newest_by")
    field = schema.field(dataset.newest_by)
    if schema.class_ == "event":
        problems.add_at(
            where, "E222", "'newest_by' belongs to records; an event never has a newer version", "leave it out"
        )
    elif field is None:
        hint = did_you_mean(dataset.newest_by, schema.leaf_paths())
        problems.add_at(
            where, "E222", f"'newest_by' names no field of schema {schema.name}: '{dataset.newest_by}'", hint
        )
    elif not field.is_moment:
        moments = [path for path, leaf in schema.leaf_paths().items() if leaf.is_moment]
        message = f"'newest_by' needs a timestamp or a date; '{dataset.newest_by}' is {field.type}"
        problems.add_at(where, "E222", message, f"such fields: {', '.join(moments)}" if moments else None)


def _check_source(
    description: Description, name: str, source_name: str, source: SourceConfig, problems: Problems
) -> None:
    key, at = ("datasets", name), ("sources", source_name)
    check_settings(FORMATS, source.format_name, description.documents, key, (*at, "format"), problems)
    if source.time_zone is not None:
        try:
            ZoneInfo(source.time_zone)
        except (KeyError, ValueError, OSError):
            where = description.documents.value(key, *at, "time_zone")
            problems.add_at(
                where, "E113", f"unknown time zone '{source.time_zone}'", "write one such as Europe/Amsterdam or UTC"
            )
    for path, column in source.mapping.items():
        if column.normalise is not None:
            check_normaliser(
                column.normalise, description.documents.value(key, *at, "mapping", path, "normalise"), problems
            )


def _check_mapping(
    description: Description, name: str, source_name: str, source: SourceConfig, schema: Schema, problems: Problems
) -> None:
    documents, key, at = description.documents, ("datasets", name), ("sources", source_name)
    leaves = schema.leaf_paths()
    for path, column in source.mapping.items():
        where = documents.key(key, *at, "mapping", path)
        field = schema.field(path)
        if field is None:
            problems.add_at(where, "E221", f"schema {schema.name} has no field '{path}'", did_you_mean(path, leaves))
            continue
        if field.type == "object":
            inside = [leaf for leaf in leaves if leaf.startswith(f"{path}.")]
            problems.add_at(
                where, "E221", f"'{path}' is an object; map its fields", f"such as {inside[0]}" if inside else None
            )
            continue
        if column.constant is not None and (why := misfit(field.type, column.constant)):
            problems.add_at(documents.value(key, *at, "mapping", path, "constant"), "E221", why)
        if column.date_format is not None and not field.is_moment:
            where = documents.key(key, *at, "mapping", path, "date_format")
            problems.add_at(where, "E221", f"'date_format' belongs to dates and times; '{path}' is {field.type}")
        if column.normalise is not None and field.type != "string":
            where = documents.key(key, *at, "mapping", path, "normalise")
            problems.add_at(where, "E221", f"'normalise' belongs to strings; '{path}' is {field.type}")
    if source.unmapped != "same_name":
        for path, field in leaves.items():
            if field.required and path not in source.mapping:
                where = documents.value(key, *at, "unmapped")
                message = f"the required field '{path}' is filled by no column of source '{source_name}'"
                problems.add_at(where, "E227", message, "map it, or let columns of the same name map themselves")
