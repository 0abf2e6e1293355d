"""A lake on S3: tables through s3a, lease, key and log by boto3."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from profile_engine.config.engine import EngineConfig, LakeConfig, SparkConfig
from profile_engine.lake.control import s3_client
from tests.lake.shop import belongs, changes_at, day, links, map_of
from tests.support.lakes import lake_at
from tests.support.servers import read_bucket_from, s3_server


def test_a_lake_on_s3(spark: SparkSession, tmp_path: Path) -> None:
    config = LakeConfig(path="s3://shop-lakes/shop")
    with s3_server() as url:
        read_bucket_from(spark, "shop-lakes", url)
        told = SparkConfig(
            settings={"spark.hadoop.fs.s3a.endpoint": url, "spark.hadoop.fs.s3a.endpoint.region": "us-east-1"}
        )
        client = s3_client(EngineConfig(lake=config, spark=told))
        client.create_bucket(Bucket="shop-lakes")
        lake = lake_at(spark, tmp_path, lake=config, spark=told)
        assert not lake.exists("identity_map")
        key = lake.identifier_key()
        with lake.run("identity", day(1)) as run:
            run.merge("identity_map", belongs(spark, a=1, b=2))
            run.append("link", links(spark))
        assert [commit.table for commit in run.commits] == ["run", "identity_map", "release", "run"]
        with pytest.raises(ValueError, match="wrong"), lake.run("identity", day(2)) as run:
            run.append("identity_change", changes_at(spark, 2, "c"))
            raise ValueError("wrong")
        assert not lake.exists("identity_change")
        assert lake.stored("identity_change").head() is None
        with lake.run("identity", day(2)) as run:
            run.merge("identity_map", belongs(spark, c=3))
        assert map_of(lake) == {1: "a", 2: "b", 3: "c"}
        assert lake.identifier_key() == key
        keys = [item["Key"] for item in client.list_objects_v2(Bucket="shop-lakes")["Contents"]]
    assert "shop/_control/lease/00000003.json" in keys
    assert not [name for name in keys if name.startswith(("shop/link/", "shop/identity_change/"))]
