"""Tables by name in a catalog, with lease and key in a folder of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from profile_engine.config.engine import LakeConfig
from profile_engine.lake.merging import MergeCounts
from tests.lake.clocks import HandClock
from tests.lake.shop import belongs, changes_at, day, links, map_of
from tests.support.lakes import lake_at


@pytest.fixture
def schema(spark: SparkSession) -> Iterator[str]:
    spark.sql("CREATE SCHEMA IF NOT EXISTS lake_in_a_catalog")
    yield "lake_in_a_catalog"
    spark.sql("DROP SCHEMA lake_in_a_catalog CASCADE")


def test_a_lake_in_a_catalog(spark: SparkSession, tmp_path: Path, schema: str) -> None:
    config = LakeConfig.model_validate(
        {"catalog": "spark_catalog", "schema": schema, "control": str(tmp_path / "control")}
    )
    clock = HandClock()
    lake = lake_at(spark, tmp_path, clock=clock, lake=config)
    assert lake.location == "spark_catalog.lake_in_a_catalog"
    assert not lake.exists("identity_map")
    with lake.run("identity", day(1)) as run:
        assert run.merge("identity_map", belongs(spark, a=1, b=2)) == MergeCounts(inserted=2)
        assert run.append("identity_change", changes_at(spark, 1, "a")) == 1
        run.merge("link", links(spark))
        run.stage_done("profiles", ["identity_map"], "c1")
    assert [commit.table for commit in run.commits] == ["run", "identity_map", "identity_change", "release", "run"]
    assert not spark.catalog.tableExists(f"spark_catalog.{schema}.link")
    assert map_of(lake) == {1: "a", 2: "b"}

    dead = lake.open_run("identity", day(2))
    dead.merge("identity_map", belongs(spark, z=1))
    dead.merge("link", links(spark, (1, 2)))
    dead.lease.stop_renewing()
    clock.forward(minutes=16)
    assert (map_of(lake), lake.exists("link")) == ({1: "a", 2: "b"}, False)
    with lake.run("identity", day(2)) as run:
        assert run.why_run("profiles", ["identity_map"], "c1") is None
        assert not spark.catalog.tableExists(f"spark_catalog.{schema}.link")
        assert run.merge("identity_map", belongs(spark, b=2, c=3)) == MergeCounts(inserted=1)
        changed = run.changes("identity_map", "profiles")
        assert changed is not None
        assert [tuple(row) for row in changed.collect()] == [(3, "c", "upsert")]
        assert run.replace("identity_change", changes_at(spark, 2, "x"), where="profile_id = 'x'") == 1
    assert map_of(lake) == {1: "a", 2: "b", 3: "c"}
    assert [path.name for path in (tmp_path / "control").iterdir()] == ["lease"]
    assert len(lake.identifier_key()) == 32
