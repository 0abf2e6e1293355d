"""The rows of the table `run`: one when a run opens, one when it ends; the latest a run and fence holds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pyspark.sql import DataFrame, SparkSession

from profile_engine.errors import ProfileEngineError
from profile_engine.lake.tables import TABLES


@dataclass(frozen=True, slots=True)
class RunRecord:
    """`status` is running, published, unchanged (nothing moved, no release), refused, failed or dead."""

    run_id: str
    job: str
    as_of: datetime
    status: str
    started_at: datetime
    ended_at: datetime | None
    fence: int
    release_id: int | None = None
    figures: Mapping[str, object] | None = None
    error: str | None = None


def run_rows(spark: SparkSession, records: Sequence[RunRecord]) -> DataFrame:
    return spark.createDataFrame(
        [
            (
                record.run_id,
                record.job,
                record.as_of,
                record.status,
                record.started_at,
                record.ended_at,
                record.fence,
                record.release_id,
                None if record.figures is None else json.dumps(record.figures, sort_keys=True),
                record.error,
            )
            for record in records
        ],
        TABLES["run"].columns,
    ).coalesce(1)


def error_in_words(error: BaseException) -> str:
    """An error as it may be kept: messages of others can hold a person's value, ours never do."""
    return str(error) if isinstance(error, ProfileEngineError) else type(error).__name__
