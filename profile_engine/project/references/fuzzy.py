"""Fuzzy links against the datasets whose records they compare."""

from __future__ import annotations

from collections.abc import Mapping

from profile_engine.config.problems import Problems, did_you_mean
from profile_engine.project.description import Description
from profile_engine.project.layout import STITCHING
from profile_engine.schemas.schema import Schema

_COMPARED = frozenset({"string", "integer", "date"})


def check_fuzzy(description: Description, schemas: Mapping[str, Schema], problems: Problems) -> None:
    """Adds the problems of `fuzzy` in stitching.yaml: records come from enabled datasets of class record, fields from their
    attributes that are text, whole numbers or dates."""
    if description.stitching is None or description.stitching.fuzzy is None:
        return
    for dataset, fields in description.stitching.fuzzy.records.items():
        at = ("fuzzy", "records", dataset)
        config = description.datasets.get(dataset)
        if config is None:
            where, known = description.documents.key(STITCHING, *at), description.documents.ids("datasets")
            if dataset not in known:
                problems.add_at(where, "E236", f"unknown dataset '{dataset}'", did_you_mean(dataset, known))
            continue
        schema = schemas.get(config.schema_name)
        if schema is None:
            continue
        if schema.class_ != "record" or config.profile != "enabled":
            where = description.documents.key(STITCHING, *at)
            message = f"dataset '{dataset}' has no records that feed profiles"
            problems.add_at(where, "E236", message, "give enabled datasets of class record")
            continue
        for field, path in fields.items():
            leaf = schema.leaf_paths().get(path)
            where = description.documents.value(STITCHING, *at, field)
            if leaf is None:
                hint = did_you_mean(path, list(schema.leaf_paths()))
                problems.add_at(where, "E236", f"schema '{schema.name}' has no attribute '{path}'", hint)
            elif leaf.type not in _COMPARED:
                hint = "text, whole numbers and dates can be compared"
                problems.add_at(where, "E236", f"'{path}' is {leaf.type}", hint)
