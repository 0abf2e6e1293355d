"""Lakes for tests: a new one in a folder, with any of the engine's settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from profile_engine.config.engine import EngineConfig, LakeConfig
from profile_engine.lake.lake import Lake, open_lake, utc_now


def lake_at(
    spark: SparkSession, path: Path, /, *, clock: Callable[[], datetime] = utc_now, **engine_options: Any
) -> Lake:
    """The lake in `<path>/lake` (made by its first run); `engine_options` are fields of EngineConfig."""
    engine_options.setdefault("lake", LakeConfig(path=str(path / "lake")))
    return open_lake(spark, EngineConfig(**engine_options), path, clock=clock)
