"""The guard of evolution: a raw table only ever gains fields, and a field keeps its type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import ArrayType, DataType, MapType, StructType

from profile_engine.errors import DataError
from profile_engine.lake.tables import RAW_SYSTEM_COLUMNS
from profile_engine.schemas.fields import Field
from profile_engine.schemas.schema import Schema
from profile_engine.schemas.spark_types import spark_type, spark_type_of


class FieldChangedTypeError(DataError):
    """A schema gives a field another type than the lake holds."""

    def __init__(self, schema: Schema, dataset: str, changed: list[tuple[str, str, str]]) -> None:
        self.changed = tuple(changed)
        told = "; ".join(f"{path} is {stored} in the lake and {given} in the schema" for path, stored, given in changed)
        super().__init__(
            f"schema {schema.name} changes the type of fields that raw_{dataset} holds: {told}; give the field its old "
            "type, or add a field of another name"
        )


def refuse_changed_types(schema: Schema, dataset: str, stored: StructType) -> None:
    """Raises FieldChangedTypeError; fields that are new, or no longer in the schema, are no change."""
    changed = list(_changes(schema.fields, stored, ""))
    if changed:
        raise FieldChangedTypeError(schema, dataset, changed)


def lacks_fields(schema: Schema, stored: StructType) -> bool:
    """Whether the schema has fields that the table has not yet."""
    return _lacks(spark_type_of(schema.fields), stored)


def empty_raw_rows(spark: SparkSession, schema: Schema) -> DataFrame:
    """No rows, with the columns that the raw table of the schema has."""
    system = spark.createDataFrame([], RAW_SYSTEM_COLUMNS).schema
    return spark.createDataFrame([], StructType([*spark_type_of(schema.fields).fields, *system.fields]))


def holds_maps(kind: DataType) -> bool:
    """Whether a type has a map in it: such rows can't be compared, so a MERGE can't take them."""
    if isinstance(kind, StructType):
        return any(holds_maps(member.dataType) for member in kind.fields)
    return isinstance(kind, MapType) or (isinstance(kind, ArrayType) and holds_maps(kind.elementType))


def _changes(fields: Mapping[str, Field], stored: StructType, prefix: str) -> Iterator[tuple[str, str, str]]:
    there = {member.name: member.dataType for member in stored.fields}
    for name, field in fields.items():
        if name not in there:
            continue
        before = there[name]
        if field.type == "object" and isinstance(before, StructType):
            yield from _changes(field.fields, before, f"{prefix}{name}.")
        elif field.type == "array" and field.items is not None and isinstance(before, ArrayType):
            item = StructType().add("[]", before.elementType)
            yield from _changes({"[]": field.items}, item, f"{prefix}{name}")
        elif not _same(before, spark_type(field)):
            yield f"{prefix}{name}", before.simpleString(), spark_type(field).simpleString()


def _same(stored: DataType, given: DataType) -> bool:
    return stored.simpleString() == given.simpleString()


def _lacks(wanted: DataType, stored: DataType) -> bool:
    if isinstance(wanted, ArrayType) and isinstance(stored, ArrayType):
        return _lacks(wanted.elementType, stored.elementType)
    if not (isinstance(wanted, StructType) and isinstance(stored, StructType)):
        return False
    there = {member.name: member.dataType for member in stored.fields}
    return any(m.name not in there or _lacks(m.dataType, there[m.name]) for m in wanted.fields)
