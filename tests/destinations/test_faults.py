"""A run that dies anywhere, run again, leaves what it would have left without dying."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import boto3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from profile_engine.destinations.connectors import connector
from profile_engine.destinations.file_formats import file_format
from profile_engine.destinations.manifest import Layout
from profile_engine.destinations.outbox import Batch
from profile_engine.destinations.places import MANIFEST, SUCCESS, audience_folder
from profile_engine.destinations.publishing import StagedBatch, StagedPart, published, settled
from profile_engine.destinations.receipts import PublishedPart
from profile_engine.destinations.stage import deliver_audiences
from profile_engine.destinations.staging import StagedFile, checked
from profile_engine.destinations.staging import staged as write_parts
from profile_engine.destinations.target import FileEnd, Target
from profile_engine.errors import PermanentDeliveryError, PlatformError, TransientDeliveryError
from tests.destinations.shop import Person, Shop, ShopProject, day, destination, files_below, manifest_of
from tests.support.servers import s3_server

LAYOUT = Layout(("email",), "email", "as_is", "csv", {"delimiter": ","})


class Died(BaseException):
    """The process is gone."""


class Faulty:
    """A target of which one call, by number, fails or kills."""

    def __init__(self, target: Target, fails_at: int, fault: Callable[[], BaseException]) -> None:
        self.target, self.left, self.fault = target, fails_at, fault

    def _count(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise self.fault()

    def uri(self, path: str) -> str:
        return self.target.uri(path)

    def spark_options(self) -> Mapping[str, str]:
        return self.target.spark_options()

    def read_text(self, path: str) -> str | None:
        self._count()
        return self.target.read_text(path)

    def write_text(self, path: str, text: str) -> None:
        self._count()
        self.target.write_text(path, text)

    def publish(self, staged: str, path: str, end: FileEnd | None = None) -> None:
        self._count()
        self.target.publish(staged, path, end)

    def remove(self, folder: str) -> None:
        self._count()
        self.target.remove(folder)


def batch(parts: int = 2, mapping: str = "hash") -> Batch:
    return Batch("ads", "vip", "vip", "full", day(1), (3,) * parts, 3 * parts, (), mapping, 1, 1)


def staged(root: Path, of: Batch, content: str = "row") -> StagedBatch:
    """Parts as Spark would have written them, in a staging folder of this attempt."""
    parts = []
    for number, rows in enumerate(of.part_rows):
        path, text = f"ads/_staging/run/part={number}/x.csv", f"{content} {number}\n".encode()
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text)
        parts.append(
            StagedPart(path, PublishedPart(f"part-{number:05d}.csv", rows, len(text), hashlib.sha256(text).hexdigest()))
        )
    return StagedBatch(of, tuple(parts), sum(of.part_rows), 0, None)


def folder_target(root: Path) -> Target:
    way = connector("folder")
    return way.target(way.Settings.model_validate({"path": str(root)}), root)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 9), st.sampled_from([Died, lambda: TransientDeliveryError("no answer")])), max_size=4
    ),
    st.integers(0, 3),
)
def test_publishing_ends_alike_whatever_died_or_failed_before(
    tmp_path_factory: pytest.TempPathFactory, faults: list[tuple[int, Callable[[], BaseException]]], parts: int
):
    undisturbed, root = tmp_path_factory.mktemp("undisturbed"), tmp_path_factory.mktemp("disturbed")
    published(folder_target(undisturbed), [staged(undisturbed, batch(parts))], LAYOUT)
    place = audience_folder("ads", "vip", day(1))
    for fails_at, fault in faults:
        with suppress(Died):
            published(Faulty(folder_target(root), fails_at, fault), [staged(root, batch(parts))], LAYOUT)
        finished = (root / place / SUCCESS).exists()
        # whoever sees the marker sees all of it, at any moment
        assert not finished or files_below(root / place) == files_below(undisturbed / place)
        assert len(settled(folder_target(root), [batch(parts)])) == finished

    [outcome] = published(folder_target(root), [staged(root, batch(parts))], LAYOUT)

    assert outcome.accepted
    assert files_below(root / place) == files_below(undisturbed / place)


def test_a_finished_folder_of_other_content_is_left_alone(tmp_path: Path):
    published(folder_target(tmp_path), [staged(tmp_path, batch())], LAYOUT)
    place = tmp_path / audience_folder("ads", "vip", day(1))
    before = files_below(place)

    [outcome] = published(folder_target(tmp_path), [staged(tmp_path, batch(mapping="other"), "other")], LAYOUT)

    assert isinstance(outcome.failure, PermanentDeliveryError)
    assert "already holds a finished delivery" in str(outcome.failure)
    assert files_below(place) == before
    assert settled(folder_target(tmp_path), [batch(mapping="other")]) == []


def test_one_batch_that_fails_does_not_hold_up_the_others(tmp_path: Path):
    blocked = Batch("ads", "blocked", "vip", "full", day(1), (), 0, (), "hash", 1, 1)
    folder = tmp_path / "ads/blocked"
    folder.parent.mkdir()
    folder.write_text("a file where a folder has to be")
    ready = [StagedBatch(blocked, (), 0, 0, None), staged(tmp_path, batch())]

    outcomes = published(folder_target(tmp_path), ready, LAYOUT)

    assert [outcome.accepted for outcome in outcomes] == [False, True]
    assert "can't be used" in str(outcomes[0].failure)


class Elsewhere(Faulty):
    """A target on a file system that Spark has no jar for."""

    def uri(self, path: str) -> str:
        return f"nosuch://bucket/{path}"


def test_a_file_system_that_spark_lacks_is_said_with_what_to_do(spark: SparkSession, tmp_path: Path):
    rows = spark.createDataFrame([(0, 0, "ann@x.org")], "`__audience` int, `__part` int, email string")
    form = file_format("csv")
    with pytest.raises(PlatformError, match=r'No FileSystem for scheme "nosuch"; list .* conf/engine.yaml') as told:
        write_parts(rows, Elsewhere(folder_target(tmp_path), 0, Died), "staging", form, form.Options())
    assert "ann@x.org" not in str(told.value)


def test_parts_that_only_some_machines_see_are_noticed():
    with pytest.raises(PermanentDeliveryError, match="wrote 2 parts and 1 are seen there"):
        checked([StagedFile(0, 0, "p", 1, "sha")], {(0, 0), (0, 1)}, "file:///x")


class DiesBefore:
    """A run whose process dies when it is about to append to a table."""

    def __init__(self, run: Any, table: str) -> None:
        self._run, self._table = run, table

    def __getattr__(self, name: str) -> Any:
        return getattr(self._run, name)

    def append(self, table: str, rows: Any) -> int:
        if table == self._table:
            raise Died
        return int(self._run.append(table, rows))


def test_a_stage_that_died_or_was_refused_is_taken_up_where_it_stood(spark: SparkSession, tmp_path: Path):
    # given: a folder, and a bucket that isn't there yet
    people = [Person("a", ("ann@x.org",), {1: 1}), Person("b", ("bob@x.org",), {1: 1})]
    shop = Shop(spark, tmp_path)
    shop.people(day(1), *people)
    with s3_server() as url:
        bucket = {"s3_files": {"bucket": "late-bucket", "endpoint_url": url}}
        to = {"here": destination(), "there": destination(to=bucket)}

        # when: the run dies after everything was sent, before it could write receipts
        with pytest.raises(Died), shop.lake.run("deliver_audiences", day(1), "dies") as run:
            deliver_audiences(DiesBefore(run, "receipt"), ShopProject(tmp_path, to))
        folder = tmp_path / "exports/here/vip/as_of=2026-11-01T00-00-00Z"
        at_destination = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
        assert {path.name for path in at_destination} == {SUCCESS, MANIFEST, "part-00000.csv.gz"}
        assert len(shop.rows("outbox", "batch_key")) == 2

        # then: the repeat enters what arrived, sends nothing twice, and says why the rest didn't arrive
        report = shop.deliver(day(1), to)
        assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == at_destination
        assert report.figures["here/vip"] == 2
        assert len(report.refused) == 1
        assert report.refused[0].startswith("there/vip: ")
        assert len(shop.rows("outbox", "batch_key")) == 2
        assert shop.rows("receipt", "destination", "outcome")[0] == ("here", "accepted")
        assert {row[0] for row in shop.rows("delivery_ledger", "destination")} == {"here"}

        # when: the bucket is there
        boto3.client("s3", endpoint_url=url).create_bucket(Bucket="late-bucket")
        assert shop.deliver(day(1), to).refused == ()
        keys = [
            item["Key"]
            for item in boto3.client("s3", endpoint_url=url).list_objects_v2(Bucket="late-bucket")["Contents"]
        ]
        assert sorted(key.rsplit("/", 1)[1] for key in keys) == sorted(path.name for path in at_destination)
        attempts = shop.rows("receipt", "destination", "attempt", "outcome")
        assert attempts[0] == ("here", 1, "accepted")
        assert [attempt[1] for attempt in attempts[1:]] == [1, 2]
        assert attempts[2] == ("there", 2, "accepted")
    assert json.loads((folder / MANIFEST).read_text()) == manifest_of(folder)
