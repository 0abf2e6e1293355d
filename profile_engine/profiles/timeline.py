"""The timeline: every event of a person, narrow, with only the fields that rules name.

An event is kept under its owner, an identifier, not under a profile: it stays where it is when profiles merge or split.
"""

from __future__ import annotations

from collections.abc import Iterable

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DataType, MapType, StructField, StructType

from profile_engine.errors import ConfigurationError
from profile_engine.lake.session import shuffle_partitions
from profile_engine.profiles.attribute_shape import stored, stored_type
from profile_engine.schemas.identifiers import TIMELINE_BUCKETS, timeline_bucket
from profile_engine.schemas.schema import Schema

SYSTEM_COLUMNS = ("bucket", "owner_id", "event_type", "occurred_at", "dataset", "record_id")
SORTED_BY = ("owner_id", "occurred_at", "dataset", "record_id")


def event_fields_type(union: StructType, paths: Iterable[str]) -> StructType:
    """The type of the column `fields`: a member for each path, named by the path, in stored shape.

    Raises ConfigurationError for a path that no event has.
    """
    return StructType([StructField(path, stored_type(_type_at(union, path))) for path in sorted(paths)])


def timeline_rows(
    events: DataFrame, dataset: str, schema: Schema, union: StructType, paths: Iterable[str]
) -> DataFrame:
    """A row is an event with an owner: SYSTEM_COLUMNS, and `fields` where any path is asked for.

    `events` are raw records of one event dataset, `union` the type of all events. `bucket` is that of `timeline_bucket`, from the
    owner. A path that this dataset does not have is null. Without paths there is no column `fields`: a struct without
    members can't be stored.
    """
    have = events.schema
    if schema.event_type_constant is not None:
        event_type = F.lit(schema.event_type_constant)
    else:
        event_type = _value_at(have, union, schema.event_type_field or "").cast("string")
    members = [_value_at(have, union, path).alias(path) for path in sorted(paths)]
    return events.where(F.col("owner_id").isNotNull()).select(
        timeline_bucket().alias("bucket"),
        "owner_id",
        event_type.alias("event_type"),
        F.col("source_time").alias("occurred_at"),
        F.lit(dataset).alias("dataset"),
        "record_id",
        *([F.struct(*members).alias("fields")] if members else []),
    )


def laid_out(rows: DataFrame) -> DataFrame:
    """The same rows, sorted by owner and time, an owner's in one partition. A bucket is one partition, or several where the
    session shuffles into so many; a partition may hold several buckets, which the writer parts (`session.PACE`)."""
    slices = shuffle_partitions(rows.sparkSession) // TIMELINE_BUCKETS
    if slices > 1:
        slice_of_owner = F.pmod(F.xxhash64("owner_id"), F.lit(slices))
        parted = rows.repartition("bucket", slice_of_owner)
    else:
        parted = rows.repartition(TIMELINE_BUCKETS, "bucket")
    return parted.sortWithinPartitions(*SORTED_BY)


def touched_events(changes: DataFrame, dataset: str) -> DataFrame:
    """A row is an event that changed in raw: `dataset, record_id`, and `stays`, false for one that is gone or has no
    owner any more."""
    stays = (F.col("_change") == "upsert") & F.col("owner_id").isNotNull()
    return changes.select(F.lit(dataset).alias("dataset"), "record_id", stays.alias("stays"))


def _type_at(union: DataType, path: str) -> DataType:
    reached: DataType | None = union
    for step in path.split("."):
        reached = _step_type(reached, step)
        if reached is None:
            raise ConfigurationError(
                f"no event has the field '{path}' that a rule names; correct the rule, or the schema"
            )
    assert reached is not None
    return reached


def _step_type(reached: DataType | None, step: str) -> DataType | None:
    if isinstance(reached, StructType):
        return reached[step].dataType if step in reached.fieldNames() else None
    return reached.valueType if isinstance(reached, MapType) else None


def _value_at(have: StructType, union: StructType, path: str) -> Column:
    """The value at a path of a raw record, in the union's stored shape; null where the record's type does not have it."""
    wanted = _type_at(union, path)
    first, *rest = path.split(".")
    if first not in have.fieldNames():
        return F.lit(None).cast(stored_type(wanted))
    column, type_ = F.col(f"`{first}`"), have[first].dataType
    for step in rest:
        if isinstance(type_, StructType) and step in type_.fieldNames():
            column, type_ = column.getField(step), type_[step].dataType
        elif isinstance(type_, MapType):
            column, type_ = F.try_element_at(column, F.lit(step)), type_.valueType
        elif isinstance(type_, ArrayType) and isinstance(type_.elementType, StructType):
            column, type_ = _entry_of(column, step), type_.elementType["value"].dataType
        else:
            return F.lit(None).cast(stored_type(wanted))
    return stored(column, type_, wanted)


def _entry_of(entries: Column, key: str) -> Column:
    """The value of a key in a map that is stored as entries."""
    return F.get(F.filter(entries, lambda entry: entry.getField("key") == key), F.lit(0)).getField("value")
