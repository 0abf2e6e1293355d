"""People of the rule tests as rows of Spark: attributes as `profile` has them, and each one's events in an array."""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import ArrayType, DataType, MapType, StringType, StructField, StructType, TimestampType

from profile_engine.schemas.fields import Field
from profile_engine.schemas.spark_types import spark_type
from tests.support.rule_people import ATTRIBUTES, EVENT_COLUMNS, EVENTS


def stored_type(field: Field) -> DataType:
    """Maps are kept as arrays of keys and values."""
    found = spark_type(field)
    if not isinstance(found, MapType):
        return found
    return ArrayType(StructType([StructField("key", StringType()), StructField("value", found.valueType)]))


EVENT_TYPE = StructType([
    StructField("event_type", StringType()), StructField("occurred_at", TimestampType()),
    StructField("fields", StructType([StructField(path, stored_type(field)) for path, field in EVENTS.leaf_paths().items()])),
])  # fmt: skip
PERSON_TYPE = StructType([
    StructField("profile_id", StringType()),
    *(StructField(name, stored_type(field)) for name, field in ATTRIBUTES.fields.items()),
    StructField("events", ArrayType(EVENT_TYPE)),
])  # fmt: skip


def people_frame(spark: SparkSession, people: list[tuple[dict[str, Any], list[dict[str, Any]]]]) -> DataFrame:
    """A row is a person p0, p1 .. with `events`; one without events has null there."""
    rows = []
    for number, (profile, events) in enumerate(people):
        happened = [
            {"event_type": one["event_type"], "occurred_at": one["occurred_at"],
             "fields": {path: one.get(path) for path in EVENT_COLUMNS}}
            for one in events
        ]  # fmt: skip
        attributes = {name: _stored(profile.get(name), field) for name, field in ATTRIBUTES.fields.items()}
        rows.append({"profile_id": f"p{number}", **attributes, "events": happened or None})
    return spark.createDataFrame(rows, PERSON_TYPE)  # type: ignore[arg-type]


def _stored(value: Any, field: Field) -> Any:
    if field.type == "map" and value is not None:
        return [{"key": key, "value": one} for key, one in value.items()]
    return value
