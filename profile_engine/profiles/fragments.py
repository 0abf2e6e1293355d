"""Fragments: what one dataset's record says of its owner, in the shape of the union of all record schemas."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from profile_engine.profiles.attribute_shape import stored_columns

FRAGMENT_COLUMNS = ("owner_id", "dataset_no", "source_time", "ingested_at", "batch_id", "record_id")


def fragments_of(records_by_dataset: Mapping[str, DataFrame], union: StructType) -> DataFrame:
    """A row is a record with an owner: FRAGMENT_COLUMNS and the union's top-level fields in stored shape.

    `records_by_dataset` holds the raw records of every profile-enabled record dataset, in the project's order, which
    gives `dataset_no` (from 0). Fields that a dataset does not have are null. Records without an owner belong to nobody.
    """
    parts = [_fragments(records, number, union) for number, records in enumerate(records_by_dataset.values())]
    return reduce(DataFrame.unionByName, parts)


def _fragments(records: DataFrame, number: int, union: StructType) -> DataFrame:
    return records.where(F.col("owner_id").isNotNull()).select(
        "owner_id",
        F.lit(number).alias("dataset_no"),
        "source_time",
        "ingested_at",
        "batch_id",
        "record_id",
        *stored_columns(records.schema, union),
    )
