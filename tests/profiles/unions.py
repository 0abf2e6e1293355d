"""Union types of the tests, written as field types by name: an object is a mapping."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyspark.sql.types import StructType

from profile_engine.schemas.config import FieldConfig
from profile_engine.schemas.fields import Field
from profile_engine.schemas.spark_types import spark_type_of


def fields_of(written: Mapping[str, Any]) -> dict[str, Field]:
    return {name: Field.of(name, FieldConfig.model_validate(_config(type_))) for name, type_ in written.items()}


def union_type(written: Mapping[str, Any]) -> StructType:
    """`{"city": "string", "home": {"zip": "string"}, "tags": ["string"], "traits": ("map", "string")}`."""
    return spark_type_of(fields_of(written))


def shape_of(written: Mapping[str, Any]) -> dict[str, Any]:
    """The nested names of a union, a leaf being None."""
    return {name: shape_of(type_) if isinstance(type_, Mapping) else None for name, type_ in written.items()}


def _config(type_: Any) -> dict[str, Any]:
    if isinstance(type_, Mapping):
        return {"type": "object", "fields": {name: _config(inner) for name, inner in type_.items()}}
    if isinstance(type_, list):
        return {"type": "array", "items": _config(type_[0])}
    if isinstance(type_, tuple):
        return {"type": "map", "values": _config(type_[1])}
    return {"type": type_}
