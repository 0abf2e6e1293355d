"""What was read is either landed or kept aside with its reasons, once, whatever comes and however often it is run."""

from __future__ import annotations

import gzip
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession

from profile_engine.datasets.raw_shape import FieldChangedTypeError
from profile_engine.datasets.stage import ingest_datasets
from profile_engine.errors import GateRefused
from profile_engine.lake.lake import Lake
from profile_engine.observability.stage_report import StageReport
from profile_engine.project.project import Project
from profile_engine.schemas.identifiers import identifier_id
from tests.datasets.shop import FILES, put, shop
from tests.support.job_counter import counted_jobs
from tests.support.lakes import lake_at

HEADER = "crm_id,Email,points,updated_at,City,Zip\n"


def ingest(lake: Lake, project: Project, day: int) -> StageReport:
    with lake.run("ingest_datasets", datetime(2026, 10, day, tzinfo=UTC)) as run:
        return ingest_datasets(run, project)


def conserved(lake: Lake, report: StageReport) -> None:
    """read = accepted + rejected, in the report and in every batch, and every rejected row is in quarantine."""
    assert report.figures["read"] == report.figures["accepted"] + report.figures["rejected"]  # type: ignore[operator]
    aside: dict[str, int] = {}
    for row in lake.read("quarantine").collect():
        assert row.reasons
        aside[row.batch_id] = aside.get(row.batch_id, 0) + 1
    for batch in lake.read("batch").collect():
        assert batch.read == batch.accepted + batch.rejected
        assert batch.rejected == aside.get(batch.batch_id, 0)


def codes(rows: DataFrame) -> dict[str, list[tuple[str, str]]]:
    """Reasons (code, path) by the first column or the key `id` of the quarantined record."""
    found = {}
    for row in rows.collect():
        found[row.record or Path(row.file).name] = [(r.code, r.path) for r in row.reasons]
    return found


def test_bad_input_is_refused_by_file_or_kept_by_row_and_the_rest_lands(spark: SparkSession, tmp_path: Path) -> None:
    # given good rows between everything that can be wrong with files and rows
    project, lake = shop(tmp_path), lake_at(spark, tmp_path)
    good = HEADER + "C1, A@X.de ,5,2026-01-01T10:00:00,rome,01012\n,,,,,\n"
    put(tmp_path, "crm/1_good.csv", good + "C2,b@x.de,-1,soon,a city of more letters,\nC3\nC4,no mail,1,,Rome,1\n")
    put(tmp_path, "crm/2_empty.csv", "")
    put(tmp_path, "crm/3_header_only.csv", HEADER)
    put(tmp_path, "crm/4_wrong_header.csv", "id,mail\n1,2\n")
    put(tmp_path, "crm/5_truncated.csv.gz", gzip.compress((good * 50).encode())[:-7])
    put(tmp_path, "crm/6_not_utf8.csv", HEADER.encode() + b"C6,\xff@x.de,1,,Rome,1\nC7,c7@x.de,1,,Rome,1\n")
    put(tmp_path, "crm/7_again.csv", (tmp_path / "data/crm/1_good.csv").read_bytes())
    events = [
        {"visit_id": "V1", "at": "2026-01-01T10:00:00Z", "kind": "buy", "amount": 1.25, "skus": ["A"], "ecid": "E1"},
        {"visit_id": "V1", "at": "2026-01-01T11:00:00Z", "kind": "buy", "amount": 9, "ecid": "E1"},
        {"visit_id": "V1", "at": "2026-01-02T11:00:00Z", "kind": "view"},
        {"visit_id": "V2", "at": "2026-01-01T10:00:00Z", "kind": "sell", "amount": 1.255, "skus": ["a"]},
        {"visit_id": None, "at": "", "kind": "view"},
    ]
    put(tmp_path, "web/1.jsonl", "\n".join([*map(json.dumps, events), "", "[1]", "{oops"]))
    # when they are ingested
    report = ingest(lake, project, 1)
    # then the figures add up and nothing is lost
    conserved(lake, report)
    assert {name: report.figures[name] for name in ("read", "accepted", "no_identity", "repeated", "duplicates")} == {
        "read": 7 + 2 + 7, "accepted": 3 + 3, "no_identity": 2, "repeated": 1, "duplicates": 1,
    }  # fmt: skip
    assert len(report.refused) == 2
    assert (
        "4_wrong_header.csv: columns are missing: Email, City, Zip" in report.refused[0] or "Zip" in report.refused[0]
    )
    # then every rejected row carries all its reasons
    aside = codes(lake.read("quarantine"))
    assert aside["4_wrong_header.csv"] == [("wrong_header", "")]
    assert aside["5_truncated.csv.gz"] == [("unreadable_file", "")]
    assert aside["C3"] == [("ragged_row", "")]
    assert aside['{"crm_id":"C4","Email":"no mail","points":"1","City":"Rome","Zip":"1"}'] == [("format", "email")]
    two = '{"crm_id":"C2","Email":"b@x.de","points":"-1","updated_at":"soon","City":"a city of more letters"}'
    assert sorted(aside[two]) == [
        ("length", "address.city"), ("missing_required", "address.zip"), ("out_of_range", "points"),
        ("wrong_type", "updated_at"),
    ]  # fmt: skip
    assert aside['{"crm_id":"C6","Email":"\ufffd@x.de","points":"1","City":"Rome","Zip":"1"}'] == [("invalid_utf8", "")]
    assert aside["[1]"] == aside["{oops"] == [("unreadable_record", "")]
    assert sorted(aside[json.dumps(events[3])]) == [
        ("pattern", "skus[]"),
        ("unknown_value", "kind"),
        ("wrong_type", "amount"),
    ]
    assert sorted(aside[json.dumps(events[4])]) == [("missing_required", "at"), ("missing_required", "visit_id")]
    # then the good ones are there, typed, with their owners and times
    rows = {row.crm_id: row for row in lake.read("raw_customers").collect()}
    first = rows["C1"]
    assert (first.email, first.points, first.address.city, first.address.zip) == ("a@x.de", 5, "Rome", "01012")
    assert first.source_time.astimezone(UTC) == datetime(2026, 1, 1, 9, tzinfo=UTC)
    assert first.ingested_at.astimezone(UTC) == datetime(2026, 10, 1, tzinfo=UTC)
    assert first.owner_id == identifier_id(lake.identifier_key(), "crm_id", "C1")
    assert set(rows) == {"C1", "C7", None}
    assert rows[None].owner_id is None
    assert rows[None].address is None
    visits = sorted((row.at.astimezone(UTC).isoformat(), str(row.amount)) for row in lake.read("raw_visits").collect())
    assert visits == [("2026-01-01T10:00:00+00:00", "1.25"), ("2026-01-02T11:00:00+00:00", "None")]
    # when nothing is new, nothing is written, and nothing read: a file of the same path, size and time may hold anything
    known = tmp_path / "data/crm/1_good.csv"
    status, text = known.stat(), known.read_text()
    known.write_text(text.replace("C1,", "C9,"))
    os.utime(known, ns=(status.st_atime_ns, status.st_mtime_ns))
    before = lake.current_release()
    again = ingest(lake, project, 2)
    assert again.skipped == "no new files"
    assert lake.current_release() == before


def test_versions_modes_and_files_that_change(spark: SparkSession, tmp_path: Path) -> None:
    # given two files whose versions of a record cross, and a table
    project, lake = shop(tmp_path), lake_at(spark, tmp_path)
    put(
        tmp_path,
        "crm/a.csv",
        HEADER + "C1,new@x.de,1,2026-03-01,,\nC2,two@x.de,1,2026-01-01,,\nC2,2nd@x.de,1,2026-01-01,,\n",
    )
    first = put(tmp_path, "crm/b.csv", HEADER + "C1,old@x.de,1,2026-02-01,,\n")
    ingest(lake, project, 1)
    emails = {row.crm_id: row.email for row in lake.read("raw_customers").collect()}
    # then the newest holds, and of equal ones the last
    assert emails == {"C1": "new@x.de", "C2": "2nd@x.de"}
    # when an older, an equal and a newer version come, one in a file that has changed
    first.write_text(HEADER + "C1,older@x.de,1,2026-01-05,,\nC2,equal@x.de,1,2026-01-01,,\n")
    put(tmp_path, "crm/c.csv", HEADER + "C2,newer@x.de,1,2026-01-02,,\nC3,three@x.de,1,,,\n")
    report = ingest(lake, project, 2)
    emails = {row.crm_id: row.email for row in lake.read("raw_customers").collect()}
    assert emails == {"C1": "new@x.de", "C2": "newer@x.de", "C3": "three@x.de"}
    assert (report.figures["accepted"], report.figures["repeated"]) == (4, 2)
    # when the source comes to replace what it brought before, and a field and a namespace are new
    replacing = FILES["conf/datasets/customers.yaml"].replace("mode: upsert", "mode: replace")
    schema = FILES["conf/schemas/customer.yaml"].replace("      city:", "      street: {type: string}\n      city:")
    spaces = (
        FILES["conf/identity/namespaces.yaml"].replace("  - crm_id: {kind: person}\n", "")
        + "  - crm_id: {kind: thing}\n"
    )
    project = shop(tmp_path, customers=replacing, customer=schema, namespaces=spaces)
    put(tmp_path, "crm/d.csv", HEADER + "C4,four@x.de,1,2026-01-02,,\n")
    ingest(lake, project, 3)
    rows = lake.read("raw_customers").collect()
    assert [row.crm_id for row in rows] == ["C4"]
    assert rows[0].owner_id == identifier_id(lake.identifier_key(), "email", "four@x.de")
    assert "street" in lake.read("raw_customers").schema["address"].dataType.names  # type: ignore[attr-defined]
    # when a field changes its type
    project = shop(tmp_path, customer=schema.replace("points: {type: integer, at_least: 0}", "points: {type: string}"))
    # then it is refused with schema, field and both types, and nothing is undone
    with pytest.raises(
        FieldChangedTypeError, match=r"schema customer .*points is bigint in the lake and string in the schema"
    ):
        ingest(lake, project, 4)
    assert lake.read("raw_customers").count() == 1


def test_a_batch_above_its_threshold_and_a_dead_run_lose_nothing(spark: SparkSession, tmp_path: Path) -> None:
    # given a run that lands good and bad rows, and dies before it is published
    strict = FILES["conf/datasets/customers.yaml"].replace("60 %", "20 %")
    closed = FILES["conf/datasets/visits.yaml"].replace("mode: append", "mode: append, unmapped: refuse")
    project, lake = shop(tmp_path, customers=strict, visits=closed), lake_at(spark, tmp_path)
    put(tmp_path, "web/1.jsonl", '{"visit_id": "V1", "at": "2026-01-01T10:00:00Z", "kind": "buy"}\nno\n')
    put(tmp_path, "crm/1.csv", HEADER + "C1,,x,,,\nC2,,1,,,\nC3,,1,,,\n")
    dying = lake.open_run("ingest_datasets", datetime(2026, 10, 1, tzinfo=UTC))
    ingest_datasets(dying, project)
    dying.abandon(RuntimeError("the run dies here"))
    assert not lake.exists("raw_visits")
    planned = {row.batch_id for row in lake.read("batch").collect()}
    # when it is run again, with one more file
    visit = {"visit_id": "V2", "at": "2026-01-01T10:00:00Z", "kind": "buy"}
    put(tmp_path, "web/2.jsonl", "\n".join(map(json.dumps, [visit, visit | {"visit_id": "V3", "colour": "red"}])))
    report = ingest(lake, project, 2)
    # then the planned batches end under their own ids, the new file in one of its own, nothing twice
    conserved(lake, report)
    assert planned < {row.batch_id for row in lake.read("batch").collect()}
    assert lake.read("raw_visits").count() == 2
    # then the batch above the threshold is refused whole: every row is kept, none landed
    assert not lake.exists("raw_customers")
    assert report.figures["rejected"] == 3 + 2
    # then a key that the source does not allow is a reason of its record, told without its value
    strange = lake.read("quarantine").where("dataset = 'visits' AND file LIKE '%2.jsonl'").collect()
    assert [(r.code, r.message) for row in strange for r in row.reasons] == [
        ("unexpected_key", "keys are not expected: colour")
    ]
    assert [refused for refused in report.refused if "1 of 3 rows were rejected, more than 20 %" in refused]
    aside = lake.read("quarantine").where("dataset = 'customers'")
    assert sorted(reason.code for row in aside.collect() for reason in row.reasons) == ["batch_refused"] * 2 + [
        "wrong_type"
    ]
    # when a source that promised something every day brings nothing for two days
    daily = closed.replace("web: {files:", "web: {expected_every: 1 day, files:")
    project = shop(tmp_path, customers=strict, visits=daily)
    # then the run is refused by the name of the source, which a person may confirm
    with pytest.raises(GateRefused, match=r"visits/web brought nothing since 2026-10-02T00:00:00Z"):
        ingest(lake, project, 4)


def test_jobs_and_commits_do_not_grow_with_files(spark: SparkSession, tmp_path: Path) -> None:
    seen = []
    for size in (10, 300):
        # given the same customers and visits in 10 and in 300 files
        folder = tmp_path / str(size)
        project, lake = shop(folder), lake_at(spark, folder)
        for n in range(size):
            own = range(n, 600, size)
            put(folder, f"crm/{n}.csv", HEADER + "".join(f"C{p},p{p}@x.de,{p},,Rome,1\n" for p in own))
            lines = (json.dumps({"visit_id": f"V{p}", "at": "2026-01-01T10:00:00Z", "kind": "buy"}) for p in own)
            put(folder, f"web/{n}.jsonl", "\n".join(lines))
        # when they are ingested
        with lake.run("ingest_datasets", datetime(2026, 10, 1, tzinfo=UTC)) as run:
            jobs, report = counted_jobs(spark, lambda run=run, project=project: ingest_datasets(run, project))  # type: ignore[misc]
            seen.append((jobs, len(run.commits), report.figures["read"], report.figures["accepted"]))
    # then the work was the same
    assert seen[0] == seen[1]
    assert seen[0][2:] == (1200, 1200)
