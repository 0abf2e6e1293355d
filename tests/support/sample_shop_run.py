"""The shipped project on the sample shop, run once for all tests of a session that only look at it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from profile_engine.workspace import Workspace, open_workspace
from profile_engine.workspace.road import RunResult

ROOT = Path(__file__).parents[2]
AS_OF = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True)
class ShopRun:
    """A copy of the project with its lake and exports, and what its first run said."""

    project: Path
    workspace: Workspace
    result: RunResult


_made: list[ShopRun] = []


def shop_run(spark: SparkSession, folders: pytest.TempPathFactory) -> ShopRun:
    """The first run of the shop, made by whoever asks first; all share it, so that nobody may change its tables."""
    if not _made:
        project = copied_project(folders.mktemp("shop"))
        workspace = open_workspace(project, spark=spark)
        _made.append(ShopRun(project, workspace, workspace.run(AS_OF)))
    return _made[0]


def copied_project(folder: Path) -> Path:
    """The shipped configuration, segments and sample data in a folder of their own."""
    for part in ("conf", "segments", "sample_data"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    return folder
