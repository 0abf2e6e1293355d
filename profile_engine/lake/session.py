"""The Spark session: made once for a local run, taken as it is where a platform gives one."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from pyspark.sql import SparkSession

from profile_engine.config.engine import EngineConfig


def spark_session(
    engine: EngineConfig, *, settings: Mapping[str, str] | None = None, needs_s3: bool = False
) -> SparkSession:
    """The active session, or a new local one with the jars of `engine`; `settings` win over the engine's."""
    active = SparkSession.getActiveSession()
    if active is not None:
        return active
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master("local[*]").appName("profile-engine")
    packages = ["io.delta:delta-spark_4.1_2.13:4.4.0", "org.apache.sedona:sedona-spark-shaded-4.0_2.13:1.8.0"]
    chosen = {
        "spark.jars.packages": ",".join(packages),
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.sql.session.timeZone": "UTC",
        "spark.databricks.delta.snapshotPartitions": "2",
        **engine.spark.settings,
        **(settings or {}),
    }
    for name, value in chosen.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()
