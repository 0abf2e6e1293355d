"""The benchmark on a tiny population: the whole road ends in the truth, and a table is printed."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from benchmarks.end_to_end import FIRST, NOTHING_NEW, medians, run_once, table
from benchmarks.generated_project import generate_project
from benchmarks.machine import machine


@pytest.mark.journey
def test_a_tiny_population_ends_in_its_truth(spark: SparkSession, tmp_path: Path) -> None:
    truth = generate_project(tmp_path, people=300, events=4_000, seed=7, sweep=3, files=2)
    seconds, commits, missed = run_once(tmp_path, tmp_path / "lake", truth)
    assert missed == []
    assert commits[NOTHING_NEW] <= 3
    shown = table(medians([seconds]), commits, truth, repeat=1)
    assert f"{truth.profiles:,} profiles" in shown
    assert all(f"| {stage} |" in shown for stage in (*seconds[FIRST], "commits"))
    assert "pyspark" in machine(spark)


def test_the_median_of_each_stage_is_taken_for_itself() -> None:
    runs = [{FIRST: {"datasets": time, "all": 10 - time}} for time in (1.0, 5.0, 2.0)]
    assert medians(runs) == {FIRST: {"datasets": 2.0, "all": 8.0}}
