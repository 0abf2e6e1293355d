"""Fragments: records of several datasets in the shape of the union, maps as entries."""

from __future__ import annotations

from datetime import UTC, datetime

from pyspark.sql import SparkSession

from profile_engine.profiles.attribute_shape import leaves_of, stored_type
from profile_engine.profiles.fragments import FRAGMENT_COLUMNS, fragments_of
from tests.profiles.unions import union_type

UNION = union_type(
    {
        "home": {"city": "string", "zip": "string"},
        "traits": ("map", {"level": "string", "scores": ("map", "integer")}),
        "tags": ["string"],
        "lines": [{"sku": "string", "sizes": ("map", "string")}],
    }
)
SYSTEM = "record_id string, owner_id bigint, source_time timestamp, ingested_at timestamp, batch_id string"
SEEN = datetime(2026, 1, 2, tzinfo=UTC)


def test_records_become_fragments_in_the_shape_of_the_union(spark: SparkSession) -> None:
    # given a dataset with half of the union, one with maps, and one that was never written
    crm = spark.createDataFrame(
        [(("Porto",), ["b", "a"], "c1", 11, None, SEEN, "b1"), (None, [], "c2", 12, SEEN, SEEN, "b1"), (("X",), [], "c3", None, SEEN, SEEN, "b1")],
        f"home struct<city:string>, tags array<string>, {SYSTEM}",
    )  # fmt: skip
    shop = spark.createDataFrame(
        [({"b": ("gold", {"y": 2, "x": 1}), "a": (None, None)}, [("s1", {"xl": "1", "m": "2"})], "s1", 13, SEEN, SEEN, "b2")],
        f"traits map<string,struct<level:string,scores:map<string,bigint>>>, "
        f"lines array<struct<sku:string,sizes:map<string,string>>>, {SYSTEM}",
    )  # fmt: skip
    never_written = spark.createDataFrame([], SYSTEM)

    # when
    fragments = fragments_of({"crm": crm, "never": never_written, "shop": shop}, UNION)
    found = {row["record_id"]: row.asDict(recursive=True) for row in fragments.collect()}

    # then a record without an owner is nobody's
    assert {record: (row["owner_id"], row["dataset_no"]) for record, row in found.items()} == {
        "c1": (11, 0), "c2": (12, 0), "s1": (13, 2)
    }  # fmt: skip
    assert fragments.columns == [*FRAGMENT_COLUMNS, "home", "traits", "tags", "lines"]
    assert found["c1"]["home"] == {"city": "Porto", "zip": None}
    assert found["c1"]["tags"] == ["b", "a"]
    assert found["c2"]["home"] is None
    assert found["s1"]["traits"] == [
        {"key": "a", "value": {"level": None, "scores": None}},
        {"key": "b", "value": {"level": "gold", "scores": [{"key": "x", "value": 1}, {"key": "y", "value": 2}]}},
    ]
    assert found["s1"]["lines"] == [{"sku": "s1", "sizes": [{"key": "m", "value": "2"}, {"key": "xl", "value": "1"}]}]


def test_objects_are_descended_and_maps_and_arrays_are_leaves() -> None:
    stored = stored_type(UNION)
    assert [leaf.path for leaf in leaves_of(stored)] == ["home.city", "home.zip", "traits", "tags", "lines"]
    assert "map" not in stored.simpleString()
