"""The shipped project on the sample shop: every figure is that of the generator's truth."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from profile_engine.workspace import open_workspace
from tests.sample_data.shop import ROOT, shop_truth
from tests.support.sample_shop_run import AS_OF, ShopRun, copied_project
from tests.support.table_versions import files_below, table_versions

pytestmark = pytest.mark.journey


def test_as_of_is_that_of_the_demo():
    assert shop_truth()["as_of"] == AS_OF.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert "--as-of 2026-11-01T00:00:00Z" in (ROOT / "Makefile").read_text()


def test_every_row_is_accepted_or_in_quarantine_with_its_reasons(shop: ShopRun):
    workspace = shop.workspace
    quarantined = workspace.table("quarantine").select("file", F.explode("reasons").alias("reason"))
    found: dict[str, dict[str, int]] = {}
    for row in quarantined.groupBy("file", "reason.code").count().collect():
        found.setdefault(row.file.split("sample_data/")[1], {})[row.code] = row["count"]
    files = {path: file for path, file in shop_truth()["files"].items() if not file["copy_of"]}
    assert found == {path: file["reasons"] for path, file in files.items() if file["reasons"]}

    batches = (
        workspace.table("batch")
        .groupBy("dataset")
        .agg(*[F.sum(name).alias(name) for name in ("read", "accepted", "rejected", "no_identity")])
    )
    for batch in batches.collect():
        ours = [file for file in files.values() if file["dataset"] == batch.dataset]
        for name in ("read", "accepted", "rejected", "no_identity"):
            assert batch[name] == sum(file[name] for file in ours), (batch.dataset, name)
    for dataset, rows in shop_truth()["landed"].items():
        assert workspace.table(f"raw_{dataset}").count() == rows


def test_a_file_that_came_twice_is_read_once(shop: ShopRun):
    workspace = shop.workspace
    batches = workspace.table("batch").select("status", F.explode("files.path").alias("path")).collect()
    copies = [path for path, file in shop_truth()["files"].items() if file["copy_of"]]
    assert [row.path.split("sample_data/")[1] for row in batches if row.status == "duplicate"] == copies
    assert len([row for row in batches if row.status == "loaded"]) == len(shop_truth()["files"]) - len(copies)


def test_revenue_is_right_to_the_cent(shop: ShopRun):
    workspace = shop.workspace
    assert workspace.table("raw_orders").agg(F.sum("amount")).first()[0] == Decimal(shop_truth()["revenue"])


def test_profiles_are_the_components_of_exact_matching(shop: ShopRun):
    workspace = shop.workspace
    truth = shop_truth()
    sizes = workspace.table("identity_map").groupBy("profile_id").count()
    found = sizes.agg(F.count(F.lit(1)), F.sum("count"), F.max("count")).first()
    assert tuple(found) == (truth["profiles"], truth["identifiers"], truth["largest_profile"])
    profiles = (
        workspace.table("profile").select("profile_id", F.col("identities.namespace").alias("namespaces")).collect()
    )
    assert len({row.profile_id for row in profiles}) == len(profiles) == truth["profiles"]
    assert sum(row.namespaces.count("crm_id") > 1 for row in profiles) == truth["people_with_two_crm_ids"]


def test_the_late_version_of_a_customer_is_ignored(shop: ShopRun):
    workspace = shop.workspace
    (crm_id,) = shop_truth()["cases"]["late_version"]
    row = workspace.table("profile").where(F.col("crm_id") == crm_id).first()
    assert row.status == "active"
    assert row.address.city != "Nergens"


def test_segments_have_the_members_of_the_truth(shop: ShopRun):
    workspace = shop.workspace
    numbers = workspace.table("segment_version").select("segment", F.col("segment_no").alias("number")).distinct()
    members = workspace.table("membership").select(F.explode("segments").alias("number"))
    counted = members.join(numbers, "number", how="inner").groupBy("segment").count().collect()
    assert {row.segment: row["count"] for row in counted} == shop_truth()["segments"]


def test_computed_attributes_are_those_of_the_truth(shop: ShopRun):
    computed = shop.workspace.table("profile").select("computed.*")
    total = computed.agg(F.sum("orders_365d"), F.sum("spent_365d")).first()
    favourites = {
        row.favourite_category: row["count"] for row in computed.groupBy("favourite_category").count().collect()
    }
    favourites.pop(None)
    assert {"orders_365d": total[0], "spent_365d": str(total[1]), "favourite_category": favourites} == (
        shop_truth()["computed"]
    )


def test_destinations_get_whom_consent_allows(shop: ShopRun):
    workspace = shop.workspace
    for row in (
        workspace.table("outbox")
        .groupBy("destination", "audience")
        .agg(F.sum("rows").alias("rows"), F.max("withheld").alias("withheld"))
        .collect()
    ):
        truth = dict(shop_truth()["destinations"][row.destination][row.audience])
        truth.pop("members")
        withheld = dict.fromkeys(("no_consent", "unknown_consent", "no_identity"), 0)
        withheld |= {entry.reason: entry.rows for entry in row.withheld}
        assert {"rows": row.rows, **withheld} == truth, (row.destination, row.audience)


def test_files_hold_the_rows_that_their_manifest_states(shop: ShopRun):
    exports = files_below(shop.project / "exports")
    manifests = [path for path in exports if path.endswith("manifest.json")]
    assert len(manifests) == len([path for path in exports if path.endswith("_SUCCESS")]) == 8
    for path in manifests:
        destination, audience, *_ = path.split("/")
        parts = json.loads(exports[path])["parts"]
        assert sum(part["rows"] for part in parts) == shop_truth()["destinations"][destination][audience]["rows"]
        for part in parts:
            content = exports[str(Path(path).with_name(part["name"]))]
            assert hashlib.sha256(content).hexdigest() == part["sha256"]
            assert len(content) == part["bytes"]


def test_a_first_run_makes_few_commits(shop: ShopRun):
    assert len(shop.result.commits) <= 30


def test_a_second_run_changes_nothing_but_its_own_record(spark: SparkSession, shop: ShopRun):
    lake, exports = table_versions(shop.project / "lake"), files_below(shop.project / "exports")

    again = open_workspace(shop.project, spark=spark).run(AS_OF)

    changed = {table for table, version in table_versions(shop.project / "lake").items() if version != lake.get(table)}
    assert changed <= {"run"}
    assert len(again.commits) <= 3
    assert files_below(shop.project / "exports") == exports


def test_files_by_other_names_and_another_key_give_the_same_parts(spark: SparkSession, shop: ShopRun, tmp_path: Path):
    other = copied_project(tmp_path)
    months = sorted((other / "sample_data/orders/monthly").glob("*.csv"))
    for number, month in enumerate(reversed(months)):  # the order of files is turned round
        month.rename(month.with_name(f"{number}_{month.name}"))

    open_workspace(other, spark=spark).run(AS_OF)

    assert (other / "lake").exists()
    parts = {path: content for path, content in files_below(shop.project / "exports").items() if "/part-" in path}
    assert parts
    assert {path: content for path, content in files_below(other / "exports").items() if "/part-" in path} == parts
