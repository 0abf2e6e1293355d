"""Source files on S3: listed, looked into and read through Spark's file systems, with the same outcome as files here."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from profile_engine.errors import DataError
from tests.datasets.shop import FILES, shop
from tests.datasets.test_stage import HEADER, codes, conserved, ingest
from tests.support.lakes import lake_at
from tests.support.servers import read_bucket_from, s3_server

BUCKET = "shop-files"
VISIT = {"visit_id": "V1", "at": "2026-01-01T10:00:00Z", "kind": "buy", "amount": 1.25, "ecid": "E1"}


@pytest.fixture(scope="module")
def s3_url(spark: SparkSession) -> Iterator[str]:
    with s3_server() as url:
        boto3.client("s3", endpoint_url=url).create_bucket(Bucket=BUCKET)
        read_bucket_from(spark, BUCKET, url)
        yield url


def put(url: str, name: str, content: bytes) -> None:
    boto3.client("s3", endpoint_url=url).put_object(Bucket=BUCKET, Key=name, Body=content)


def test_files_of_every_format_land_once_and_what_is_wrong_is_kept_aside(
    spark: SparkSession, s3_url: str, tmp_path: Path
) -> None:
    # given: sources on S3 with good files, bad ones, one twice, and names that a URI would write otherwise
    customers = FILES["conf/datasets/customers.yaml"].replace("data/crm/*", f"s3://{BUCKET}/crm/*")
    visits = FILES["conf/datasets/visits.yaml"].replace("data/web/*.jsonl", f"s3a://{BUCKET}/web/*.jsonl")
    visits += f"  old: {{files: 's3a://{BUCKET}/old/*.parquet', format: parquet, mode: append}}\n"
    project, lake = shop(tmp_path, customers=customers, visits=visits), lake_at(spark, tmp_path)
    good = (HEADER + "C1,a@x.de,5,2026-01-01T10:00:00,rome,01012\nC2,b@x.de,-1,,Rome,1\n").encode()
    put(s3_url, "crm/1 good é.csv.gz", gzip.compress(good, mtime=0))
    put(s3_url, "crm/2_again.csv.gz", gzip.compress(good, mtime=0))
    put(s3_url, "crm/3_truncated.csv.gz", gzip.compress(good * 50)[:-7])
    put(s3_url, "crm/4_wrong_header.csv", b"id,mail\n1,2\n")
    put(s3_url, "crm/_hidden.csv", b"not looked at")
    put(s3_url, "web/1.jsonl", json.dumps(VISIT).encode() + b"\n{oops\n")
    with pa.BufferOutputStream() as sink:
        pq.write_table(pa.Table.from_pylist([{**VISIT, "visit_id": "V2"}]), sink)
        put(s3_url, "old/1.parquet", sink.getvalue().to_pybytes())
    # when
    report, again = ingest(lake, project, 1), ingest(lake, project, 2)
    # then
    conserved(lake, report)
    figures = ("read", "accepted", "rejected", "duplicates")
    assert {name: report.figures[name] for name in figures} == {
        "read": 2 + 2 + 1 + 2, "accepted": 1 + 1 + 1, "rejected": 1 + 2 + 1, "duplicates": 1,
    }  # fmt: skip
    assert lake.read("raw_customers").count() == 1
    assert {row.visit_id for row in lake.read("raw_visits").collect()} == {"V1", "V2"}
    aside = codes(lake.read("quarantine"))
    assert (aside["3_truncated.csv.gz"], aside["4_wrong_header.csv"]) == (
        [("unreadable_file", "")],
        [("wrong_header", "")],
    )
    # then: nothing is new the next day
    assert again.skipped == "no new files"


def test_a_bucket_that_is_not_there_is_said_with_its_address(spark: SparkSession, s3_url: str, tmp_path: Path) -> None:
    customers = FILES["conf/datasets/customers.yaml"].replace("data/crm/*", f"s3a://{BUCKET}-typo/crm/*")
    read_bucket_from(spark, f"{BUCKET}-typo", s3_url)
    project, lake = shop(tmp_path, customers=customers), lake_at(spark, tmp_path)
    with pytest.raises(DataError, match=rf"customers/crm at s3a://{BUCKET}-typo"):
        ingest(lake, project, 1)
