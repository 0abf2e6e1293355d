"""The timeline: narrow events of several datasets, and which changes of raw touch it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from profile_engine.errors import ConfigurationError
from profile_engine.profiles.timeline import SYSTEM_COLUMNS, event_fields_type, laid_out, timeline_rows, touched_events
from profile_engine.schemas.schema import Schema
from tests.profiles.unions import union_type

UNION = union_type(
    {
        "type": "string",
        "order": {"total": "decimal(9,2)", "currency": "string"},
        "props": ("map", "string"),
        "skus": ["string"],
    }
)
SYSTEM = "record_id string, owner_id bigint, source_time timestamp, ingested_at timestamp, batch_id string"
AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
WEB = Schema("web_event", "event", {}, event_type_field="type")
SHOP = Schema("order", "event", {}, event_type_constant="order")
PATHS = {"skus", "order.total", "props.color", "props"}


def test_events_of_all_datasets_have_one_narrow_shape(spark: SparkSession) -> None:
    web = spark.createDataFrame(
        [("view", {"size": "m", "color": "red"}, "w1", 5, AT, AT, "b"), ("view", None, "w2", None, AT, AT, "b")],
        f"type string, props map<string,string>, {SYSTEM}",
    )
    shop = spark.createDataFrame(
        [(("7.50",), ["a"], "o1", -5, AT, AT, "b")], f"order struct<total:string>, skus array<string>, {SYSTEM}"
    ).withColumn("order", F.struct(F.col("order.total").cast("decimal(9,2)").alias("total")))
    rows = timeline_rows(web, "web", WEB, UNION, PATHS).unionByName(timeline_rows(shop, "shop", SHOP, UNION, PATHS))
    found = {row.record_id: row for row in laid_out(rows).collect()}

    assert rows.columns == [*SYSTEM_COLUMNS, "fields"]
    assert rows.schema["fields"].dataType == event_fields_type(UNION, PATHS)
    assert set(found) == {"w1", "o1"}
    assert [(row.event_type, row.dataset, row.owner_id) for row in (found["w1"], found["o1"])] == [
        ("view", "web", 5), ("order", "shop", -5)
    ]  # fmt: skip
    assert found["w1"].occurred_at.microsecond == 678901
    assert all(0 <= row.bucket < 16 for row in found.values())
    web_fields, shop_fields = found["w1"].fields.asDict(True), found["o1"].fields.asDict(True)
    assert list(web_fields) == sorted(PATHS)
    assert web_fields["props.color"] == "red"
    assert web_fields["props"] == [{"key": "color", "value": "red"}, {"key": "size", "value": "m"}]
    assert (web_fields["order.total"], web_fields["skus"]) == (None, None)
    assert (str(shop_fields["order.total"]), shop_fields["skus"], shop_fields["props.color"]) == ("7.50", ["a"], None)


@pytest.mark.parametrize("shuffle_partitions", ["4", "64"])
def test_a_file_has_owners_of_its_own_in_order_of_owner_and_time(
    spark: SparkSession, tmp_path: Path, shuffle_partitions: str
) -> None:
    # given: a thousand events of a hundred owners, in disorder
    events = spark.range(1000).selectExpr(
        "'view' AS type", "string(id) AS record_id", "xxhash64(id % 100) AS owner_id",
        "timestamp_micros(pmod(hash(id), 1000)) AS source_time", "timestamp_micros(0) AS ingested_at", "'b' AS batch_id",
    )  # fmt: skip
    before = spark.conf.get("spark.sql.shuffle.partitions")
    # when
    try:
        spark.conf.set("spark.sql.shuffle.partitions", shuffle_partitions)
        rows = laid_out(timeline_rows(events, "web", WEB, UNION, ()))
        rows.write.partitionBy("bucket").parquet(str(tmp_path / "timeline"))
    finally:
        spark.conf.set("spark.sql.shuffle.partitions", before)
    # then
    files = list((tmp_path / "timeline").glob("*/*.parquet"))
    found = [pq.ParquetFile(file).read(["owner_id", "occurred_at"]).to_pylist() for file in files]
    in_files = [[(row["owner_id"], row["occurred_at"]) for row in of_file] for of_file in found]
    assert all(of_file == sorted(of_file) for of_file in in_files)
    assert sum(len({owner for owner, _ in of_file}) for of_file in in_files) == 100
    assert sum(map(len, in_files)) == 1000


def test_without_named_fields_there_is_no_column_for_them(spark: SparkSession) -> None:
    never_written = spark.createDataFrame([], SYSTEM)
    assert timeline_rows(never_written, "shop", SHOP, UNION, ()).columns == list(SYSTEM_COLUMNS)


def test_a_field_that_no_event_has_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"order\.vat"):
        event_fields_type(UNION, {"order.vat"})


def test_an_event_that_lost_its_owner_does_not_stay(spark: SparkSession) -> None:
    changes = spark.createDataFrame(
        [
            ("upsert", 5, "kept"),
            ("upsert", None, "ownerless"),
            ("delete", 5, "deleted"),
            ("delete", None, "never_owned"),
        ],
        "_change string, owner_id bigint, record_id string",
    )
    assert {(row.record_id, row.stays) for row in touched_events(changes, "web").collect()} == {
        ("kept", True), ("ownerless", False), ("deleted", False), ("never_owned", False)
    }  # fmt: skip
