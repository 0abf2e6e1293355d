"""The session: the one that is there is taken, spark-submit's words hold, what is missing is said."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from profile_engine.config.engine import EngineConfig, LakeConfig
from profile_engine.lake.jars import resolve_jars, spark_home
from profile_engine.lake.session import spark_session, wheels_on_executors

ROOT = Path(__file__).parents[2]
ENGINE = EngineConfig(lake=LakeConfig(path="lake"))

_APPLICATION = """
from profile_engine.config.engine import EngineConfig, LakeConfig, SparkConfig
from profile_engine.errors import PlatformError
from profile_engine.lake.session import spark_session

settings = {"spark.sql.shuffle.partitions": "7", "spark.master": "local[9]", "spark.sql.session.timeZone": "UTC"}
try:
    spark = spark_session(EngineConfig(lake=LakeConfig(path="lake"), spark=SparkConfig(settings=settings)))
except PlatformError as error:
    print("refused:", error)
else:
    names = ("spark.master", "spark.sql.shuffle.partitions", "spark.sql.ansi.enabled", "spark.sql.extensions", "spark.app.name")
    print("settings:", *(spark.conf.get(name) for name in names), spark.sparkContext.master)
    spark.stop()
"""


def test_a_session_that_is_there_is_taken_and_told_what_results_depend_on(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", "/nowhere")  # nothing is started, so nothing is looked for
    spark.conf.set("spark.sql.session.timeZone", "Europe/Amsterdam")
    spark.conf.set("spark.sql.ansi.enabled", "false")
    assert spark_session(ENGINE, settings={"spark.sql.shuffle.partitions": "77"}) is spark
    assert spark.conf.get("spark.sql.session.timeZone") == "UTC"
    assert spark.conf.get("spark.sql.ansi.enabled") == "true"
    assert spark.conf.get("spark.sql.shuffle.partitions") != "77"


def submitted(tmp_path: Path, *options: str) -> str:
    application = tmp_path / "application.py"
    application.write_text(_APPLICATION)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYSPARK_GATEWAY", "SPARK_"))}
    done = subprocess.run(
        [str(spark_home() / "bin" / "spark-submit"), *options, str(application)],
        env={**kept, "PYTHONPATH": str(ROOT), "PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    lines = [line for line in done.stdout.splitlines() if line.startswith(("settings:", "refused:"))]
    assert lines, done.stderr[-2000:]
    return lines[0]


def test_under_spark_submit_its_master_settings_and_jars_hold(tmp_path: Path) -> None:
    jars = ",".join(str(file) for file in resolve_jars(ENGINE).files)
    given = ("--master", "local[1]", "--conf", "spark.ui.enabled=false", "--conf", "spark.sql.ansi.enabled=true")
    words = submitted(tmp_path, *given, "--conf", "spark.sql.shuffle.partitions=3", "--name", "nightly", "--jars", jars)
    assert words == "settings: local[1] 3 true io.delta.sql.DeltaSparkSessionExtension nightly local[1]"
    assert "add --packages io.delta:delta-spark" in submitted(tmp_path, *given)


def test_wheels_given_to_spark_submit_are_on_the_path_of_executors():
    assert wheels_on_executors("") == wheels_on_executors("s3://jobs/rules.zip") == {}
    assert wheels_on_executors("/tmp/a-1.whl,x.zip,s3://jobs/b-2.whl") == {
        "spark.executorEnv.PYTHONPATH": "a-1.whl:b-2.whl"
    }
