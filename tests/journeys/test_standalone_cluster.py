"""spark-submit on a standalone cluster, its workers' own Python bare, ends with the same tables as local mode."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from profile_engine.lake.jars import resolve_jars
from profile_engine.workspace import Workspace, open_workspace
from tests.support.cluster import SPARK_HOME, standalone_cluster
from tests.support.sample_shop_run import ShopRun, copied_project

ROOT = Path(__file__).parents[2]
COMPARED = (
    "identifier",
    "link",
    "identity_map",
    "profile",
    "timeline",
    "membership",
    "membership_change",
    "quarantine",
)
pytestmark = pytest.mark.journey


OVERLAY = """
engine: {lake: {identifier_key: '${SHOP_IDENTIFIER_KEY}'}}
destinations:
  ads_files: {to: {folder: {path: '${SHOP_EXPORTS}'}}}
  data_team: {to: {folder: {path: '${SHOP_EXPORTS}'}}}
  newsletter: {to: {folder: {path: '${SHOP_EXPORTS}'}}}
"""


def digest(rows: DataFrame) -> tuple[int, str]:
    """Row count and an order-free digest of a table, run ids left out."""
    compared = rows.drop("run_id").select(F.xxhash64(F.to_json(F.struct("*"))).cast("decimal(20,0)").alias("row"))
    count, total = compared.agg(F.count("*"), F.sum("row")).first() or (0, 0)
    return count, str(total)


def digests(workspace: Workspace) -> dict[str, tuple[int, str]]:
    return {table: digest(workspace.table(table)) for table in COMPARED}


def exported(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*.*") if file.is_file()}


def test_the_cluster_ends_with_the_tables_of_local_mode(spark: SparkSession, shop: ShopRun, tmp_path: Path):
    # given the shop as it was run in this session, and its project as an archive with what the two runs must share: the
    # key of identifiers, so that ids are the same
    packed, cluster_lake, exports = tmp_path / "packed", tmp_path / "cluster_lake", tmp_path / "exports"
    project = copied_project(tmp_path / "project")
    (project / "conf" / "environments" / "cluster.yaml").write_text(OVERLAY)
    archive = shutil.make_archive(str(tmp_path / "project"), "zip", project)
    subprocess.run(
        ["bash", str(ROOT / "scripts" / "pack_environment.sh"), str(packed)], check=True, capture_output=True
    )
    jars = resolve_jars(shop.workspace.project.engine)
    given = {
        "SHOP_IDENTIFIER_KEY": shop.workspace.lake.identifier_key().hex(),
        "SHOP_EXPORTS": str(exports),
        "DATA": str(shop.project / "sample_data"),
        "SPARK_HOME": str(SPARK_HOME),
        "SPARK_LOCAL_IP": "127.0.0.1",
    }

    # when the job runs under spark-submit
    (tmp_path / "cluster").mkdir()
    with standalone_cluster(tmp_path / "cluster") as cluster:
        bare = subprocess.run([str(cluster.bare_python), "-c", "import numpy"], capture_output=True, check=False)
        submitted = subprocess.run(
            [
                str(SPARK_HOME / "bin" / "spark-submit"), "--master", cluster.master, "--deploy-mode", "client",
                "--driver-memory", "1g", "--executor-memory", "1g", "--jars", ",".join(str(jar) for jar in jars.files),
                "--conf", "spark.sql.extensions=io.delta.sql.DeltaSparkSessionExtension",
                "--conf", "spark.sql.catalog.spark_catalog=org.apache.spark.sql.delta.catalog.DeltaCatalog",
                "--conf", "spark.driver.host=127.0.0.1", "--conf", "spark.sql.shuffle.partitions=4",
                "--conf", "spark.databricks.delta.snapshotPartitions=1", "--conf", "spark.ui.enabled=false",
                # here plans are compiled and adapted, as they are where data is large
                "--conf", "spark.sql.codegen.wholeStage=true", "--conf", "spark.sql.codegen.factoryMode=FALLBACK",
                "--conf", "spark.sql.adaptive.enabled=true",
                "--conf", "spark.pyspark.python=./environment/bin/python",
                "--conf", f"spark.pyspark.driver.python={sys.executable}",
                "--py-files", str(next(packed.glob("*.whl"))), "--archives", f"{packed}/environment.tar.gz#environment",
                str(ROOT / "jobs" / "run_everything.py"), "--project", archive, "--environment", "cluster",
                "--lake", str(cluster_lake), "--as-of", "2026-11-01T00:00:00Z", "--output", "json",
            ],
            env={**os.environ, **given},
            capture_output=True, text=True, cwd=tmp_path, check=False, timeout=900,
        )  # fmt: skip

    # then the workers had nothing of their own, and the tables are the same
    assert bare.returncode != 0
    said = [line for line in submitted.stderr.splitlines() if " INFO " not in line]
    assert submitted.returncode == 0, "\n".join(said)[-6000:]
    assert '"release_id": 1' in submitted.stdout
    assert any((tmp_path / "cluster").glob("work*/app-*/*/environment/bin/python"))
    assert digests(open_workspace(project, lake=str(cluster_lake), spark=spark)) == digests(shop.workspace)
    assert exported(exports) == exported(shop.project / "exports") != {}
