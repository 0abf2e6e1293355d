"""How many Spark jobs a piece of work started: the ids of two probe jobs around it tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pyspark.sql import SparkSession

Result = TypeVar("Result")


def counted_jobs(spark: SparkSession, work: Callable[[], Result]) -> tuple[int, Result]:
    """(jobs started by `work`, its result)."""
    before = _probe(spark, "before")
    result = work()
    return _probe(spark, "after") - before - 1, result


def _probe(spark: SparkSession, name: str) -> int:
    context = spark.sparkContext
    group = f"probe-{name}-{id(object())}"
    context.setJobGroup(group, "probe")
    spark.range(1).collect()
    context.setJobGroup("work", "work")
    return max(context.statusTracker().getJobIdsForGroup(group))
