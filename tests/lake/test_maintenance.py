"""Maintenance: fewer files, no lost release, nothing that moves a stage."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from profile_engine.config.engine import LakeConfig
from profile_engine.config.units import Span
from profile_engine.lake.maintenance import MANY_FILES, maintain_lake
from profile_engine.lake.versions import VersionGone
from tests.lake.shop import belongs, day, links, map_of
from tests.support.lakes import lake_at

KEEP_SECONDS = 8


def test_every_kept_release_is_readable_after_maintenance(spark: SparkSession, tmp_path: Path) -> None:
    config = LakeConfig(path=str(tmp_path / "lake"), keep_releases=Span(KEEP_SECONDS, "second"))
    lake = lake_at(spark, tmp_path, lake=config)
    maps = {}
    with lake.run("identity", day(1)) as run:
        run.merge("identity_map", belongs(spark, a=1))
        run.merge("link", links(spark, (1, 2)))  # never changed after: old by commit time, and still in force
        run.stage_done("profiles", ["identity_map", "link"], "c1")
    maps[1] = map_of(lake)
    with lake.run("identity", day(2)) as run:
        run.merge("identity_map", belongs(spark, b=1))
        many = belongs(spark, **{f"p{number}": 10 + number for number in range(40)})
        run.append("identity_map", many.repartition(2 * MANY_FILES, "identifier_id"))
        run.stage_done("profiles", ["identity_map", "link"], "c1")
    maps[2] = map_of(lake)
    spark.sql(f"OPTIMIZE {lake.stored('link').place.sql_name}").collect()
    lake.stored("sighting").create(lake.read("sighting"), (), {})  # what an undone run could not remove
    time.sleep(KEEP_SECONDS + 1)
    with lake.run("identity", day(3)) as run:
        run.merge("identity_map", belongs(spark, c=1))
        run.stage_done("profiles", ["identity_map", "link"], "c1")
    maps[3] = map_of(lake)

    files = len(lake.read("identity_map").inputFiles())
    done = {maintenance.table: maintenance for maintenance in maintain_lake(lake, day(3))}
    assert {name for name, maintenance in done.items() if maintenance.compacted} == {"identity_map"}
    assert done["sighting"].dropped
    assert all(maintenance.vacuumed for name, maintenance in done.items() if name != "sighting")
    assert len(lake.read("identity_map").inputFiles()) == 1 < files
    maps[4] = map_of(lake)

    kept = lake.kept_releases()
    assert 4 in {release.release_id for release in kept}
    assert maps[4] == maps[3]
    for release in kept:
        version = release.tables["identity_map"]
        assert {row[0]: row[1] for row in lake.read("identity_map", version).collect()} == maps[release.release_id]
    assert lake.read("link").count() == 1
    with pytest.raises(VersionGone):
        lake.read("identity_map", 0)
    with lake.run("identity", day(3)) as run:  # compacted is not moved
        assert run.why_run("profiles", ["identity_map", "link"], "c1") is None
        nothing = run.changes("identity_map", "profiles")
        assert nothing is not None
        assert nothing.collect() == []

    with lake.run("identity", day(3)) as run:
        run.append("link", links(spark, (3, 4)))
    lake.stored("link").append(links(spark, (5, 6)), {})  # somebody writes past the engine
    left = {maintenance.table: maintenance.left for maintenance in maintain_lake(lake, day(3))}
    assert left["link"] is not None
    assert "commits of others above the last release" in left["link"]
    assert left["identity_map"] is None
