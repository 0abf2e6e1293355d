"""Destinations side by side, so that a slow one stalls no other and small ones share the time that Spark takes to plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from pyspark import inheritable_thread_target
from pyspark.sql import SparkSession

AT_ONCE = 4
Item = TypeVar("Item")
Result = TypeVar("Result")


def side_by_side(spark: SparkSession, work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """`work` on each item, results in the order of the items; Spark's jobs keep the caller's name.

    What the first failing item raises is raised, after all others have ended.
    """
    if len(items) < 2:
        return [work(item) for item in items]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        waiting = [threads.submit(inheritable_thread_target(spark)(work), item) for item in items]
    return [result.result() for result in waiting]
