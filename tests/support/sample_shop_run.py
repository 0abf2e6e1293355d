"""The shipped project on the sample shop, run once for all tests, of all workers, that only look at it."""

from __future__ import annotations

import os
import pickle
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from filelock import FileLock
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


def shop_run(spark: SparkSession, folders: pytest.TempPathFactory) -> ShopRun:
    """The first run of the shop, made by whoever asks first; all share it, so that nobody may change its tables."""
    base = folders.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base  # of all workers
    project, outcome = base / "shared_shop", base / "shared_shop.result"
    with FileLock(base / "shared_shop.lock"):
        if not outcome.exists():
            copied_project(project)
            outcome.write_bytes(pickle.dumps(open_workspace(project, spark=spark).run(AS_OF)))
    return ShopRun(project, open_workspace(project, spark=spark), pickle.loads(outcome.read_bytes()))


def copied_project(folder: Path) -> Path:
    """The shipped configuration, segments and sample data in a folder of their own."""
    for part in ("conf", "segments", "sample_data"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    return folder
