"""What a run writes: first writes, appends, merges, replacements, and what changed since."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from profile_engine.errors import ConfigurationError
from profile_engine.lake.commits import Commit
from profile_engine.lake.fitting import FrameMisfit
from profile_engine.lake.merging import DuplicateKeys, MergeCounts
from profile_engine.lake.tables import TABLES
from profile_engine.lake.versions import VersionGone
from tests.lake.clocks import HandClock
from tests.lake.shop import belongs, changes_at, day, links, map_of, quarantined, written
from tests.support.lakes import lake_at


def test_a_table_s_life_from_nothing_to_its_changes(spark: SparkSession, tmp_path: Path) -> None:
    clock = HandClock()
    lake = lake_at(spark, tmp_path, clock=clock)
    assert not lake.exists("identity_map")
    assert lake.read("identity_map").columns == ["identifier_id", "profile_id"]
    assert map_of(lake) == {}

    with lake.run("identity", day(1)) as run:
        assert run.why_run("profiles", ["identity_map"], "c1") == "it has not run yet"
        assert run.changes("identity_map", "profiles") is None
        assert run.merge("identity_map", belongs(spark, a=1, b=2)) == MergeCounts(inserted=2)
        assert run.append("identity_change", changes_at(spark, 1, "a", "b")) == 2
        assert run.append("sighting", run.read("sighting")) == 0
        assert run.merge("link", run.read("link")) == MergeCounts()
        assert map_of(run) == {1: "a", 2: "b"}
        assert map_of(lake) == {}  # readers see whole releases only
        run.stage_done("profiles", ["identity_map"], "c1")
        run.stage_done("segments", ["identity_change"], "c1")
    assert written(run) == [("identity_map", 2), ("identity_change", 2), ("release", 1)]
    assert map_of(lake) == {1: "a", 2: "b"}
    assert not lake.exists("sighting")
    assert not (tmp_path / "lake" / "link").exists()

    with lake.run("identity", day(1)) as run:  # nothing new
        assert run.why_run("profiles", ["identity_map"], "c1") is None
        assert run.merge("identity_map", belongs(spark, b=2, a=1), delete_missing=True) == MergeCounts()
        assert run.append("identity_change", changes_at(spark, 1)) == 0
        unchanged = run.changes("identity_map", "profiles")
        assert unchanged is not None
        assert unchanged.collect() == []
        run.stage_done("profiles", ["identity_map"], "c1")
    assert [commit.table for commit in run.commits] == ["run", "run"]

    with lake.run("identity", day(2)) as run:
        before = run.read("identity_map")
        assert run.merge("identity_map", belongs(spark, a=1, c=2, d=3)) == MergeCounts(inserted=1, updated=1)
        assert run.merge("identity_map", belongs(spark, e=4, f=5)) == MergeCounts(inserted=2)
        some = run.read("identity_map").where("identifier_id in (1, 2)")
        part = run.merge("identity_map", belongs(spark, c=2), delete_missing=True, instead_of=some)
        assert part == MergeCounts(deleted=1), "what is outside stays"
        assert run.merge("identity_map", belongs(spark, c=2, d=3, e=4), delete_missing=True) == MergeCounts(deleted=1)
        assert {row[0] for row in before.collect()} == {1, 2}  # a frame stays at its version
        assert map_of(run) == {2: "c", 3: "d", 4: "e"}
        assert run.why_run("profiles", ["identity_map"], "c1") == "its input has moved on: identity_map"
        changed = run.changes("identity_map", "profiles")
        assert changed is not None
        assert {tuple(row) for row in changed.collect()} == {
            (1, "a", "delete"),
            (2, "c", "upsert"),
            (3, "d", "upsert"),
            (4, "e", "upsert"),
        }
        assert run.replace("identity_change", changes_at(spark, 2, "x"), where="profile_id = 'x'") == 1
        assert run.read("identity_change").count() == 3
        assert run.replace("identity_change", changes_at(spark, 2, "y")) == 1
        assert [row.profile_id for row in run.read("identity_change").collect()] == ["y"]
        run.append("identity_change", changes_at(spark, 1, "z"))
        gained = run.appended("identity_change", "segments")
        assert gained is not None
        assert [row.profile_id for row in gained.orderBy("_version").collect()] == ["y", "z"], (
            "in the order in which they came"
        )
        since_ever = run.appended("identity_change", "profiles")
        assert since_ever is not None
        assert since_ever.count() == 2
    assert run.version("identity_map") == 4

    old = lake.read("identity_map", version=0)
    assert {tuple(row) for row in old.collect()} == {(1, "a"), (2, "b")}
    clock.forward(days=31)
    with pytest.raises(
        VersionGone, match="version 0 of table identity_map can't be read any more: the lake keeps releases for 30 days"
    ):
        lake.read("identity_map", version=0)
    assert map_of(lake) == {2: "c", 3: "d", 4: "e"}  # old as it is, it is the current release
    with lake.run("identity", day(3)) as run:
        assert run.changes("identity_map", "profiles") is None
        assert run.appended("identity_change", "segments") is None
        with pytest.raises(VersionGone):
            run.read_version("identity_map", 1)


def test_what_does_not_fit_is_refused_with_both_sides_named(spark: SparkSession, tmp_path: Path) -> None:
    lake = lake_at(spark, tmp_path)
    with pytest.raises(ConfigurationError, match="has no time zone"), lake.run("identity", day(1).replace(tzinfo=None)):
        pass
    with lake.run("identity", day(1)) as run:
        with pytest.raises(FrameMisfit) as misfit:
            run.merge("identity_map", spark.sql("SELECT 1 AS identifier_id, 'x' AS extra"))
        assert misfit.value.problems == (
            "column identifier_id is int in the frame and bigint in the table",
            "column profile_id (string) is missing, the frame has identifier_id, extra",
            "column extra (string) is not in the table, which has identifier_id, profile_id",
        )
        twice = spark.createDataFrame([(1, "a"), (1, "a"), (2, "b")], "identifier_id bigint, profile_id string")
        with pytest.raises(
            DuplicateKeys, match=r"table identity_map have the same key \(identifier_id\) more than once"
        ):
            run.merge("identity_map", twice)
    lake = lake_at(spark, tmp_path / "second")
    with lake.run("identity", day(1)) as run:
        run.merge("identity_map", belongs(spark, a=1, b=2))
        with pytest.raises(DuplicateKeys):
            run.merge("identity_map", twice)
        shuffled = belongs(spark, c=3).select("profile_id", "identifier_id")
        assert run.append("identity_map", shuffled) == 1
        assert map_of(run) == {1: "a", 2: "b", 3: "c"}


def test_tables_with_open_columns_take_what_the_project_adds_and_keep_what_it_drops(
    spark: SparkSession, tmp_path: Path
) -> None:
    lake = lake_at(spark, tmp_path)

    def rows(fields: str) -> object:
        return spark.sql(
            f"SELECT {fields}, 'r' || n AS record_id, n AS owner_id, CAST(null AS timestamp) AS source_time, "
            "TIMESTAMP'2026-01-01' AS ingested_at, 'b' AS batch_id FROM (SELECT explode(array(1L)) AS n)"
        )

    with lake.run("ingest", day(1)) as run:
        run.merge("raw_crm", rows("'x' AS email, struct('y' AS city) AS address"))  # type: ignore[arg-type]
        assert run.merge("raw_crm", rows("'x' AS email, struct('y' AS city) AS address")) == MergeCounts()  # type: ignore[arg-type]
        widened = "struct('DE' AS country, 'y' AS city) AS address, 5 AS age"
        assert run.merge("raw_crm", rows(widened)) == MergeCounts(updated=1)  # type: ignore[arg-type]
        row = run.read("raw_crm").collect()[0]
        assert (row.email, row.address.asDict(), row.age) == (None, {"city": "y", "country": "DE"}, 5)
        assert run.read("raw_crm").columns[:2] == ["email", "address"]
        with pytest.raises(FrameMisfit, match="column age is string in the frame and int in the table"):
            run.append("raw_crm", rows("'5' AS age"))  # type: ignore[arg-type]


def test_a_table_whose_entry_has_gained_a_column_reads_it_as_null_and_gains_it_by_the_next_write(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a lake of an engine whose links had no probability yet
    entry, lake = TABLES["link"], lake_at(spark, tmp_path)
    first = links(spark, (1, 2)).drop("probability")
    with monkeypatch.context() as earlier:
        columns = entry.columns.removesuffix(", probability double")
        assert columns != entry.columns
        earlier.setitem(TABLES, "link", replace(entry, columns=columns))
        with lake.run("identity", day(1)) as run:
            run.append("link", first)
    # then this engine reads it, and what it writes has the column
    assert lake.read("link").select("left_id", "probability").collect() == [(1, None)]
    with lake.run("identity", day(2)) as run:
        assert run.merge("link", links(spark, (1, 2), (3, 4))) == MergeCounts(inserted=1)
        run.append("link", links(spark, (5, 6)).withColumn("probability", F.lit(0.5)))
    rows = lake.read("link").select("left_id", "probability").orderBy("left_id").collect()
    assert rows == [(1, None), (3, None), (5, 0.5)]


def test_a_batch_lands_once_in_a_table_that_is_never_undone(spark: SparkSession, tmp_path: Path) -> None:
    lake = lake_at(spark, tmp_path)
    with lake.run("ingest", day(1)) as run:
        assert run.append("quarantine", quarantined(spark, "bad"), batch="b1") == 1
        assert run.append("quarantine", quarantined(spark), batch="b2") == 0
    with lake.run("ingest", day(2)) as run:
        assert run.append("quarantine", quarantined(spark, "bad"), batch="b1") == 0
        assert run.append("quarantine", quarantined(spark, "worse"), batch="b2") == 1
    assert sorted(row.record for row in lake.read("quarantine").collect()) == ["bad", "worse"]
    assert lake.current_release() is None  # nothing that a release holds has moved
    first, *_ = run.commits
    assert isinstance(first, Commit)
    assert (first.run_id, first.fence, first.table) == (run.run_id, 2, "run")
    assert abs(first.at - lake.clock()) < timedelta(minutes=5)


def test_a_link_s_tables_are_made_as_their_entries_say(spark: SparkSession, tmp_path: Path) -> None:
    lake = lake_at(spark, tmp_path)
    with lake.run("identity", day(1)) as run:
        run.merge("identity_map", belongs(spark, a=1))
        run.merge("link", links(spark, (1, 2)))
    for table, feed in (("identity_map", "true"), ("link", None)):
        properties = spark.sql(f"DESCRIBE DETAIL {lake.stored(table).place.sql_name}").collect()[0]["properties"]
        assert properties["delta.enableDeletionVectors"] == "true"
        assert properties.get("delta.enableChangeDataFeed") == feed
        assert properties["delta.deletedFileRetentionDuration"] == f"interval {30 * 86400} seconds"
        assert properties["delta.logRetentionDuration"] == f"interval {395 * 86400} seconds"


def test_a_log_of_before_it_had_a_feed_can_not_tell_what_it_gained(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = lake_at(spark, tmp_path)
    with monkeypatch.context() as before:
        before.setitem(TABLES, "identity_change", replace(TABLES["identity_change"], change_feed=False))
        with lake.run("identity", day(1)) as run:
            run.append("identity_change", changes_at(spark, 1, "a"))
            run.stage_done("segments", ["identity_change"], "c1")
    with lake.run("identity", day(2)) as run:
        run.append("identity_change", changes_at(spark, 2, "b"))
        assert run.appended("identity_change", "segments") is None
