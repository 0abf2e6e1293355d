"""Which version holds and which event repeats does not depend on how rows are spread or ordered."""

from __future__ import annotations

import random

import pytest
from pyspark.sql import SparkSession

from profile_engine.datasets.versions import first_events, newer_than_stored, newest_versions, unknown_events

COLUMNS = "record_id string, source_time timestamp, __path string, __block bigint, __line bigint, value string"
TIME = "cast(source_time as timestamp)"
ROWS = [
    ("a", "2026-01-02", "f1", 0, 0, "newest by time"),
    ("a", "2026-01-01", "f2", 0, 9, "older in a later file"),
    ("b", "2026-01-01", "f1", 0, 3, "first file"),
    ("b", "2026-01-01", "f2", 0, 1, "later file, earlier block"),
    ("b", "2026-01-01", "f2", 64, 0, "later file, later block"),
    ("c", None, "f9", 0, 0, "no time"),
    ("c", "1970-01-01", "f1", 0, 0, "any time"),
    ("d", None, "f1", 0, 1, "line 1"),
    ("d", None, "f1", 0, 2, "line 2"),
]


@pytest.mark.parametrize("seed", [0, 1])
def test_versions_and_repeats(spark: SparkSession, seed: int) -> None:
    # given the rows in any order and spread
    shuffled = random.Random(seed).sample(ROWS, len(ROWS))
    text = spark.createDataFrame(shuffled, COLUMNS.replace("source_time timestamp", "source_time string"))
    rows = text.selectExpr("record_id", f"{TIME} as source_time", "__path", "__block", "__line", "value").repartition(
        seed * 3 + 1
    )
    # then newest and first are the same
    assert {row.record_id: row.value for row in newest_versions(rows).collect()} == {
        "a": "newest by time", "b": "later file, later block", "c": "any time", "d": "line 2",
    }  # fmt: skip
    assert {row.record_id: row.value for row in first_events(rows).collect()} == {
        "a": "newest by time", "b": "first file", "c": "any time", "d": "line 1",
    }  # fmt: skip


def test_only_newer_versions_and_unknown_events_pass(spark: SparkSession) -> None:
    def timed(rows: list[tuple[str, str | None]]):  # type: ignore[no-untyped-def]
        return spark.createDataFrame(rows, "record_id string, source_time string").selectExpr(
            "record_id", f"{TIME} as source_time"
        )

    stored = timed([("equal", "2026-01-02"), ("older", "2026-01-02"), ("newer", "2026-01-02"), ("timeless", None)])
    new = timed(
        [("equal", "2026-01-02"), ("older", "2026-01-01"), ("newer", "2026-01-03"), ("timeless", "2026-01-01"),
         ("unknown", None)]
    )  # fmt: skip
    assert {row.record_id for row in newer_than_stored(new, stored, "at").collect()} == {"newer", "timeless", "unknown"}
    assert newer_than_stored(new, stored, None).count() == 5
    assert {row.record_id for row in unknown_events(new, stored).collect()} == {"unknown"}
