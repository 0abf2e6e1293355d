"""A lake on S3: tables through s3a, lease and key by conditional puts. Its session has the S3 jars, so it has a process."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import boto3
from moto.server import ThreadedMotoServer

ROOT = Path(__file__).parents[2]

_SCRIPT = """
    import sys
    from pathlib import Path
    from profile_engine.config.engine import EngineConfig, LakeConfig
    from profile_engine.lake.session import spark_session
    from tests.lake.shop import belongs, changes_at, day, links, map_of
    from tests.support.lakes import lake_at
    from tests.support.session import TEST_SETTINGS

    config = LakeConfig(path="s3://lakes/shop")
    settings = {**TEST_SETTINGS, "spark.sql.warehouse.dir": sys.argv[1] + "/warehouse"}
    spark = spark_session(EngineConfig(lake=config), settings=settings, needs_s3=True)
    lake = lake_at(spark, Path(sys.argv[1]), lake=config)
    assert not lake.exists("identity_map")
    key = lake.identifier_key()
    with lake.run("identity", day(1)) as run:
        run.merge("identity_map", belongs(spark, a=1, b=2))
        run.append("identity_change", changes_at(spark, 1, "a"))
        run.append("link", links(spark))
    assert [commit.table for commit in run.commits] == ["run", "identity_map", "identity_change", "release", "run"]
    try:
        with lake.run("identity", day(2)) as run:
            run.append("identity_change", changes_at(spark, 2, "c"))
            run.append("link", links(spark, (1, 2)))
            raise ValueError
    except ValueError:
        pass
    assert lake.read("identity_change").count() == 1
    assert not lake.exists("link")
    assert lake.stored("link").head() is None
    with lake.run("identity", day(2)) as run:
        run.merge("identity_map", belongs(spark, c=3))
    assert map_of(lake) == {1: "a", 2: "b", 3: "c"}
    assert lake.identifier_key() == key
    print("all as in a folder")
    spark.stop()
"""


def test_a_lake_on_s3(tmp_path: Path) -> None:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        given = {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        client = boto3.client(
            "s3", endpoint_url=given["AWS_ENDPOINT_URL"], region_name="us-east-1",
            aws_access_key_id="test", aws_secret_access_key="test",
        )  # fmt: skip
        client.create_bucket(Bucket="lakes")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYSPARK_GATEWAY")}
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(_SCRIPT), str(tmp_path)],
            cwd=ROOT, env={**environment, **given}, capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip
        assert "all as in a folder" in done.stdout, done.stderr[-3000:]
        keys = [item["Key"] for item in client.list_objects_v2(Bucket="lakes")["Contents"]]
    finally:
        server.stop()
    assert "shop/_control/lease/00000003.json" in keys
    assert not [key for key in keys if key.startswith("shop/link/")]
