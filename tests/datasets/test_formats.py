"""Every format reads what it should as it stands and refuses or names what it should not; nothing crashes."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from profile_engine.datasets.formats import format_named, registered
from profile_engine.datasets.inspection import look_into
from profile_engine.datasets.source_rows import PROBLEM, RECORD, as_spark_path
from tests.support.shared_data import shared

DATA = shared("data/malformed")
needs_data = pytest.mark.skipif(not DATA.exists(), reason="needs ../shared/data/malformed")


def look(content: bytes, name: str = "f.csv", format_name: str = "csv", **options: object) -> dict[str, object]:
    return look_into(lambda: io.BytesIO(content), name, format_name, options)


def read(
    spark: SparkSession, path: Path, format_name: str, wanted: set[str] = frozenset(), **options: object
) -> DataFrame:  # type: ignore[assignment]
    found = look(path.read_bytes(), path.name, format_name, **options)
    assert found["code"] is None, found
    format_ = format_named(format_name)
    columns = found["columns"]
    return format_.rows(
        spark, [as_spark_path(str(path.resolve()))], columns, frozenset(wanted), format_.options(options)
    )  # type: ignore[arg-type]


def test_a_look_into_files_tells_headers_and_what_is_broken() -> None:
    packed = gzip.compress(b"id,name\n" + b"1,x\n" * 5000)
    cases: list[tuple[dict[str, object], str | None, tuple[str, ...] | None]] = [
        (look(b""), None, None),
        (look(b"\n \n"), None, None),
        (look(b"id,name\n"), None, ("id", "name")),
        (look("\ufeffid,näme\r\n1,2".encode()), None, ("id", "näme")),
        (look(b'"a ""b""",c\n'), None, ('a "b"', "c")),
        (look(b"id;name\n", delimiter=";"), None, ("id", "name")),
        (look(b"id||name\n", delimiter="||"), None, ("id", "name")),
        (look("id,näme\n".encode("latin-1"), encoding="ISO-8859-1"), None, ("id", "näme")),
        (look(b"1,x\n", header=False), None, ("_c0", "_c1")),
        (look(b"1,x\n", header=False, columns=["id", "name"]), None, ("id", "name")),
        (look("id,näme\n".encode("latin-1")), "wrong_header", None),
        (look(b"id,ID\n"), "wrong_header", None),
        (look(packed, "f.csv.gz"), None, ("id", "name")),
        (look(packed + packed, "f.csv.gz"), None, ("id", "name")),
        (look(packed[:-9], "f.csv.gz"), "unreadable_file", None),
        (look(packed[:40] + b"\xff\xff\xff" + packed[43:], "f.csv.gz"), "unreadable_file", None),
        (look(b"id,name\n", "f.csv.gz"), "unreadable_file", None),
        (look(b"", "f.csv.gz"), None, None),
        (look(b"no parquet at all", "f.parquet", "parquet"), "unreadable_file", None),
        (look(b"", "f.parquet", "parquet"), None, None),
        (look(b'{"a": 1}\n', "f.jsonl", "json_lines"), None, None),
    ]
    assert [(found["code"], found["columns"]) for found, _, _ in cases] == [
        (code, columns) for _, code, columns in cases
    ]
    assert [found["empty"] for found, code, columns in cases if code is None and columns is None] == [True] * 4 + [
        False
    ]


@needs_data
def test_csv_spectrum_parses_to_its_json(spark: SparkSession) -> None:
    files = sorted((DATA / "csv-spectrum/csvs").glob("*.csv"))
    for path in files:
        # given a file and what it must become (empty text is missing here)
        text = (DATA / "csv-spectrum/json" / f"{path.stem}.json").read_text(encoding="utf-8")
        # Spark's reader hands on every line end inside a quoted value as a line feed
        expected = json.loads(text.replace("\\r\\n", "\\n"))
        expected = expected if isinstance(expected, list) else [expected]
        # when it is read
        rows = [row.asDict() for row in read(spark, path, "csv").collect()]
        # then the columns are the JSON's
        # (the suite's own JSON has another telephone number than its CSV in one file)
        skipped = {"Contact Phone Number"}
        own = [{n: value for n, value in row.items() if not n.startswith("__") and n not in skipped} for row in rows]
        assert own == [{n: v or None for n, v in row.items() if n not in skipped} for row in expected], path.name
        assert all(row[PROBLEM] is None for row in rows)
    assert len(files) == 12


def test_csv_names_ragged_rows_and_rows_that_are_not_utf8(spark: SparkSession, tmp_path: Path) -> None:
    # given a file with awkward letters in its name and in its rows
    path = tmp_path / "a b+c%20[1]{x}.csv"
    path.write_bytes('id,name\n1,é\n2\n3,b,c\n4,"x\ny"\n'.encode() + b"5,\xff\n6,NULL\n")
    for multi_line in (True, False):
        # when it is read
        rows = {row.id: row for row in read(spark, path, "csv", null_values=["NULL"], multi_line=multi_line).collect()}
        codes = {key: row[PROBLEM] and row[PROBLEM].code for key, row in rows.items()}
        # then each bad row has its problem and its text, and its file is named as it was listed
        assert {row["__path"] for row in rows.values()} == {str(path)}
        assert (rows["1"].name, codes["1"]) == ("é", None)
        assert (codes["2"], rows["2"][RECORD]) == ("ragged_row", "2")
        assert (codes["3"], rows["3"][RECORD]) == ("ragged_row", "3,b,c")
        assert (rows["4"].name, codes["4"]) == (("x\ny", None) if multi_line else ("x", None))
        assert (codes["5"], json.loads(rows["5"][RECORD])) == ("invalid_utf8", {"id": "5", "name": "\ufffd"})
        assert (rows["6"].name, codes["6"]) == (None, None)


@needs_data
def test_json_test_suite_is_quarantined_where_it_must_not_parse(spark: SparkSession, tmp_path: Path) -> None:
    # given each file of the suite as one line of its own file
    names = sorted(path.name for path in (DATA / "json").glob("*.json"))
    for name in names:
        (tmp_path / name).write_bytes((DATA / "json" / name).read_bytes().replace(b"\r", b" ").replace(b"\n", b" "))
    format_ = format_named("json_lines")
    # when they are read together
    files = [as_spark_path(str(tmp_path / name)) for name in names]
    rows = format_.rows(spark, files, None, frozenset({"a", "b.c"}), format_.options({})).collect()
    by_name = {Path(row["__path"]).name: row for row in rows}
    # then what must not parse is a problem, blank files are no records, and objects that must parse are read
    line_ends_matter = {"n_string_unescaped_newline.json", "n_string_unescaped_ctrl_char.json"}
    for name in names:
        line = (tmp_path / name).read_bytes()
        if name.startswith("n_") and name not in line_ends_matter and name in by_name:
            assert by_name[name][PROBLEM] is not None, name
        elif name.startswith("y_object"):
            assert by_name[name][PROBLEM] is None, name
        elif name.startswith("y_") and not line.strip().startswith(b"{"):
            assert by_name[name][PROBLEM].code == "unreadable_record", name
    assert set(names) - set(by_name) <= {
        name for name in names if not (tmp_path / name).read_bytes().strip(b" \t\xef\xbb\xbf")
    }
    assert len(by_name) > 250


def test_json_lines_look_into_objects_and_name_misfits(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    lines = [
        '{"a": 12345678901234567890, "b": {"c": true}, "d": [1, {"x": "y"}]}',
        "",
        "[1]",
        '{"b": "text"}',
        '{"a": "}"} x',
        "{}",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    rows = read(spark, path, "json_lines", {"a", "b.c", "d"}).orderBy("__line").collect()
    assert [row[PROBLEM] and row[PROBLEM].code for row in rows] == [
        None, "unreadable_record", "wrong_type", "unreadable_record", None,
    ]  # fmt: skip
    assert (rows[0].a, rows[0].b.c, json.loads(rows[0].d)) == ("12345678901234567890", "true", [1, {"x": "y"}])
    assert rows[2][PROBLEM].message == "an object was expected in b"
    assert [row[RECORD] for row in rows] == [line for line in lines if line]


@needs_data
def test_bad_parquet_is_refused_before_it_is_read(spark: SparkSession, tmp_path: Path) -> None:
    # given the bad files of the Parquet project, and a good one
    good = tmp_path / "good.parquet"
    rows = spark.range(3).select(F.col("id"), F.struct(F.lit("x").alias("y")).alias("o"))
    rows.toPandas().to_parquet(good)
    bad = sorted((DATA / "parquet_bad").glob("*.parquet"))
    # when each is looked into
    found = {path.name: look(path.read_bytes(), path.name, "parquet") for path in [good, *bad]}
    # then the good one tells its columns; the bad ones are refused, or really can be read as their footer says
    assert found["good.parquet"]["columns"] == ("id", "o")
    assert read(spark, good, "parquet").count() == 3
    refused = {name for name, each in found.items() if each["code"] == "unreadable_file"}
    assert len(refused) >= 6, {name: each["code"] for name, each in found.items()}
    for path in bad:
        if path.name not in refused:
            read(spark, path, "parquet").collect()


def test_every_format_has_what_the_registry_asks_for() -> None:
    assert set(registered()) == {"csv", "json_lines", "parquet"}
    for name, each in registered().items():
        assert each.name == name == each.module.NAME
        assert each.module.__doc__
        each.options({})
