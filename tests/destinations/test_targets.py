"""What every connector promises, run over the registry: a new connector adds its settings here and is tested."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest

from profile_engine.destinations.connectors import connector, connectors
from profile_engine.destinations.target import Target
from profile_engine.errors import PermanentDeliveryError, TransientDeliveryError
from tests.support.servers import AWS_FOR_TESTS, s3_server

NAMES = ["plain.txt", "a b/ü=1,2/%2F.txt", "as_of=2026-11-01T00-00-00Z/part-00000.csv.gz"]


@pytest.fixture(scope="module")
def s3_url() -> Iterator[str]:
    with pytest.MonkeyPatch.context() as environment, s3_server() as url:
        for name, value in AWS_FOR_TESTS.items():
            environment.setenv(name, os.environ.get(name, value))
        boto3.client("s3", endpoint_url=url).create_bucket(Bucket="contract")
        yield url


@pytest.fixture(params=list(connectors()))
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Target:
    """A target that is empty at the start of each test."""
    settings_of: dict[str, Callable[[], dict[str, str]]] = {
        "folder": lambda: {"path": "exports"},
        "s3_files": lambda: {
            "bucket": "contract",
            "prefix": tmp_path.name,
            "endpoint_url": request.getfixturevalue("s3_url"),
        },
    }
    way = connector(request.param)
    return way.target(way.Settings.model_validate(settings_of[request.param]()), tmp_path)


def test_texts_are_written_whole_replaced_and_read_back(target: Target):
    for name in NAMES:
        assert target.read_text(f"x/{name}") is None
        target.write_text(f"x/{name}", "first ü\n")
        target.write_text(f"x/{name}", "second ü\n")
        assert target.read_text(f"x/{name}") == "second ü\n"


def test_a_staged_file_gets_its_final_name_and_takes_the_place_of_what_stood_there(target: Target):
    for name in NAMES:
        target.write_text(f"_staging/run 1/{name}", "new")
        target.write_text(f"final/{name}", "old")
        target.publish(f"_staging/run 1/{name}", f"final/{name}")
        assert target.read_text(f"final/{name}") == "new"


class NumberAtTheEnd:
    """An end of eight digits that is in form when they rise."""

    def footer_start(self, tail: bytes, size: int) -> int:
        assert len(tail) >= 8
        return size - 8

    def canonical_footer(self, footer: bytes) -> bytes:
        return bytes(sorted(footer))

    def canonical_file(self, content: bytes) -> bytes:
        return content[:-8] + self.canonical_footer(content[-8:])


def test_the_end_of_a_file_is_put_in_form_whatever_its_size(target: Target):
    for name, body in {"small": "x" * 100, "large": "y" * 6_000_000}.items():
        for end in ("87654321", "12345678"):
            target.write_text(f"_staging/{name}", body + end)
            target.publish(f"_staging/{name}", f"final/{name}", NumberAtTheEnd())
            assert target.read_text(f"final/{name}") == body + "12345678"


def test_a_folder_is_removed_with_all_below_and_nothing_beside(target: Target):
    for path in ("ads/vip/a/1", "ads/vip/2", "ads/vip2/1", "ads/vi"):
        target.write_text(path, path)
    target.remove("ads/vip")
    target.remove("ads/vip")
    target.remove("never/there")
    there = [path for path in ("ads/vip/a/1", "ads/vip/2", "ads/vip2/1", "ads/vi") if target.read_text(path)]
    assert there == ["ads/vip2/1", "ads/vi"]


def test_spark_is_told_where_and_how_but_no_credential(target: Target):
    assert target.uri("a/b").endswith("/a/b")
    assert target.uri("a").split("://")[0] in ("file", "s3a", "abfss", "gs", "hdfs")
    told = " ".join([*target.spark_options(), *target.spark_options().values()])
    assert not [word for word in ("secret", "token", "access.key") if word in told.lower()]
    assert AWS_FOR_TESTS["AWS_SECRET_ACCESS_KEY"] not in target.spark_options().values()


def bucket(**settings: str) -> Target:
    way = connector("s3_files")
    return way.target(way.Settings.model_validate(settings), Path())


def test_a_bucket_that_is_not_there_is_for_a_person_to_mend(s3_url: str):
    with pytest.raises(PermanentDeliveryError, match="bucket not-there refused PutObject with NoSuchBucket; check"):
        bucket(bucket="not-there", endpoint_url=s3_url).write_text("a", "b")


def test_a_store_that_does_not_answer_is_waited_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(TransientDeliveryError, match="can't be reached"):
        bucket(bucket="contract", endpoint_url="http://127.0.0.1:9").read_text("a")


def test_without_credentials_it_says_which_variables_to_set(
    s3_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(PermanentDeliveryError, match="set AWS_ACCESS_KEY_ID"):
        bucket(bucket="contract", endpoint_url=s3_url).read_text("a")


def test_a_kms_key_is_asked_for_by_spark_and_by_the_markers(s3_url: str, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG, "profile_engine")
    encrypted = bucket(bucket="contract", endpoint_url=s3_url, kms="alias/audiences", prefix="kms")
    encrypted.write_text("a", "text")
    encrypted.publish("a", "b")
    client = boto3.client("s3", endpoint_url=s3_url)
    heads = [client.head_object(Bucket="contract", Key=f"kms/{name}") for name in ("a", "b")]
    assert [head["SSEKMSKeyId"] for head in heads] == ["alias/audiences"] * 2
    assert encrypted.spark_options()["fs.s3a.bucket.contract.encryption.algorithm"] == "SSE-KMS"
    assert caplog.text == ""
