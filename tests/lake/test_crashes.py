"""Killed at any point and run again, the tables end as if the run had never been killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from profile_engine.config.engine import EngineConfig, LakeConfig
from profile_engine.errors import LakeError
from profile_engine.lake.commits import Commit
from profile_engine.lake.lake import Lake
from profile_engine.lake.runs import Run
from profile_engine.lake.session import spark_session
from profile_engine.lake.settle import unsettled
from tests.lake.clocks import HandClock
from tests.lake.shop import belongs, changes_at, day, links, map_of, quarantined
from tests.support.lakes import lake_at

ROOT = Path(__file__).parents[2]


class Killed(BaseException):
    """Stands for the end of the process: nothing handles it."""


class KillingClock(HandClock):
    """Kills its caller at a chosen look at the clock: a run looks when it publishes and when it records its end."""

    def __init__(self) -> None:
        super().__init__()
        self.looks_left: int | None = None

    def __call__(self) -> datetime:
        if self.looks_left is not None:
            self.looks_left -= 1
            if self.looks_left < 0:
                raise Killed
        return super().__call__()


def steps(spark: SparkSession) -> list[Callable[[Run], object]]:
    """A day's work: a merge into a table that is there, an append to it, two births, and a record of what happened."""
    return [
        lambda run: run.merge("identity_map", belongs(spark, z=1, c=3)),
        lambda run: run.append("identity_change", changes_at(spark, 2, "c"), batch="day 2"),
        lambda run: run.merge("link", links(spark, (1, 2))),
        lambda run: run.append("quarantine", quarantined(spark, "bad"), batch="b1"),
        lambda run: run.stage_done("profiles", ["identity_map"], "c1"),
    ]


def first_day(spark: SparkSession, lake: Lake) -> None:
    with lake.run("identity", day(1)) as run:
        run.merge("identity_map", belongs(spark, a=1, b=2))
        run.append("identity_change", changes_at(spark, 1, "a", "b"))
        run.stage_done("profiles", ["identity_map"], "c1")


def rows_of(lake: Lake) -> tuple[dict[int, str], list[str], int, int]:
    """What the tables hold: the map, the profiles of identity_change, the numbers of links and of quarantined records."""
    minted = sorted(row.profile_id for row in lake.read("identity_change").collect())
    return map_of(lake), minted, lake.read("link").count(), lake.read("quarantine").count()


BEFORE = ({1: "a", 2: "b"}, ["a", "b"], 0, 1)  # what happened stays in quarantine, and only there
AFTER = ({1: "z", 2: "b", 3: "c"}, ["a", "b", "c"], 1, 1)


_VICTIM = """
    import os, signal, sys
    from pathlib import Path
    from tests.lake.test_crashes import day, first_day, lake_at, session_of_its_own, steps
    spark = session_of_its_own(sys.argv[1])
    lake = lake_at(spark, Path(sys.argv[1]))
    first_day(spark, lake)
    with lake.run("identity", day(2)) as run:
        for step in steps(spark)[:4]:
            step(run)
        os.kill(os.getpid(), signal.SIGKILL)
"""


def session_of_its_own(scratch: str) -> SparkSession:
    from tests.support.session import TEST_SETTINGS

    settings = {**TEST_SETTINGS, "spark.sql.warehouse.dir": f"{scratch}/warehouse"}
    return spark_session(EngineConfig(lake=LakeConfig(path=f"{scratch}/lake")), settings=settings)


def test_killed_between_writes_and_between_release_and_record(spark: SparkSession, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYSPARK_GATEWAY")}
    victim = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(_VICTIM), str(tmp_path)],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert victim.returncode == -signal.SIGKILL, victim.stderr[-2000:]
    clock = KillingClock()
    lake = lake_at(spark, tmp_path, clock=clock)
    assert rows_of(lake) == BEFORE

    # the next starts at once, as the process that held the lease is gone; it undoes what that left, works, and dies
    # after its release, before its record
    with pytest.raises(Killed), lake.run("identity", day(2)) as run:
        assert (map_of(run), run.exists("link")) == ({1: "a", 2: "b"}, False)
        assert run.inputs_of("profiles") == {"identity_map": run.version("identity_map")}  # undone is as never written
        for step in steps(spark):
            step(run)
        clock.looks_left = 2  # the time of the release and of the lease; the third look would be for the record
    clock.looks_left = None
    clock.forward(minutes=16)
    assert rows_of(lake) == AFTER

    with lake.run("identity", day(2)) as run:  # and the one after has nothing left to do
        for step in steps(spark)[:3:2]:
            step(run)
        run.stage_done("profiles", ["identity_map"], "c1")
    assert [commit.table for commit in run.commits] == ["run", "run"]
    ends = lake.read("run").where("ended_at is not null").select("fence", "status").collect()
    assert sorted(tuple(end) for end in ends) == [(1, "published"), (2, "dead"), (3, "published"), (4, "unchanged")]


def test_a_commit_of_others_is_not_undone_with_a_dead_run(spark: SparkSession, tmp_path: Path) -> None:
    clock = HandClock()
    lake = lake_at(spark, tmp_path, clock=clock)
    first_day(spark, lake)
    lake.stored("identity_map").append(belongs(spark, stranger=9), {})
    with lake.run("identity", day(2)) as run:  # theirs alone is left as it is, and not part of the release
        assert map_of(run) == {1: "a", 2: "b"}
        run.append("identity_change", changes_at(spark, 2, "c"))
    dead = lake.open_run("identity", day(2))
    dead.merge("identity_map", belongs(spark, z=1))
    dead.lease.stop_renewing()
    clock.forward(minutes=16)
    for _ in range(2):  # it is found again by whoever comes next
        with pytest.raises(
            LakeError, match=r"table identity_map has commits of a dead run and of others \(versions \[1\]\)"
        ):
            lake.open_run("identity", day(3))
    assert lake.read("identity_change").count() == 3


def test_what_is_left_to_undo_begins_after_the_last_undoing() -> None:
    def commit(version: int, restores: int | None = None) -> Commit:
        return Commit("link", version, day(1), "WRITE", 1, "r", version, restores)

    assert unsettled([], 3) == []
    assert unsettled([commit(4), commit(5)], 3) == [commit(4), commit(5)]
    assert unsettled([commit(4), commit(5, restores=3), commit(6)], 3) == [commit(6)]
    assert unsettled([commit(4), commit(5, restores=2)], 3) == [commit(4), commit(5, restores=2)]
