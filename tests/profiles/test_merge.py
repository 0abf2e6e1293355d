"""Merging in Spark: people spread over tasks equal the oracle under five policies at once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from profile_engine.profiles.merge import merged_people, stored_attributes
from tests.profiles.drawn_people import DATASETS, POLICIES, WRITTEN, random_fragments
from tests.profiles.merge_oracle import oracle_profile
from tests.profiles.unions import shape_of, union_type

UNION, SHAPE = union_type(WRITTEN), shape_of(WRITTEN)
FRAGMENTS = (
    "profile_id string, owner_id bigint, dataset_no int, source_time timestamp, ingested_at timestamp, batch_id string, "
    "record_id string"
)


def fragments_frame(spark: SparkSession, people: dict[str, list[dict[str, Any]]]) -> DataFrame:
    rows = [
        (
            profile_id, 7, DATASETS.index(each["dataset"]), each["source_time"], each["ingested_at"], each["batch_id"],
            each["record_id"], *[each["attributes"][name] for name in SHAPE],
        )
        for profile_id, fragments in people.items() for each in fragments
    ]  # fmt: skip
    schema = StructType([*StructType.fromDDL(FRAGMENTS).fields, *stored_attributes(UNION).fields])
    return spark.createDataFrame(rows, schema)


def plain(value: Any) -> Any:
    if isinstance(value, Row):
        return {name: plain(inside) for name, inside in value.asDict().items()}
    if isinstance(value, list):
        return [plain(inside) for inside in value]
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def merged(fragments: DataFrame, tasks: int | None) -> dict[tuple[str, str], dict[str, Any]]:
    one_identity = F.struct(F.lit(1).alias("rank"), F.lit("crm_id").alias("namespace"), F.lit("c").alias("value"))
    # an identifier is one person's: it stands for its number here
    people = fragments.withColumns({"identity": one_identity, "owner_id": F.hash("profile_id").cast("bigint")})
    versions = [plain(row) for row in merged_people(people, UNION, POLICIES, DATASETS, tasks).collect()]
    for version in versions:
        assert version.pop("identities") == [{"namespace": "crm_id", "value": "c"}]
    return {(version.pop("profile_id"), version.pop("merge_policy")): version for version in versions}


def test_random_people_equal_the_oracle_in_any_order_and_partitioning(spark: SparkSession) -> None:
    people = random_fragments(2026, people=200)
    expected = {
        (profile_id, name): oracle_profile(fragments, policy, SHAPE, DATASETS)
        for profile_id, fragments in people.items() if fragments
        for name, policy in POLICIES.items()
    }  # fmt: skip
    fragments = fragments_frame(spark, people)
    assert merged(fragments, None) == expected
    assert merged(fragments.orderBy("record_id", "profile_id"), 3) == expected
