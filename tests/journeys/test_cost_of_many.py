"""No fixed cost a thing: 300 files, segments and audiences take as many Spark jobs and Delta commits as 10."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from profile_engine.workspace import open_workspace
from profile_engine.workspace.road import RunResult
from tests.support.crowd_project import crowd_project
from tests.support.job_counter import counted_jobs

pytestmark = pytest.mark.journey

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)


def first_run(spark: SparkSession, folder: Path, size: int) -> tuple[int, RunResult]:
    workspace = open_workspace(crowd_project(folder, size), spark=spark)
    return counted_jobs(spark, lambda: workspace.run(AS_OF))


def test_jobs_and_commits_do_not_grow_with_files_segments_and_audiences(spark: SparkSession, tmp_path: Path):
    few_jobs, few = first_run(spark, tmp_path / "few", 10)
    many_jobs, many = first_run(spark, tmp_path / "many", 300)

    assert many.commits == few.commits
    assert many_jobs == few_jobs
    assert len(list((tmp_path / "many" / "exports").rglob("_SUCCESS"))) == 300
    assert many.reports[0].figures["read"] == few.reports[0].figures["read"] == 1200
