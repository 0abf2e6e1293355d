"""The Spark session: made once for a local run, taken as it is where a platform gives one."""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from profile_engine.config.engine import EngineConfig
from profile_engine.errors import PlatformError
from profile_engine.lake.control import endpoint_of_the_environment
from profile_engine.lake.java import require_java

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_log = logging.getLogger(__name__)

MEANING = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    # the other kind, 96 bits, is Spark's own and out of use elsewhere: it has no bounds to skip by, and takes twice as long
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
}
"""What results depend on: set in every session, also in one that a platform gives."""

DELTA = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
}
"""Only where the jar is: with these and no jar every catalog call fails."""

PACE = {
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "10000",  # 50000 cost 14 % more CPU at 2 million rows
    # below the largest, Spark measures the batch after each row: with lists or many columns most of the time goes there
    "spark.sql.execution.arrow.maxBytesPerBatch": "2147483647",
    # the JVM never compiles a method of more bytes, and interpreted it costs three times as much; above it Spark makes many
    "spark.sql.codegen.hugeMethodLimit": "8000",
    # up to so many folders of a partitioned table are written side by side, in place of sorting all rows by folder first
    "spark.sql.maxConcurrentOutputFileWriters": "16",
    "spark.sql.adaptive.coalescePartitions.parallelismFirst": "false",
    "spark.databricks.delta.snapshotPartitions": "2",  # of 50: a table's log is small, and every read of it is a job
}


def spark_session(
    engine: EngineConfig, *, settings: Mapping[str, str] | None = None, needs_s3: bool = False
) -> SparkSession:
    """The session to work in; `settings` win over the engine's, which win over the defaults here.

    A session that is there already (Databricks, a notebook, an earlier call) is taken as it is. Under spark-submit the
    master, the jars and every setting given there hold. Otherwise a local session is made (or one on SPARK_MASTER), with
    jars resolved once. Nothing here ever stops a session. Raises PlatformError when PySpark, Java or a jar is missing.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise PlatformError(
            "PySpark is not installed in this Python; install the engine with its extra: pip install 'profile-engine[spark]'"
        ) from None
    active = SparkSession.getActiveSession()
    if active is None and "DATABRICKS_RUNTIME_VERSION" in os.environ:
        active = SparkSession.builder.getOrCreate()
    if active is not None:
        _agree_on_meaning(active)
        return active
    wanted = {**MEANING, **PACE, **engine.spark.settings, **(settings or {})}
    if "PYSPARK_GATEWAY_PORT" in os.environ:
        wanted = _under_spark_submit(wanted, needs_s3)
    else:
        wanted = _of_our_own(engine, wanted, needs_s3)
    builder = SparkSession.builder
    for name, value in wanted.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def shuffle_partitions(session: SparkSession) -> int:
    """Into how many parts the session shuffles; Spark's own number where it was not told."""
    return int(session.conf.get("spark.sql.shuffle.partitions") or "200")


def _agree_on_meaning(session: SparkSession) -> None:
    for name, value in MEANING.items():
        if session.conf.get(name, None) != value:
            _log.info(
                "setting=%s was=%s set_to=%s reason='results depend on it'", name, session.conf.get(name, None), value
            )
            session.conf.set(name, value)


def _of_our_own(engine: EngineConfig, wanted: Mapping[str, str], needs_s3: bool) -> dict[str, str]:
    """Settings of a session that this process starts: defaults for one machine, and the resolved jars."""
    from profile_engine.lake.jars import resolve_jars

    require_java()
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # else workers run another Python, without our packages
    jars = resolve_jars(engine, needs_s3, settings=wanted)
    _log.info("jars=%r", jars.sentence())
    given = [name for name in wanted.get("spark.jars", "").split(",") if name]
    files = [*given, *(str(file) for file in jars.files)]
    return {
        **_on_one_machine(),
        **(DELTA if "delta" in jars.chosen else {}),
        **(_s3_settings() if needs_s3 else {}),
        **wanted,
        **({"spark.jars": ",".join(files)} if files else {}),
    }


def _on_one_machine() -> dict[str, str]:
    cores = os.cpu_count() or 2
    scratch = Path(tempfile.mkdtemp(prefix="profile-engine-"))
    atexit.register(shutil.rmtree, scratch, ignore_errors=True)
    return {
        "spark.app.name": "profile-engine",
        "spark.checkpoint.dir": str(scratch / "checkpoints"),  # where GraphFrames cuts its growing plan
        "spark.master": os.environ.get("SPARK_MASTER", "local[*]"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        "spark.sql.shuffle.partitions": str(max(2, 2 * cores)),
        "spark.sql.sources.parallelPartitionDiscovery.parallelism": str(max(2, 2 * cores)),
        "spark.driver.memory": f"{_driver_gigabytes()}g",
        "spark.driver.extraJavaOptions": "-XX:ReservedCodeCacheSize=256m",
    }


def _driver_gigabytes() -> int:
    """A third of the machine's memory, between 1 and 6 GB: Python's share of the work needs room as well."""
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return 2
    return max(1, min(6, memory // 3 // 1024**3))


def _s3_settings() -> dict[str, str]:
    """s3:// means what s3a:// does; an endpoint of the environment (as boto3 reads it) holds for Spark too."""
    settings = {"spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem"}
    endpoint = endpoint_of_the_environment()
    if endpoint:
        settings |= {
            "spark.hadoop.fs.s3a.endpoint": endpoint,
            "spark.hadoop.fs.s3a.path.style.access": "true",
            "spark.hadoop.fs.s3a.connection.ssl.enabled": str(endpoint.startswith("https")).lower(),
        }
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if region:
        settings["spark.hadoop.fs.s3a.endpoint.region"] = region
    return settings


def _under_spark_submit(wanted: Mapping[str, str], needs_s3: bool) -> dict[str, str]:
    """Settings that spark-submit did not give; its master and jars hold. The Java process runs already, so jars can't be
    added: raises PlatformError when Delta is not on its class path."""
    from pyspark import SparkConf, SparkContext

    SparkContext._ensure_initialized()
    given = SparkConf()
    if not _is_on_class_path(SparkContext, "io.delta.sql.DeltaSparkSessionExtension"):
        raise PlatformError(
            "Delta is not on the class path of this spark-submit; add --packages io.delta:delta-spark_4.1_2.13:4.4.0 (with "
            "the suffix of your Spark's version), or --jars with the files that python -m profile_engine.lake.jars resolves"
        )
    if needs_s3 and not _is_on_class_path(SparkContext, "org.apache.hadoop.fs.s3a.S3AFileSystem"):
        _log.warning(
            "s3a=not on the class path of this spark-submit; add --packages org.apache.hadoop:hadoop-aws of its Hadoop"
        )
    if "PYSPARK_PYTHON" not in os.environ and given.get("spark.master", "local").startswith("local"):
        os.environ["PYSPARK_PYTHON"] = sys.executable
    settings = {
        **DELTA,
        **(_s3_settings() if needs_s3 else {}),
        **wheels_on_executors(given.get("spark.submit.pyFiles", "") or ""),
        **wanted,
    }
    return {name: value for name, value in settings.items() if name != "spark.master" and not given.contains(name)}


def wheels_on_executors(py_files: str) -> dict[str, str]:
    """Settings with which executors import wheels given as --py-files.

    Spark sends them to every executor's working folder but puts only .zip, .egg and .jar on the workers' path
    (pyspark.SparkContext.PACKAGE_EXTENSIONS), so a wheel would be importable on the driver alone.
    """
    wheels = [file.rsplit("/", 1)[-1] for file in py_files.split(",") if file.endswith(".whl")]
    return {"spark.executorEnv.PYTHONPATH": ":".join(wheels)} if wheels else {}


def _is_on_class_path(context: type, name: str) -> bool:
    from py4j.protocol import Py4JJavaError

    try:
        context._jvm.java.lang.Thread.currentThread().getContextClassLoader().loadClass(name)  # type: ignore[attr-defined]
    except Py4JJavaError:
        return False
    return True
