"""Components by GraphFrames: rounds of joins over the whole cluster, for graphs that outgrow one task."""

from __future__ import annotations

import inspect
import logging
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.storagelevel import StorageLevel

from profile_engine.errors import PlatformError

log = logging.getLogger(__name__)

_ALL_BROADCAST = 2147483647
"""The 0.9 jar refuses -1 (no broadcast of hubs); this threshold never collects them either and took 45 s where the default
took 65 s (1,039,287 ids, 825,743 links, two cores)."""
_MOST_ROUNDS = 100
"""Of algorithms that count rounds; two_phase ends by itself, in about log2 of the longest path."""
_HOW_TO_GET_IT = (
    "install the wrapper with `pip install 'profile-engine[spark]'` and list a jar under spark.packages.graphframes in "
    "conf/engine.yaml (io.graphframes:graphframes-spark4_2.13:0.12.3, or "
    "org.apache.sedona:sedona-spark-shaded-4.0_2.13:1.8.0 which carries GraphFrames 0.9), or set identity: {solver: one_task}"
)
_trusted: set[str] = set()


def components(links: DataFrame, identifiers: DataFrame | None = None) -> DataFrame:
    """The components of `links`, as `profile_engine.identity.components` promises; runs at once, the answer is on disk.

    Raises PlatformError where wrapper, jar or checkpoint folder is missing, or the pair does not solve a known graph.
    """
    _trust(links.sparkSession)
    return _solved(links, identifiers)


def _solved(links: DataFrame, identifiers: DataFrame | None) -> DataFrame:
    distinct_links = links.select("left_id", "right_id").filter("left_id <> right_id").distinct()
    # cut from their plan: an input that is computed twice in different order has given wrong components
    # (graphframes #159, #428, #453)
    edges = distinct_links.select(F.col("left_id").alias("src"), F.col("right_id").alias("dst")).localCheckpoint()
    ends = links.select(F.explode(F.array("left_id", "right_id")).alias("id"))
    if identifiers is not None:
        ends = ends.unionByName(identifiers.select(F.col("identifier_id").alias("id")))
    # the ids of the links are vertices too: an edge to a missing one would be dropped without a word
    vertices = ends.distinct().localCheckpoint()
    if edges.isEmpty():
        return vertices.select(F.col("id").alias("identifier_id"), F.col("id").alias("component"))
    found = _connected_components(vertices, edges)
    # GraphFrames names a component by its smallest id for whole numbers; we do not rest on that
    smallest = found.groupBy("component").agg(F.min("id").alias("smallest"))
    solved = (
        found.join(smallest, "component", how="inner")
        .select(F.col("id").alias("identifier_id"), F.col("smallest").alias("component"))
        .localCheckpoint()
    )
    found.unpersist()
    return solved


def _connected_components(vertices: DataFrame, edges: DataFrame) -> DataFrame:
    from graphframes import GraphFrame

    graph = GraphFrame(vertices, edges)
    log.info("solver=graphframes class=%s jar=%s", *_origin(graph))
    known = inspect.signature(graph.connectedComponents).parameters
    # wrapper 0.9 knows the first three; later ones pass every setter on, so that conf is ignored and all is said here
    wished: dict[str, Any] = {
        "algorithm": "graphframes",
        "checkpointInterval": 2,
        "broadcastThreshold": _ALL_BROADCAST,
        "use_local_checkpoints": False,
        "max_iter": _MOST_ROUNDS,
        "storage_level": StorageLevel.MEMORY_AND_DISK,
    }
    answer: DataFrame = graph.connectedComponents(**{name: value for name, value in wished.items() if name in known})
    return answer


def _origin(graph: Any) -> tuple[str, str]:
    """The JVM class that really runs, and the jar that it came from."""
    behind = getattr(graph._impl, "_jvm_graph", None)
    if behind is None:
        return "org.graphframes.GraphFrame (over Spark Connect)", "of the server"
    source = behind.getClass().getProtectionDomain().getCodeSource()
    jar = str(source.getLocation().getPath()).rpartition("/")[2] if source is not None else "unknown"
    return str(behind.getClass().getName()), jar


def _trust(spark: SparkSession) -> None:
    """Once a session: the pair of wrapper and jar solves a known small graph."""
    session = str(id(spark))
    if session in _trusted:
        return
    if spark.conf.get("spark.checkpoint.dir", None) is None:
        raise PlatformError(
            "GraphFrames cuts its growing plan by checkpoints, and the session has no folder for them; set "
            "spark.checkpoint.dir under spark.settings in conf/engine.yaml to a folder that all executors can reach"
        )
    # a chain, a pair against the order of its ids, an island: {1,2,3}, {-9,7}, {5}
    links = spark.createDataFrame([(1, 2), (2, 3), (7, -9)], "left_id bigint, right_id bigint")
    identifiers = spark.createDataFrame([(5,), (1,)], "identifier_id bigint")
    try:
        answer = {(row.identifier_id, row.component) for row in _solved(links, identifiers).collect()}
    except ImportError as error:
        raise PlatformError(f"the Python package graphframes-py is missing; {_HOW_TO_GET_IT}") from error
    except Exception as error:
        if "ClassNotFound" in str(error) or "NoClassDefFound" in str(error) or "JavaPackage" in str(error):
            raise PlatformError(f"GraphFrames is not on the class path of Spark; {_HOW_TO_GET_IT}") from error
        raise PlatformError(
            f"this pair of GraphFrames wrapper and jar failed on a graph of six identifiers "
            f"({type(error).__name__}); {_HOW_TO_GET_IT}"
        ) from error
    if answer != {(1, 1), (2, 1), (3, 1), (7, -9), (-9, -9), (5, 5)}:
        raise PlatformError(
            f"this pair of GraphFrames wrapper and jar gave a wrong answer to a known graph; {_HOW_TO_GET_IT}"
        )
    _trusted.add(session)
