"""The Spark type of a field: what a schema's words mean in a table."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql.types import (
    ArrayType,
    BooleanType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    LongType,
    MapType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

from profile_engine.schemas.fields import Field

_SIMPLE: Mapping[str, DataType] = {
    "string": StringType(),
    "integer": LongType(),
    "double": DoubleType(),
    "boolean": BooleanType(),
    "date": DateType(),
    "timestamp": TimestampType(),
}


def spark_type(field: Field) -> DataType:
    """The type of the field's values; every part is nullable, as a missing value is a fact about a person."""
    if field.type in _SIMPLE:
        return _SIMPLE[field.type]
    if field.type == "object":
        return spark_type_of(field.fields or {})
    if field.type == "array":
        assert field.items is not None
        return ArrayType(spark_type(field.items))
    if field.type == "map":
        assert field.values is not None
        return MapType(StringType(), spark_type(field.values))
    precision, scale = decimal_of(field.type)
    return DecimalType(precision, scale)


def spark_type_of(fields: Mapping[str, Field]) -> StructType:
    """The struct of a mapping of fields, in its order."""
    return StructType([StructField(name, spark_type(field)) for name, field in fields.items()])


def decimal_of(type_: str) -> tuple[int, int]:
    """Precision and scale of `decimal(p,s)`."""
    precision, scale = type_.removeprefix("decimal(").removesuffix(")").split(",")
    return int(precision), int(scale)
