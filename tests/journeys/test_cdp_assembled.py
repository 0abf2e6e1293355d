"""Raw files of real provenance to delivered audiences: the partition is that of exact matching, by both solvers."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from profile_engine.workspace import Workspace, open_workspace
from tests.journeys.cdp_data import CdpData
from tests.support.partition_scores import Partition
from tests.support.table_versions import files_below, table_versions

pytestmark = pytest.mark.journey

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
PROJECT = Path(__file__).parent / "cdp_assembled"
DATASETS = {"crm": "crm", "loyalty": "loyalty", "orders": "orders", "web_events": "web_events"}
"""Rows of expected.json by dataset."""


class Journey:
    """One copy of the project whose sources have landed once; every variant goes on from a copy of that lake."""

    def __init__(self, spark: SparkSession, data: CdpData, folder: Path) -> None:
        self.spark, self.data, self.folder = spark, data, folder
        self.project = Path(shutil.copytree(PROJECT, folder / "project"))
        self.landed = self.opened().run(AS_OF, stages=["datasets"])
        shutil.copytree(self.project / "lake", folder / "landed")

    def opened(self, environment: str | None = None, lake: Path | None = None) -> Workspace:
        return open_workspace(self.project, environment, lake=str(lake) if lake else None, spark=self.spark)

    def resolved(self, environment: str) -> Workspace:
        """The identity graph of another configuration, on the same raw tables."""
        workspace = self.opened(environment, Path(shutil.copytree(self.folder / "landed", self.folder / environment)))
        workspace.run(AS_OF, stages=["identity"])
        return workspace


@pytest.fixture(scope="module")
def journey(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    data = CdpData.found()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CDP_DATA", str(data.folder))
        yield Journey(spark, data, tmp_path_factory.mktemp("cdp"))


@pytest.fixture(scope="module")
def first_run(journey: Journey) -> Workspace:
    """The whole road, by `one_task`, every protection off."""
    workspace = journey.opened()
    workspace.run(AS_OF)
    return workspace


def partition_of(workspace: Workspace, *, without_events_of_dropped: bool = False) -> Partition:
    """The engine's partition, as `expected.json` counts nodes.

    Exact matching without the shared browsers leaves their web events out whole; the engine drops the browser and keeps
    what else the event carries. `without_events_of_dropped` leaves out identifiers that only such events know.
    """
    placed = workspace.table("identifier").join(workspace.table("identity_map"), "identifier_id", how="inner")
    if without_events_of_dropped:
        left_out = (F.col("dataset") == "web_events") & (F.size("dropped") > 0)
        seen = workspace.table("sighting").where(~left_out).select(F.explode("identifier_ids").alias("identifier_id"))
        placed = placed.join(seen, "identifier_id", how="left_semi")
    identifiers = placed.select("namespace", "value", "profile_id").collect()
    owners = workspace.table("raw_orders").join(
        workspace.table("identity_map").withColumnRenamed("identifier_id", "owner_id"), "owner_id", how="left"
    )
    orders = owners.select("order_id", "profile_id").collect()
    return Partition.of(
        {(row.namespace, row.value): row.profile_id for row in identifiers},
        {row.order_id: row.profile_id for row in orders},
    )


def assert_matches(partition: Partition, data: CdpData, figures: str) -> None:
    expected = data.expected[figures]
    scores = partition.scored(data.truth)
    assert {
        "nodes": len(partition.component), "components": len(partition.sizes), "largest": partition.sizes[:3],
        "rows": scores.rows, "persons": scores.persons, "clusters": scores.clusters,
        "pairwise_precision": round(scores.precision, 6), "pairwise_recall": round(scores.recall, 6),
        "largest_cluster_rows": scores.largest_cluster_rows,
    } == {name: value for name, value in expected.items() if name not in ("distinct_edges", "shared_ecids")}  # fmt: skip


def test_every_row_landed_or_is_in_quarantine(journey: Journey):
    workspace = journey.opened(lake=journey.folder / "landed")
    batches = {row.dataset: row for row in workspace.table("batch").collect()}
    quarantined = {
        row.dataset: row["count"] for row in workspace.table("quarantine").groupBy("dataset").count().collect()
    }
    for dataset, rows in DATASETS.items():
        batch = batches[dataset]
        assert batch.read == journey.data.expected["rows"][rows]
        assert batch.accepted + batch.rejected == batch.read
        assert workspace.table(f"raw_{dataset}").count() == batch.accepted
        assert quarantined.get(dataset, 0) == batch.rejected


def test_revenue_is_right_to_the_cent(journey: Journey):
    landed = journey.opened(lake=journey.folder / "landed").table("raw_orders")
    assert landed.agg(F.sum("amount")).first()[0] == journey.data.revenue


def test_one_task_gives_the_partition_of_exact_matching(journey: Journey, first_run: Workspace):
    assert_matches(partition_of(first_run), journey.data, "exact_match_all")


def test_graphframes_gives_the_partition_of_exact_matching(journey: Journey, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.INFO, logger="profile_engine"):
        workspace = journey.resolved("graphframes")
    assert "org.graphframes" in caplog.text, "GraphFrames itself must have run"
    assert_matches(partition_of(workspace), journey.data, "exact_match_all")


def test_with_the_shared_browsers_blocked_the_partition_is_the_second_one(journey: Journey):
    blocked = ", ".join(f'"{ecid}"' for ecid in journey.data.shared_browsers)
    environment = journey.project / "conf/environments/shared_browsers_blocked.yaml"
    environment.write_text(f"identity: {{stitching: {{blocked_values: [{{ecid: [{blocked}]}}]}}}}\n")

    workspace = journey.resolved("shared_browsers_blocked")

    partition = partition_of(workspace, without_events_of_dropped=True)
    assert_matches(partition, journey.data, "exact_match_without_shared_ecids")


def test_two_persons_per_browser_keep_precision_and_recall(journey: Journey):
    scores = partition_of(journey.resolved("persons_per_value")).scored(journey.data.truth)
    assert scores.precision >= 0.9997
    assert scores.recall >= 0.695


def test_a_second_run_changes_no_table_and_sends_nothing(journey: Journey, first_run: Workspace):
    lake, exports = journey.project / "lake", journey.project / "exports"
    tables, sent = table_versions(lake), files_below(exports)
    assert any(path.endswith("_SUCCESS") for path in sent)

    again = journey.opened().run(AS_OF)

    changed = {table for table, version in table_versions(lake).items() if version != tables.get(table)}
    assert changed <= {"run"}
    assert len(again.commits) <= 3
    assert files_below(exports) == sent
