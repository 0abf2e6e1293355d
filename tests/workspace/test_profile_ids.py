"""Profile ids outlive a lake: exported, imported into an empty one, and translated from any day to today."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from pyspark.sql import functions as F

from profile_engine.command_line.profile_ids import ids_in
from profile_engine.errors import ConfigurationError, DataError, LakeError
from profile_engine.workspace.exported_ids import _said_where, export_ids, import_ids
from profile_engine.workspace.todays_ids import todays_id, todays_ids
from tests.identity.small_project import customers, day, profile_of, project_at, resolved, views
from tests.support.lakes import lake_at

NASTY = ['say "hi", \\N', "two\nlines\r\nof it", "a\tb", "", "ünï ☃ 😀", "\\", "'; drop --"]


def test_ids_in_reads_a_file_or_standard_input_without_blank_lines(tmp_path):
    listed = tmp_path / "ids.txt"
    listed.write_text("p1\n\n p2 \n", encoding="utf-8")
    assert ids_in(str(listed), io.StringIO("p9")) == ["p1", "p2"]
    assert ids_in(None, io.StringIO("p9\np9\n")) == ["p9", "p9"]
    with pytest.raises(ConfigurationError, match="there is no file"):
        ids_in(str(tmp_path / "none.txt"), io.StringIO())


def test_exported_ids_are_kept_by_another_lake_and_old_ids_are_translated_in_both(spark, tmp_path):
    # given a few days: two people become one, a second merge follows, somebody's only record is taken back
    project, lake = project_at(tmp_path, superseded="end", stitching="blocked_values: []"), lake_at(spark, tmp_path)
    rows = customers(spark, [("C1", "ann@x.com"), ("C2", None), ("C3", "lost@x.com")])
    nasty = views(spark, [(f"n{place}", text, None, None) for place, text in enumerate(NASTY)])
    resolved(lake, project, 1, {"raw_customers": rows, "raw_web": nasty})
    first = profile_of(lake)
    resolved(lake, project, 2, {"raw_web": views(spark, [("e1", "ck", "C1", None), ("e2", "ck", "C2", None)], at=2)})
    second = profile_of(lake)
    resolved(lake, project, 3, {"raw_customers": customers(spark, [("C3", "new@x.com")], at=3)})
    today = profile_of(lake)
    assert "lost@x.com" not in today

    # when every id that was ever given is asked for, and one that never was
    asked = lake.read("identity_change").where("change = 'minted'").select("profile_id")
    asked = asked.unionByName(asked).unionByName(spark.createDataFrame([("p0",)], "profile_id string"))
    told = {row.profile_id: (row.todays_id, row.what) for row in todays_ids(lake, asked).collect()}

    # then each is what a look at the maps of all days says
    expected = {"p0": (None, "unknown")}
    for value, profile in [*first.items(), *second.items(), *today.items()]:
        if value in today:
            expected[profile] = (today[value], "current" if today[value] == profile else "merged")
    assert told == expected
    loser = next(profile for profile in (first["C1"], first["C2"]) if profile != today["C1"])
    assert todays_id(lake, loser) == today["C1"]
    with pytest.raises(ConfigurationError, match="no profile p0"):
        todays_id(lake, "p0")

    for format in ("parquet", "csv"):
        # when the ids go into an empty lake with another key, and all raw rows land there at once
        folder, other = str(tmp_path / f"ids_{format}"), lake_at(spark, tmp_path / format)
        moved = export_ids(lake, folder, format)
        with other.run("import_ids", day(4)) as run:
            assert import_ids(run, folder, format) == moved
        assert other.identifier_key() != lake.identifier_key()
        raw = {table: lake.read(table) for table in ("raw_customers", "raw_web")}
        report = resolved(other, project, 5, raw)
        # then everybody keeps their id, nothing is minted, and old ids lead to the same people
        assert profile_of(other) == today
        assert (report.figures["minted"], report.figures["merged"], report.figures["split"]) == (0, 0, 0)
        assert {row.profile_id: (row.todays_id, row.what) for row in todays_ids(other, asked).collect()} == expected
        seen = {row.value: row.first_seen_at for row in lake.read("identifier").collect()}
        assert {row.value: row.first_seen_at for row in other.read("identifier").collect()} == seen
        with pytest.raises(LakeError, match="has an identity graph already"), other.run("again", day(6)) as run:
            import_ids(run, folder, format)

    # a file that was tampered with is refused as a whole
    rows = spark.read.parquet(f"{folder.removesuffix('csv')}parquet/profiles")
    rows.where(F.col("merged_into").isNotNull()).unionByName(rows.limit(1)).write.parquet(
        str(tmp_path / "bad/profiles")
    )
    spark.read.parquet(str(tmp_path / "ids_parquet/identifiers")).write.parquet(str(tmp_path / "bad/identifiers"))
    empty = lake_at(spark, tmp_path / "empty")
    with pytest.raises(DataError, match="do not fit each other") as refused, empty.run("import_ids", day(4)) as run:
        import_ids(run, str(tmp_path / "bad"), "parquet")
    assert "ann@x.com" not in str(refused.value)


def test_a_place_that_is_taken_empty_or_of_another_format_is_named_with_what_to_do(spark, tmp_path):
    # given a folder of csv files, whose columns are not those of ids
    there, missing, empty = str(tmp_path / "ids"), str(tmp_path / "none"), lake_at(spark, tmp_path / "empty")
    for table in ("identifiers", "profiles"):
        Path(there, table).mkdir(parents=True)
        Path(there, table, "part.csv").write_text("one\nann@x.com\n", encoding="utf-8")
    # when it is imported, or written to once more, each is refused with the place and the remedy
    for place, format, said in (
        (missing, "csv", f"no exported ids at {missing}; give the folder that `profile-engine ids export` wrote"),
        (there, "parquet", f"{there} can't be read or written as parquet .*; give the --format in which they were"),
        (there, "csv", f"{there} can't be read or written as csv .*; give the --format in which they were"),
    ):
        with pytest.raises(DataError, match=said) as refused, empty.run("import_ids", day(4)) as run:
            import_ids(run, place, format)
        assert "ann@x.com" not in str(refused.value)
    said = f"exported ids at {there} already; name a folder that does not exist"
    with pytest.raises(ConfigurationError, match=said), _said_where(there, "csv"):
        spark.range(1).write.mode("error").csv(f"{there}/profiles")
