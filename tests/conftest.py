"""The one Spark session of a test run, started only when a test asks for it."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import pytest
from hypothesis import settings
from pyspark.sql import SparkSession

from profile_engine.config.engine import EngineConfig, LakeConfig
from tests.support.servers import AWS_FOR_TESTS
from tests.support.session import TEST_SETTINGS

_LONG_FIRST = {"journeys": 0, "segments": 1, "identity": 2}
"""Rooms with files of minutes: what comes last should be short, so that no core waits for the other."""

# a test never fails for being slow: a loaded machine is no wrong answer
settings.register_profile("engine", deadline=None)
settings.load_profile("engine")


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """A local session on two cores with Delta, GraphFrames and S3; stopped at the end of the run."""
    from profile_engine.lake.session import spark_session

    for name, value in AWS_FOR_TESTS.items():
        os.environ.setdefault(name, value)  # before the JVM starts: s3a reads its own copy of the environment
    scratch = tmp_path_factory.mktemp("spark")
    settings = {
        **TEST_SETTINGS,
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        "spark.checkpoint.dir": str(scratch / "checkpoints"),
    }
    session = spark_session(EngineConfig(lake=LakeConfig(path=str(scratch / "lake"))), settings=settings, needs_s3=True)
    yield session
    session.stop()


@pytest.fixture
def adaptive_plans(spark: SparkSession) -> Iterator[None]:
    """Plans are planned again after each shuffle while a test runs, as they are for users (tests/support/session.py)."""
    spark.conf.set("spark.sql.adaptive.enabled", "true")
    yield
    spark.conf.set("spark.sql.adaptive.enabled", "false")


@pytest.fixture(autouse=True)
def _log_is_heard() -> None:
    """A command called earlier in this process keeps the engine's log to itself, where `caplog` would not see it."""
    logging.getLogger("profile_engine").propagate = True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "spark" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.spark)
    items.sort(key=lambda item: _LONG_FIRST.get(item.path.parent.name, len(_LONG_FIRST)))
