"""What is sent of a person: attributes by their paths, as columns of a file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import (
    ArrayType,
    DataType,
    MapType,
    NullType,
    StringType,
    StructField,
    StructType,
    TimestampNTZType,
    TimestampType,
)

from profile_engine.destinations.config import INTERNAL

AUDIENCE = INTERNAL + "audience"
PART = INTERNAL + "part"
INTERNAL_COLUMNS = (AUDIENCE, PART)
_STEP = re.compile(r'"([^"]+)"|([^.]+)')
_TIME = "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX"
_Reached = tuple[Column, DataType]


def attributes_of(profiles: StructType, attributes: Sequence[tuple[str, str]]) -> Column:
    """A struct of the mapped attributes over a frame of that schema: column name and path of each.

    A path's step into a map is its key, in double quotes if it has dots. A path that the frame doesn't have (profiles
    written before the field was known) is null.
    """
    members = [_at(profiles, path).alias(name) for name, path in attributes]
    return F.struct(*members) if members else F.struct(F.lit(None).cast("string").alias(INTERNAL + "none"))


def top_level(path: str) -> str:
    """The attribute of the profile that a path starts at."""
    return _steps(path)[0]


def payload(deliveries: DataFrame, identity_column: str, with_status: bool) -> DataFrame:
    """Rows as columns of a file: `__audience, __part`, the identity under its namespace's name, the attributes, status.

    deliveries  `audience_no, part_no, identity, attributes struct, status`, of any order
    """
    members = deliveries.schema["attributes"].dataType
    assert isinstance(members, StructType)
    attributes = [
        _typed(member).alias(member.name) for member in members.fields if not member.name.startswith(INTERNAL)
    ]
    return deliveries.select(
        F.col("audience_no").alias(AUDIENCE), F.col("part_no").alias(PART), F.col("identity").alias(identity_column),
        *attributes, *([F.col("status")] if with_status else []),
    )  # fmt: skip


def text_of(column: Column, type_: DataType) -> Column:
    """A value as text: times in ISO 8601 and UTC with microseconds, objects and lists as JSON, else as Spark casts."""
    if isinstance(type_, StringType):
        return column
    if isinstance(type_, TimestampType):
        return F.get_json_object(_json(F.struct(column.alias("of"))), "$.of")
    if isinstance(type_, TimestampNTZType):
        return F.date_format(column, "yyyy-MM-dd'T'HH:mm:ss.SSSSSS")
    if isinstance(type_, StructType | ArrayType | MapType):
        return _json(column)
    return column.cast("string")


def _json(column: Column) -> Column:
    # its time zone is an option, so that the session's doesn't matter
    options = {"timeZone": "UTC", "timestampFormat": _TIME, "dateFormat": "yyyy-MM-dd", "ignoreNullFields": "false"}
    return F.to_json(column, options)


def _at(profiles: StructType, path: str) -> Column:
    first, *rest = _steps(path)
    if first not in profiles.fieldNames():
        return F.lit(None)
    start: _Reached | None = (F.col(f"`{first}`"), profiles[first].dataType)
    reached = reduce(_stepped, rest, start)
    return F.lit(None) if reached is None else _maps_back(*reached)


def _steps(path: str) -> list[str]:
    return [quoted or plain for quoted, plain in _STEP.findall(path)]


def _stepped(reached: _Reached | None, step: str) -> _Reached | None:
    if reached is None:
        return None
    column, type_ = reached
    if isinstance(type_, StructType) and step in type_.fieldNames():
        return column.getField(step), type_[step].dataType
    if _is_entries(type_):
        item = F.get(F.filter(column, lambda entry: entry.getField("key") == step), F.lit(0))
        return item.getField("value"), type_.elementType["value"].dataType  # type: ignore[attr-defined]
    if isinstance(type_, MapType):
        return F.try_element_at(column, F.lit(step)), type_.valueType
    return None


def _typed(member: StructField) -> Column:
    column = F.col("attributes").getField(member.name)
    # a field that no profile has yet has no type, which files can't hold
    return column.cast("string") if isinstance(member.dataType, NullType) else column


def _maps_back(column: Column, type_: DataType) -> Column:
    """Maps that profiles keep as sorted entries become maps again, so that JSON and Parquet show them as such."""
    return F.map_from_entries(column) if _is_entries(type_) else column


def _is_entries(type_: DataType) -> bool:
    return (
        isinstance(type_, ArrayType)
        and isinstance(type_.elementType, StructType)
        and type_.elementType.fieldNames() == ["key", "value"]
    )
