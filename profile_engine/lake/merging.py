"""Merging rows into a table by its key, so that only rows that differ are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import MapType

from profile_engine.errors import LakeError
from profile_engine.lake.places import Place

CHANGE = "_change"
FEW_ROWS = 100_000
"""Up to so many rows a merge carries its keys to the table's files; above it, both are brought together by key."""
_COPIES = "_copies"
_GIVEN = "_given"
_THERE = "_there"


@dataclass(frozen=True, slots=True)
class MergeCounts:
    """Rows that a merge wrote, by what happened to them; all zero when nothing differed and no commit was made."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0

    @property
    def total(self) -> int:
        return self.inserted + self.updated + self.deleted


class DuplicateKeys(LakeError):
    """A frame to be merged has the same key on more than one row."""

    def __init__(self, table: str, key: Sequence[str]) -> None:
        self.table, self.key = table, tuple(key)
        super().__init__(
            f"the rows for table {table} have the same key ({', '.join(key)}) more than once, so which one holds is "
            "undecided; choose one row a key before merging"
        )


def refuse_maps(rows: DataFrame, table: str) -> None:
    """Maps can't be compared, so a merged frame holds none; raises LakeError."""
    maps = [field.name for field in rows.schema.fields if isinstance(field.dataType, MapType)]
    if maps:
        raise LakeError(
            f"table {table} is merged, but {', '.join(maps)} is a map, which can't be compared; use an array of structs"
        )


def rows_with_own_keys(rows: DataFrame, table: str, key: Sequence[str]) -> int:
    """How many rows there are, in one job over their keys; raises DuplicateKeys when two have the same."""
    copies = rows.groupBy(*key).agg(F.count(F.lit(1)).alias(_COPIES))
    counted = copies.agg(F.sum(_COPIES).alias("rows"), F.max(_COPIES).alias("most")).collect()[0]
    if (counted["most"] or 0) > 1:
        raise DuplicateKeys(table, key)
    return int(counted["rows"] or 0)


def stored_with_keys_of(rows: DataFrame, stored: DataFrame, key: Sequence[str]) -> DataFrame:
    """Of a large table, the rows with the keys of few: the keys go to where the table is, not the table to the keys."""
    keys = rows.select(*(F.col(f"`{name}`").alias(f"_given_{name}") for name in key))
    same = _all_equal([(f"`{name}`", f"`_given_{name}`") for name in key])
    return F.broadcast(stored.join(F.broadcast(keys), on=same, how="left_semi"))


def differing(rows: DataFrame, stored: DataFrame, key: Sequence[str], *, delete_missing: bool) -> DataFrame:
    """The rows that differ from what is stored, by key; a null in a key equals a null.

    returns   the columns of `rows` and `_change` (insert, update, delete; a deleted row has its key only)
    """
    compared = [name for name in rows.columns if name not in key]
    given = rows.withColumn(_GIVEN, F.lit(True))
    there = stored.select(
        *(F.col(f"`{name}`").alias(f"_stored_{name}") for name in rows.columns), F.lit(True).alias(_THERE)
    )
    both = {name: (f"`{name}`", f"`_stored_{name}`") for name in rows.columns}
    joined = given.join(there, on=_all_equal([both[name] for name in key]), how="full" if delete_missing else "left")
    change = (
        F.when(F.col(_THERE).isNull(), F.lit("insert"))
        .when(F.col(_GIVEN).isNull(), F.lit("delete"))
        .when(~_all_equal([both[name] for name in compared]), F.lit("update"))
    )
    columns = [
        F.coalesce(*map(F.col, both[name])).alias(name) if name in key else F.col(f"`{name}`") for name in rows.columns
    ]
    return joined.select(*columns, change.alias(CHANGE)).where(F.col(CHANGE).isNotNull())


def counts_of(differences: DataFrame) -> MergeCounts:
    """What the differences amount to, in one job."""
    counts = {row[CHANGE]: row["count"] for row in differences.groupBy(CHANGE).count().collect()}
    return MergeCounts(counts.get("insert", 0), counts.get("update", 0), counts.get("delete", 0))


def refuse_duplicates(stored: DataFrame, table: str, key: Sequence[str]) -> None:
    """Look for keys on more than one row of a table just written for the first time; raises DuplicateKeys."""
    if stored.groupBy(*key).agg(F.count(F.lit(1)).alias(_COPIES)).where(F.col(_COPIES) > 1).limit(1).collect():
        raise DuplicateKeys(table, key)


def merge_differences(
    spark: SparkSession, place: Place, differences: DataFrame, key: Sequence[str], counts: MergeCounts
) -> None:
    """One MERGE of rows that all do something, of each kind as many as counted: no row is compared again.

    Without a clause for inserts Delta may carry the rows to the table's files; with one, even if it is never met, it brings
    the whole table and the rows together by key.
    """
    from delta.tables import DeltaTable

    if not counts.inserted and counts.total <= FEW_ROWS:
        differences = F.broadcast(differences)
    columns = [name for name in differences.columns if name != CHANGE]
    target = DeltaTable.forName(spark, place.sql_name) if place.path is None else DeltaTable.forPath(spark, place.path)
    condition = " AND ".join(f"stored.`{name}` <=> given.`{name}`" for name in key)
    merge = target.alias("stored").merge(differences.alias("given"), condition)
    if counts.deleted:
        merge = merge.whenMatchedDelete(f"given.{CHANGE} = 'delete'")
    if counts.updated:
        merge = merge.whenMatchedUpdate(set={f"`{name}`": f"given.`{name}`" for name in columns if name not in key})
    if counts.inserted:
        merge = merge.whenNotMatchedInsert(values={f"`{name}`": f"given.`{name}`" for name in columns})
    merge.execute()


def inserts_of(differences: DataFrame) -> DataFrame:
    return differences.where(F.col(CHANGE) == "insert").drop(CHANGE)


def changes_of_known(differences: DataFrame) -> DataFrame:
    """Of the differences those of rows that are there: updates and deletions."""
    return differences.where(F.col(CHANGE) != "insert")


def _all_equal(pairs: Sequence[tuple[str, str]]) -> Column:
    equal = F.lit(True)
    for left, right in pairs:
        equal = equal & F.col(left).eqNullSafe(F.col(right))
    return equal
