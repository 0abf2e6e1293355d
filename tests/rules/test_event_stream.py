"""Which events are handed to the rules: those of a window, to the microsecond, however long ago it begins."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from profile_engine.rules.event_stream import event_rows
from profile_engine.rules.moment import FIRST_TIME, LAST_TIME, instant
from profile_engine.rules.program import Program
from tests.support.rule_people import at, parsed

pytestmark = pytest.mark.spark


@pytest.mark.parametrize(
    ("window", "as_of", "first"),
    [
        ("within_last: 1000 years", "2026-05-31T12:00:00Z", instant(at("1026-05-31T12:00:00Z")) + 1),
        ("between: [0001-01-01, 9999-12-31]", "9999-12-31T23:59:59.999999Z", FIRST_TIME),
    ],
)
def test_events_of_a_long_window_are_handed_over(spark: SparkSession, window: str, as_of: str, first: int):
    # given
    moments = [time for time in (FIRST_TIME, first - 1, first, instant(at(as_of)), LAST_TIME) if time >= FIRST_TIME]
    timeline = spark.createDataFrame([("o", "order", time) for time in moments], "owner_id string, event_type string, micros bigint")  # fmt: skip
    timeline = timeline.withColumn("occurred_at", F.timestamp_micros("micros"))
    program = Program.of({"s": parsed(f"{{did: {{event: order, {window}}}}}")}, "UTC")
    # when
    rows = event_rows(timeline, program, at(as_of)).select(F.unix_micros("occurred_at").alias("micros")).collect()
    ahead = event_rows(timeline, program, at(as_of), looking_ahead=True)
    # then
    assert [row.micros for row in rows] == [time for time in moments if first <= time <= instant(at(as_of))]
    assert ahead.count() >= len(rows)
