"""Runs: published whole or not at all; gates; what is undone and what never is."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from profile_engine.errors import GateRefused, LakeError, LeaseHeld
from profile_engine.lake.gates import Gate
from profile_engine.lake.lake import Lake, open_lake
from profile_engine.lake.migrations import MigrationStep, migration_steps
from profile_engine.lake.releases import LAKE_FORMAT, release_row
from profile_engine.lake.runs import Run
from tests.lake.shop import belongs, changes_at, day, links, map_of, quarantined, statuses, written
from tests.support.lakes import lake_at


def seeded(spark: SparkSession, tmp_path: Path) -> Lake:
    lake = lake_at(spark, tmp_path)
    with lake.run("identity", day(1)) as run:
        run.merge("identity_map", belongs(spark, a=1, b=2))
        run.why_run("segments", ["identity_map"], "c1", follows_time=True)
        run.stage_done("segments", ["identity_map"], "c1")
        run.note_figures("segments", {"members": 2})
    return lake


def test_a_refused_gate_leaves_the_last_release_and_undoes_what_the_run_wrote(
    spark: SparkSession, tmp_path: Path
) -> None:
    lake = seeded(spark, tmp_path)
    with pytest.raises(GateRefused) as refused, lake.run("identity", day(2)) as run:
        run.merge("identity_map", belongs(spark, z=1, c=3))
        run.merge("link", links(spark, (1, 2)))
        run.append("quarantine", quarantined(spark, "bad"))
        run.add_gate(Gate("largest_profile", False, "600 identifiers", "500 identifiers", "--confirm largest_profile"))
        run.add_gate(Gate("fine", True, "1", "2", "--confirm fine"))
    assert (refused.value.gate, refused.value.confirm_with) == ("largest_profile", "--confirm largest_profile")
    assert map_of(lake) == {1: "a", 2: "b"}
    assert not lake.exists("link")
    assert not (tmp_path / "lake" / "link").exists()
    assert lake.read("quarantine").count() == 1  # what really happened stays
    release = lake.current_release()
    assert release is not None
    assert release.release_id == 1

    with lake.run("identity", day(2), confirmed={"largest_profile"}) as run:  # the same, and a person has agreed
        assert run.why_run("segments", ["identity_map"], "c1") is None  # undone, not moved
        assert run.confirmed("largest_profile")
        assert run.why_run("segments", ["identity_map"], "c1", follows_time=True) == "time has moved on"
        assert run.why_run("segments", ["identity_map"], "c2") == "its configuration has changed"
        run.merge("identity_map", belongs(spark, z=1, c=3))
        net = run.changes("identity_map", "segments")
        assert net is not None
        assert {tuple(row) for row in net.collect()} == {(1, "z", "upsert"), (3, "c", "upsert")}
        run.merge("link", links(spark, (1, 2)))
        run.add_gate(Gate("largest_profile", False, "600 identifiers", "500 identifiers", "--confirm largest_profile"))
    assert map_of(lake) == {1: "z", 2: "b", 3: "c"}
    assert lake.read("link").count() == 1
    assert statuses(lake) == ["published", "refused", "published"]
    records = lake.read("run").where("ended_at is not null").orderBy("fence").collect()
    assert records[0].figures == '{"segments": {"members": 2}}'
    assert [record.release_id for record in records] == [1, None, 2]
    assert [release.release_id for release in lake.kept_releases()] == [1, 2]


def test_an_error_undoes_the_run_and_only_one_run_writes_at_a_time(spark: SparkSession, tmp_path: Path) -> None:
    lake = lake_at(spark, tmp_path)
    with pytest.raises(ValueError, match="somebody's address"), lake.run("identity", day(1)) as run:
        run.append("identity_change", changes_at(spark, 1, "a"))
        with pytest.raises(LeaseHeld, match=run.run_id), lake.run("other", day(1)):
            pass
        raise ValueError("somebody's address")
    assert not lake.exists("identity_change")
    assert [row.error for row in lake.read("run").where("status = 'failed'").collect()] == ["ValueError"]
    with lake.run("identity", day(1)) as run:
        run.append("identity_change", changes_at(spark, 1, "a"))
    assert run.fence == 2
    assert written(run) == [("identity_change", 1), ("release", 1)]
    assert lake.read("identity_change").count() == 1


def test_formats_newer_are_refused_and_older_are_migrated_by_named_steps(spark: SparkSession, tmp_path: Path) -> None:
    assert migration_steps() == {}
    lake = seeded(spark, tmp_path)
    release = lake.current_release()
    assert release is not None

    def published_as(number: int, lake_format: int) -> None:
        older = type(release)(**{**vars(release), "release_id": number, "lake_format": lake_format})
        lake.stored("release").append(release_row(spark, older), {})

    published_as(2, LAKE_FORMAT - 1)
    with pytest.raises(LakeError, match="no step leads on from format 0"), lake.run("identity", day(2)):
        pass

    def rename_profiles(run: Run) -> None:
        run.merge("identity_map", belongs(spark, new_a=1, new_b=2))

    steps = {LAKE_FORMAT - 1: MigrationStep("profiles have new names", rename_profiles)}
    with open_lake(spark, lake.engine, tmp_path, migrations=steps).run("identity", day(2)):
        pass
    migrated = lake.current_release()
    assert migrated is not None
    assert (migrated.release_id, migrated.lake_format) == (3, LAKE_FORMAT)
    assert map_of(lake) == {1: "new_a", 2: "new_b"}

    published_as(4, LAKE_FORMAT + 1)
    with pytest.raises(LakeError, match="knows formats up to 1; install the version"):
        lake.read("identity_map")
    with pytest.raises(LakeError, match="knows formats up to 1"), lake.run("identity", day(3)):
        pass
