"""Merging: random people equal the oracle under five policies at once; order and partitioning change nothing."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from profile_engine.profiles.config import AttributeRule, MergePolicyConfig
from profile_engine.profiles.merge import merged_people
from tests.profiles.merge_oracle import oracle_profile
from tests.profiles.unions import shape_of, union_type

DATASETS = ("crm", "loyalty", "shop")
WRITTEN: dict[str, Any] = {
    "name": "string",
    "person": {"first": "string", "last": "string", "home": {"city": "string", "zip": "string"}},
    "points": "integer",
    "interests": ["string"],
    "opted_in": "boolean",
}
UNION = union_type(WRITTEN)
SHAPE = shape_of(WRITTEN)
ORDER = AttributeRule(dataset_order=["loyalty", "crm"])
POLICIES = {
    "default": MergePolicyConfig(),
    "by_ingestion": MergePolicyConfig(attributes=AttributeRule(newest="ingested_at")),
    "by_dataset": MergePolicyConfig(attributes=ORDER),
    "with_exceptions": MergePolicyConfig(
        exceptions={
            "person": ORDER,
            "person.home.city": AttributeRule(newest="ingested_at"),
            "person.home": AttributeRule(dataset_order=["shop"]),
            "points": AttributeRule(dataset_order=["crm", "shop", "loyalty"]),
        }
    ),
    "precedence_but_newest_name": MergePolicyConfig(
        attributes=AttributeRule(dataset_order=["crm", "loyalty", "shop"]),
        exceptions={"name": AttributeRule(newest="source_time")},
    ),
}
FRAGMENTS = (
    "profile_id string, dataset_no int, source_time timestamp, ingested_at timestamp, batch_id string, record_id string"
)
START = datetime(2026, 1, 1, tzinfo=UTC)


def random_fragments(seed: int, people: int) -> dict[str, list[dict[str, Any]]]:
    """People with up to six fragments, of few values and few times, so that ties and gaps are many."""
    draw = random.Random(seed)

    def some(*values: Any) -> Any:
        return draw.choice(values)

    def fragment(number: int) -> dict[str, Any]:
        home = some(None, {"city": some(None, "", "Porto", "Rom"), "zip": some(None, "01012", "1")})
        person = some(None, {"first": some(None, "Ada", "Ida", ""), "last": some(None, "Li"), "home": home})
        return {
            "dataset": some(*DATASETS),
            "source_time": some(None, START + timedelta(days=draw.randrange(3))),
            "ingested_at": START + timedelta(days=draw.randrange(3)),
            "batch_id": some("a", "b"),
            "record_id": f"r{number}",
            "attributes": {
                "name": some(None, "", "x", "y", "z"),
                "person": person,
                "points": some(None, 0, 7, -3),
                "interests": some(None, [], ["art"], ["zoo", "art"]),
                "opted_in": some(None, True, False),
            },
        }

    return {f"p{each}": [fragment(number) for number in range(draw.randrange(7))] for each in range(people)}


def fragments_frame(spark: SparkSession, people: dict[str, list[dict[str, Any]]]) -> DataFrame:
    rows = [
        (
            profile_id, DATASETS.index(each["dataset"]), each["source_time"], each["ingested_at"], each["batch_id"],
            each["record_id"], *[each["attributes"][name] for name in SHAPE],
        )
        for profile_id, fragments in people.items() for each in fragments
    ]  # fmt: skip
    schema = StructType([*StructType.fromDDL(FRAGMENTS).fields, *UNION.fields])
    return spark.createDataFrame(rows, schema)


def plain(value: Any) -> Any:
    if isinstance(value, Row):
        return {name: plain(inside) for name, inside in value.asDict().items()}
    if isinstance(value, list):
        return [plain(inside) for inside in value]
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def merged(fragments: DataFrame) -> dict[tuple[str, str], dict[str, Any]]:
    one_identity = F.struct(F.lit(1).alias("rank"), F.lit("crm_id").alias("namespace"), F.lit("c").alias("value"))
    people = fragments.withColumn("identity", one_identity)
    versions = [plain(row) for row in merged_people(people, UNION, POLICIES, DATASETS).collect()]
    for version in versions:
        assert version.pop("identities") == [{"namespace": "crm_id", "value": "c"}]
    return {(version.pop("profile_id"), version.pop("merge_policy")): version for version in versions}


@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_random_people_equal_the_oracle_in_any_order_and_partitioning(spark: SparkSession, seed: int) -> None:
    people = random_fragments(seed, people=120)
    expected = {
        (profile_id, name): oracle_profile(fragments, policy, SHAPE, DATASETS)
        for profile_id, fragments in people.items() if fragments
        for name, policy in POLICIES.items()
    }  # fmt: skip
    fragments = fragments_frame(spark, people)
    assert merged(fragments) == expected
    assert merged(fragments.orderBy("record_id", "profile_id").repartition(5)) == expected
