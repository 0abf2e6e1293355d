"""What changed in a table between two versions: its change feed, reduced to one row a key, or to what a log has gained."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DataType, MapType, StructType

_BEFORE = ("update_preimage", "delete")
_AFTER = ("update_postimage", "insert")
VERSION = "_version"
"""Of the commit that brought a row of a log."""
_FEED_COLUMNS = ("_change_type", "_commit_version", "_commit_timestamp")


def reduced(feed: DataFrame, key: Sequence[str], before: Sequence[str] = ()) -> DataFrame:
    """The net change of each key over a change feed.

    feed      the table's columns, _change_type, _commit_version
    before    columns whose value before is wanted too
    returns   the table's columns and `_change`: `upsert` with the row as it is now, `delete` with the row as it was; and
              `_before_<column>` for each of `before`, null for a row that was not there

    A row that ends as it began (written and undone, changed and changed back) is no change; the feed shows a RESTORE as
    deletes and inserts, so an undone run leaves nothing here.
    """
    names = [name for name in feed.columns if name not in _FEED_COLUMNS]
    row = F.struct(*(F.col(f"`{name}`") for name in names))
    is_before, is_after = F.col("_change_type").isin(*_BEFORE), F.col("_change_type").isin(*_AFTER)
    version = F.col("_commit_version")
    grouped = feed.groupBy(*(F.col(f"`{name}`").alias(f"_key_{n}") for n, name in enumerate(key))).agg(
        F.min(version).alias("_first"),
        F.max(version).alias("_last"),
        F.min(F.when(is_before, version)).alias("_before_at"),
        F.max(F.when(is_after, version)).alias("_after_at"),
        F.min_by(row, F.when(is_before, version)).alias("_before_row"),
        F.max_by(row, F.when(is_after, version)).alias("_after_row"),
    )
    was = F.when(F.col("_before_at") == F.col("_first"), F.col("_before_row"))
    after = F.when(F.col("_after_at") == F.col("_last"), F.col("_after_row"))
    ends = grouped.select(was.alias("_before"), after.alias("_after"))
    changed = _differs(feed.select(*(F.col(f"`{name}`") for name in names)).schema)
    change = F.when(F.col("_after").isNotNull(), F.lit("upsert")).otherwise(F.lit("delete"))
    return (
        ends.where(changed)
        .select(F.coalesce("_after", "_before").alias("_row"), change.alias("_change"), "_before")
        .select(
            *(F.col("_row").getField(name).alias(name) for name in names),
            "_change",
            *(F.col("_before").getField(name).alias(f"_before_{name}") for name in before),
        )
    )


def appended(feed: DataFrame) -> DataFrame:
    """The rows that a log has gained over a change feed, equal ones once.

    feed      the log's columns, _change_type, _commit_version
    returns   the log's columns and VERSION bigint, that of the commit which brought the row last

    What an undone run had added is taken out again by its RESTORE, and what was written anew was there before: neither is
    a gain.
    """
    names = [f"`{name}`" for name in feed.columns if name not in _FEED_COLUMNS]
    is_after = F.col("_change_type").isin(*_AFTER)
    counted = feed.groupBy(*names).agg(
        F.sum(F.when(is_after, 1).otherwise(-1)).alias("_gained"),
        F.max(F.when(is_after, F.col("_commit_version"))).alias(VERSION),
    )
    return counted.where("_gained > 0").drop("_gained")


def _differs(row: StructType) -> Column:
    if _holds_a_map(row):  # maps can't be compared: a row that is there at both ends counts as changed
        return F.col("_before").isNotNull() | F.col("_after").isNotNull()
    return ~F.col("_before").eqNullSafe(F.col("_after"))


def _holds_a_map(kind: DataType) -> bool:
    if isinstance(kind, StructType):
        return any(_holds_a_map(field.dataType) for field in kind.fields)
    if isinstance(kind, ArrayType):
        return _holds_a_map(kind.elementType)
    return isinstance(kind, MapType)
