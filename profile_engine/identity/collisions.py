"""Collisions: different values under one 64-bit id, which all get their second hash instead."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from profile_engine.errors import LakeError
from profile_engine.schemas.identifiers import identifier_id

Value = tuple[str, str]
"""(namespace, value in normal form)."""
Hash = Callable[[Value], int]


def second_hashed(values: Iterable[Value], first_hash: Hash) -> frozenset[Value]:
    """The values that share their first hash with another of `values`: a matter of the set, not of who came first."""
    by_id: dict[int, set[Value]] = {}
    for value in values:
        by_id.setdefault(first_hash(value), set()).add(value)
    return frozenset(value for sharing in by_id.values() if len(sharing) > 1 for value in sharing)


def identifier_ids(values: Collection[Value], first_hash: Hash, second_hash: Hash) -> Mapping[Value, int]:
    """The id of each value: its first hash, or its second where the first is shared.

    Raises LakeError where a second hash meets another id (with 64 bits: less likely than one in 10^19 for each collision).
    """
    second = second_hashed(values, first_hash)
    ids = {value: second_hash(value) if value in second else first_hash(value) for value in values}
    if len(set(ids.values())) < len(ids):
        raise both_hashes_shared()
    return ids


def both_hashes_shared() -> LakeError:
    """The error for values whose second hash is not theirs alone either."""
    return LakeError(
        "two identifiers share both their hashes under this lake's key; nothing was published; "
        "start a new lake with another key (conf/engine.yaml, lake.identifier_key)"
    )


@dataclass(frozen=True)
class SecondHashes:
    """The values of a lake that have their second hash."""

    key: bytes = field(repr=False)
    values: frozenset[Value] = field(repr=False)

    def with_values(self, more: Iterable[Value]) -> SecondHashes:
        """These and more. Raises LakeError where their second hashes are not different."""
        together = SecondHashes(self.key, self.values | frozenset(more))
        if len(together.second_ids) < len(together.values):
            raise both_hashes_shared()
        return together

    def second_id(self, value: Value) -> int:
        return identifier_id(self.key, *value, second=True)

    @cached_property
    def second_ids(self) -> frozenset[int]:
        return frozenset(self.second_id(value) for value in self.values)

    @cached_property
    def first_ids(self) -> frozenset[int]:
        """Ids that nobody has any more: whoever comes with one of them shares it."""
        return frozenset(identifier_id(self.key, *value) for value in self.values)

    def frame(self, spark: SparkSession) -> DataFrame | None:
        """(namespace string, value string), as `schemas.identifier_arrays.identifier_arrays` takes it; None where there are none."""
        return spark.createDataFrame(sorted(self.values), "namespace string, value string") if self.values else None


def values_in(sightings: DataFrame) -> DataFrame:
    """The values that are in `sightings`, a row each.

    sightings  (identifiers array<struct<namespace, value, priority, identifier_id>>, seen_at timestamp, ..)
    returns    (identifier_id bigint, namespace string, value string, first_seen_at timestamp)
    """
    seen = sightings.select(F.explode("identifiers").alias("identifier"), "seen_at")
    named = seen.select("identifier.identifier_id", "identifier.namespace", "identifier.value", "seen_at")
    return named.groupBy("identifier_id", "namespace", "value").agg(F.min("seen_at").alias("first_seen_at"))


def new_values(found: DataFrame, known: DataFrame) -> DataFrame:
    """Those of `found` that are not in `known`.

    found    of `values_in`
    known    (identifier_id bigint, namespace string, value string, ..)
    returns  the columns of `found`, and `is_taken boolean`: its id is known with another value
    """
    held = known.select("identifier_id", F.struct("namespace", "value").alias("held"))
    joined = found.join(held, "identifier_id", how="left")
    is_taken = F.col("held").isNotNull()
    is_new = ~is_taken | (F.struct("namespace", "value") != F.col("held"))
    return joined.filter(is_new).select(*found.columns, is_taken.alias("is_taken"))


def seen_earlier(found: DataFrame, known: DataFrame, as_of: datetime) -> DataFrame:
    """The rows of `known` of values whose first sighting lies ahead of `as_of`, and that are found before it now.

    found    of `values_in`
    known    rows of the table `identifier`
    returns  the columns of `known`, with the earlier `first_seen_at`
    """
    waiting = known.filter(F.col("first_seen_at") > F.lit(as_of))
    seen = found.select("identifier_id", "namespace", "value", F.col("first_seen_at").alias("found_at"))
    joined = waiting.join(seen, ["identifier_id", "namespace", "value"], how="inner")
    earlier = joined.filter("found_at < first_seen_at").withColumn("first_seen_at", F.col("found_at"))
    return earlier.select(*known.columns)


def shared_ids(values: DataFrame, given_up: Collection[int]) -> list[int]:
    """The ids that several values share, ascending; hardly ever any.

    values    of `new_values`
    given_up  ids that values had before they got their second hash: whoever comes with one shares it
    """
    counted = values.groupBy("identifier_id").agg(F.count("*").alias("values"), F.count_if("is_taken").alias("taken"))
    is_shared = (F.col("values") > 1) | (F.col("taken") > 0) | F.col("identifier_id").isin(sorted(given_up))
    return sorted(row["identifier_id"] for row in counted.filter(is_shared).select("identifier_id").collect())


def re_identified(identifiers: DataFrame, renames: Mapping[int, int]) -> DataFrame:
    """`identifiers` with the ids of `renames` (old to new), which are second hashes."""
    return identifiers.selectExpr(
        f"{renamed('identifier_id', renames)} as identifier_id",
        "namespace",
        "value",
        "first_seen_at",
        f"second_hash or identifier_id in ({', '.join(map(str, sorted(renames)))}) as second_hash",
    )


def with_renamed(sightings: DataFrame, renames: Mapping[int, int]) -> DataFrame:
    """`sightings` with the ids of `renames` in `identifier_ids`, in their order."""
    ids = F.expr(f"transform(identifier_ids, id -> {renamed('id', renames)})")
    return sightings.withColumn("identifier_ids", ids).select(*sightings.columns)


def renamed(identifier_id: str, renames: Mapping[int, int]) -> str:
    """SQL that gives the column's id by `renames`, itself where it has none; renames are few (one is news)."""
    cases = " ".join(f"when {old}L then {new}L" for old, new in sorted(renames.items()))
    return f"case {identifier_id} {cases} else {identifier_id} end" if cases else identifier_id
