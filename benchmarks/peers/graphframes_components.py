"""Connected components by GraphFrames, as people run it: out of the box on strings, and at its best settings."""

from __future__ import annotations

from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

ALL_BROADCAST = 2147483647
"""GraphFrames 0.9 refuses -1; this threshold also keeps it from collecting hubs."""


def stock(spark: SparkSession, pairs: Path, target: Path) -> None:
    """String ids, default arguments; (id string, component bigint) in Delta."""
    from graphframes import GraphFrame

    links = spark.read.parquet(str(pairs)).select(F.col("account").alias("src"), F.col("device").alias("dst"))
    vertices = links.select(F.explode(F.array("src", "dst")).alias("id")).distinct()
    _written(GraphFrame(vertices, links).connectedComponents(), target)


def at_its_best(spark: SparkSession, pairs: Path, target: Path) -> None:
    """Ids hashed to int64, links distinct and cut from their plan, no broadcast of hubs; (id bigint, component bigint)."""
    from graphframes import GraphFrame

    read = spark.read.parquet(str(pairs))
    links = (
        read.select(F.xxhash64("account").alias("src"), F.xxhash64("device").alias("dst")).distinct().localCheckpoint()
    )
    vertices = links.select(F.explode(F.array("src", "dst")).alias("id")).distinct().localCheckpoint()
    found = GraphFrame(vertices, links).connectedComponents(checkpointInterval=2, broadcastThreshold=ALL_BROADCAST)
    _written(found, target)


def _written(found: DataFrame, target: Path) -> None:
    found.select("id", "component").write.format("delta").mode("overwrite").save(str(target))
    found.unpersist()
