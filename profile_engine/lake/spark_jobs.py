"""What Spark is doing now: a name for its jobs, and how many of their tasks are done.

With `session.py` the only file that touches the Spark context; under Spark Connect, which has none, jobs go unnamed.
"""

from __future__ import annotations

from pyspark.sql import SparkSession


def name_jobs(spark: SparkSession, step: str) -> None:
    """Names the jobs that follow by their business step, in Spark's own pages too."""
    try:
        spark.sparkContext.setJobDescription(step)
    except Exception:  # Spark Connect: PySparkAttributeError, or no context on a serverless platform
        return


def tasks_under_way(spark: SparkSession) -> tuple[int, int]:
    """(done, all) tasks of the stages that run at this moment; (0, 0) when nothing runs or nobody can tell."""
    try:
        tracker = spark.sparkContext.statusTracker()
        stages = [tracker.getStageInfo(number) for number in tracker.getActiveStageIds()]
    except Exception:
        return 0, 0
    known = [stage for stage in stages if stage is not None]
    return sum(stage.numCompletedTasks for stage in known), sum(stage.numTasks for stage in known)
