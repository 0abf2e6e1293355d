"""Literal rows of the lake's tables, for tests: a few identifiers and where they belong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from pyspark.sql import DataFrame, SparkSession

from profile_engine.lake.lake import Lake
from profile_engine.lake.runs import Run
from profile_engine.lake.tables import TABLES


def day(number: int) -> datetime:
    return datetime(2026, 1, number, tzinfo=UTC)


def belongs(spark: SparkSession, **profiles: int) -> DataFrame:
    """Rows of identity_map, written as profile=identifier."""
    rows = [(identifier, profile) for profile, identifier in profiles.items()]
    return spark.createDataFrame(rows, TABLES["identity_map"].columns).coalesce(1)


def links(spark: SparkSession, *pairs: tuple[int, int]) -> DataFrame:
    rows = [(left, right, day(1), ["crm"], "live", None, None) for left, right in pairs]
    return spark.createDataFrame(rows, TABLES["link"].columns).coalesce(1)


def changes_at(spark: SparkSession, number: int, *profiles: str) -> DataFrame:
    """Rows of identity_change: profiles minted on a day."""
    rows = [("minted", profile, number, None, None, 1, 1, day(number), day(number), "r") for profile in profiles]
    return spark.createDataFrame(rows, TABLES["identity_change"].columns).coalesce(1)


def quarantined(spark: SparkSession, *records: str) -> DataFrame:
    rows = [("crm", "daily", "b1", "crm.csv", record, 1, record, [], day(1)) for record in records]
    return spark.createDataFrame(rows, TABLES["quarantine"].columns).coalesce(1)


def map_of(source: Lake | Run) -> dict[int, str]:
    return {row["identifier_id"]: row["profile_id"] for row in source.read("identity_map").collect()}


def written(run: Run) -> list[tuple[str, int]]:
    """The commits of a run but for those of its own record: table and rows."""
    return [(commit.table, commit.rows) for commit in run.commits if commit.table != "run"]


def statuses(lake: Lake) -> Sequence[str]:
    """Of each run in the order of their fences, how it ended."""
    rows = lake.read("run").where("ended_at is not null").orderBy("fence", "ended_at").collect()
    return [row["status"] for row in rows]
