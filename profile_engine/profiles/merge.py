"""Merging a person's fragments: under every merge policy, each attribute gets the value that its rule lets win."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from math import ceil

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, MapType, StringType, StructField, StructType

from profile_engine.profiles.attribute_rules import chosen_rules
from profile_engine.profiles.attribute_shape import leaves_of, nested, stored_type, value_at
from profile_engine.profiles.config import MergePolicyConfig
from profile_engine.profiles.person_merge import LEAF, MergePlan, merged_rows

ROWS_IN_A_TASK = 400_000
"""Rows of people and fragments that one task holds at a time."""
ROWS_IN_A_BATCH = 10_000
IDENTITIES_TYPE = "array<struct<namespace:string,value:string>>"
PROVENANCE_TYPE = "array<struct<dataset:string,record_id:string,time:timestamp,paths:array<string>>>"
_PERSON_COLUMNS = (
    "profile_id", "owner_id", "identity.rank", "identity.namespace", "identity.value", "dataset_no", "source_time",
    "ingested_at", "batch_id", "record_id",
)  # fmt: skip


def merged_people(
    people: DataFrame,
    union: StructType,
    policies: Mapping[str, MergePolicyConfig],
    datasets: tuple[str, ...],
    tasks: int | None = None,
) -> DataFrame:
    """A row is a person under a policy: `profile_id, merge_policy, identities, provenance`, the union's attributes.

    `people` holds a row for each identifier and fragment of a person (`people.py`), `datasets` the names of the datasets
    by their number. Without datasets there is nothing to merge: everybody is known by identities only.

    The rows of a person are brought to one of `tasks` tasks (without it, as many as the session shuffles to), where
    `person_merge` merges them all at once.
    """
    attributes = stored_attributes(union) if datasets else StructType()
    leaves = leaves_of(attributes)
    maps = {leaf.path for leaf in leaves_of(union) if isinstance(leaf.type, MapType)}
    paths = tuple(leaf.path for leaf in leaves)
    plan = MergePlan(
        paths, frozenset(maps), {name: chosen_rules(policy, paths) for name, policy in policies.items()}, datasets
    )
    columns = [value_at(leaf).alias(f"{LEAF}{number}") for number, leaf in enumerate(leaves)]
    if not datasets:  # people who have no fragments, in the shape of those who have
        people = people.withColumns({
            "dataset_no": F.lit(None).cast("int"), "source_time": F.lit(None).cast("timestamp"),
            "ingested_at": F.lit(None).cast("timestamp"), "batch_id": F.lit(None).cast("string"),
            "record_id": F.lit(None).cast("string"),
        })  # fmt: skip
    flat = people.select(*_PERSON_COLUMNS, *columns)
    flat = flat.repartition("profile_id") if tasks is None else flat.repartition(tasks, "profile_id")
    shape = StructType([
        StructField("profile_id", StringType()), StructField("merge_policy", StringType()),
        StructField("identities", DataType.fromDDL(IDENTITIES_TYPE)),
        StructField("provenance", DataType.fromDDL(PROVENANCE_TYPE)),
        *(StructField(f"{LEAF}{number}", leaf.type) for number, leaf in enumerate(leaves)),
    ])  # fmt: skip
    merged = flat.mapInArrow(_task(plan), shape)
    values = {leaf.path: F.col(f"{LEAF}{number}") for number, leaf in enumerate(leaves)}
    return merged.select("profile_id", "merge_policy", "identities", "provenance", *nested(attributes, values))


def stored_attributes(union: StructType) -> StructType:
    """The attributes of the profile as tables keep them."""
    attributes = stored_type(union)
    assert isinstance(attributes, StructType)
    return attributes


def tasks_for(rows: int, shuffle_partitions: int) -> int:
    """How many tasks merge so many rows: never more of them in one than it can hold."""
    return max(1, ceil(rows / ROWS_IN_A_TASK), min(ceil(rows / 20_000), shuffle_partitions))


def _task(plan: MergePlan) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def merge_people(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        held = list(batches)
        if held:
            yield from merged_rows(pa.Table.from_batches(held), plan).to_batches(max_chunksize=ROWS_IN_A_BATCH)

    return merge_people
