"""spark-submit on a standalone cluster, its workers' own Python bare, ends with the same tables as local mode."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from profile_engine.lake.jars import resolve_jars
from profile_engine.workspace import Workspace, open_workspace
from tests.support.cluster import SPARK_HOME, standalone_cluster

ROOT = Path(__file__).parents[2]
AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
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
DESTINATIONS = ("ads_files", "data_team", "newsletter")
KEY = {"SHOP_IDENTIFIER_KEY": "a key for tests only, the same in both lakes"}

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the shipped project with a configured identifier key, so that two lakes give the same ids."""
    folder = tmp_path_factory.mktemp("project") / "shop"
    for part in ("conf", "segments", "sample_data"):
        shutil.copytree(ROOT / part, folder / part)
    exports = ", ".join(f"{name}: {{to: {{folder: {{path: '${{SHOP_EXPORTS}}'}}}}}}" for name in DESTINATIONS)
    overlay = f"engine: {{lake: {{identifier_key: '${{SHOP_IDENTIFIER_KEY}}'}}}}\ndestinations: {{{exports}}}\n"
    (folder / "conf" / "environments" / "same_key.yaml").write_text(overlay)
    return folder


def digest(rows: DataFrame) -> tuple[int, str]:
    """Row count and an order-free digest of a table, run ids left out."""
    compared = rows.drop("run_id").select(F.xxhash64(F.to_json(F.struct("*"))).cast("decimal(20,0)").alias("row"))
    count, total = compared.agg(F.count("*"), F.sum("row")).first() or (0, 0)
    return count, str(total)


def digests(workspace: Workspace) -> dict[str, tuple[int, str]]:
    return {table: digest(workspace.table(table)) for table in COMPARED}


def exported(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*.*") if file.is_file()}


def test_the_cluster_ends_with_the_tables_of_local_mode(
    spark: SparkSession, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    # given the same project, once in this session
    for name, value in KEY.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SHOP_EXPORTS", str(tmp_path / "local_exports"))
    local = open_workspace(project, "same_key", str(tmp_path / "local_lake"), spark)
    local.run(AS_OF)

    # when the job runs under spark-submit, with the project as an archive
    packed, cluster_lake = tmp_path / "packed", tmp_path / "cluster_lake"
    subprocess.run(
        ["bash", str(ROOT / "scripts" / "pack_environment.sh"), str(packed)], check=True, capture_output=True
    )
    archive = shutil.make_archive(str(tmp_path / "project"), "zip", project)
    jars = resolve_jars(local.project.engine)
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
                "--conf", "spark.pyspark.python=./environment/bin/python",
                "--conf", f"spark.pyspark.driver.python={sys.executable}",
                "--py-files", str(next(packed.glob("*.whl"))), "--archives", f"{packed}/environment.tar.gz#environment",
                str(ROOT / "jobs" / "run_everything.py"), "--project", archive, "--environment", "same_key",
                "--lake", str(cluster_lake), "--as-of", "2026-11-01T00:00:00Z", "--output", "json",
            ],
            env={**os.environ, "SHOP_EXPORTS": str(tmp_path / "cluster_exports"), "SPARK_HOME": str(SPARK_HOME), "DATA": str(project / "sample_data"), "SPARK_LOCAL_IP": "127.0.0.1"},
            capture_output=True, text=True, cwd=tmp_path, check=False, timeout=420,
        )  # fmt: skip

    # then the workers had nothing of their own, and the tables are the same
    assert bare.returncode != 0
    said = [line for line in submitted.stderr.splitlines() if " INFO " not in line]
    assert submitted.returncode == 0, "\n".join(said)[-6000:]
    assert '"release_id": 1' in submitted.stdout
    assert any((tmp_path / "cluster").glob("work*/app-*/*/environment/bin/python"))
    assert digests(open_workspace(project, "same_key", str(cluster_lake), spark)) == digests(local)
    assert exported(tmp_path / "cluster_exports") == exported(tmp_path / "local_exports") != {}
