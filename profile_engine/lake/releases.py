"""Releases: sets of table versions that belong together, each published in one commit of the table `release`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from profile_engine.errors import LakeError
from profile_engine.lake.tables import TABLES

LAKE_FORMAT = 1
"""The arrangement of tables and files that this engine writes; raised together with a step in `migrations/`."""


@dataclass(frozen=True)
class Release:
    """`tables` are versions by name; `inputs` the versions that each stage read when it last ran; `configurations` the
    hash it ran with; `stage_times` the as_of of stages whose result depends on time alone."""

    release_id: int
    run_id: str
    as_of: datetime
    tables: Mapping[str, int]
    inputs: Mapping[str, Mapping[str, int]]
    configurations: Mapping[str, str]
    stage_times: Mapping[str, datetime]
    published_at: datetime
    lake_format: int = LAKE_FORMAT


def newest_release(releases: DataFrame) -> Release | None:
    """The release with the highest number. One small job."""
    rows = releases.orderBy(F.col("release_id").desc()).limit(1).collect()
    return _release(rows[0]) if rows else None


def releases_since(releases: DataFrame, moment: datetime) -> list[Release]:
    """Releases published at or after a moment, oldest first."""
    rows = releases.where(F.col("published_at") >= F.lit(moment)).orderBy("release_id").collect()
    return [_release(row) for row in rows]


def release_row(spark: SparkSession, release: Release) -> DataFrame:
    """A release as the one row that publishes it."""
    return spark.createDataFrame(
        [
            (
                release.release_id,
                release.run_id,
                release.as_of,
                dict(release.tables),
                {stage: dict(versions) for stage, versions in release.inputs.items()},
                dict(release.configurations),
                dict(release.stage_times),
                release.published_at,
                release.lake_format,
            )
        ],
        TABLES["release"].columns,
    )


def refuse_newer_format(release: Release | None, lake: str) -> None:
    """Raises LakeError for a lake that a newer engine has written."""
    if release is not None and release.lake_format > LAKE_FORMAT:
        raise LakeError(
            f"the lake at {lake} has format {release.lake_format}, this engine knows formats up to {LAKE_FORMAT}; "
            "install the version of the engine that wrote it, or a newer one"
        )


def _release(row: Row) -> Release:
    return Release(
        release_id=row["release_id"],
        run_id=row["run_id"],
        as_of=in_utc(row["as_of"]),
        tables=dict(row["tables"]),
        inputs={stage: dict(versions) for stage, versions in row["inputs"].items()},
        configurations=dict(row["configurations"]),
        stage_times={stage: in_utc(moment) for stage, moment in row["stage_times"].items()},
        published_at=in_utc(row["published_at"]),
        lake_format=row["lake_format"],
    )


def in_utc(moment: datetime) -> datetime:
    """A timestamp that Spark collected (without a zone, in this process's local time) as an aware one in UTC."""
    return moment.astimezone(UTC)
