"""The whole stage on a real lake, to a folder."""

from __future__ import annotations

from pathlib import Path

from pyspark.sql import SparkSession

from tests.destinations.shop import Person, Shop, csv_rows, day, destination, files_below, manifest_of, sha

AS_OF = "as_of=2026-11-01T00-00-00Z"


def test_audiences_go_whole_with_consent_applied_hashed_and_mapped(spark: SparkSession, tmp_path: Path):
    # given: people with and without consent and addresses; one address known from two of them
    shop = Shop(spark, tmp_path)
    shop.people(
        day(1),
        Person("a", ("ann@x.org", "ann@y.org"), {1: 1, 2: 1}, attributes={"address": ("Ghent", "BE"), "points": 7}),
        Person("b", ("bob@x.org",), {1: 1}, consent="n"),
        Person("c", ("cy@x.org",), {1: 1}, consent=None),
        Person("d", (), {1: 1}),
        Person("e", ("shared@x.org",), {1: 1}, attributes={"address": ("Rome", "IT")}),
        Person("f", ("shared@x.org",), {1: 1}, attributes={"address": ("Bonn", "DE")}),
        Person("g", ("   ",), {1: 1}),
        Person("h", ("nobody@x.org",)),
    )
    ads = destination(
        identity={"email": "sha256_hex"}, attributes={"city": "address.city", "points": "points"},
        audiences=["vip", {"segment": "lapsed", "as": "LAPSED/2026"}], consent={"purpose": "advertising"},
    )  # fmt: skip

    # when
    report = shop.deliver(day(1), {"ads": ads})

    # then
    vip = tmp_path / "exports/ads/vip" / AS_OF
    expected = {sha("ann@x.org"): ("Ghent", "7"), sha("ann@y.org"): ("Ghent", "7"), sha("shared@x.org"): ("Rome", "")}
    assert [(row["email"], row["city"], row["points"]) for row in csv_rows(vip)] == sorted((i, *rest) for i, rest in expected.items())
    assert len(csv_rows(tmp_path / "exports/ads/LAPSED%2F2026" / AS_OF)) == 2
    assert sorted(files_below(vip)) == ["_SUCCESS", "manifest.json", "part-00000.csv.gz"]
    assert not list((tmp_path / "exports").rglob("_staging*"))
    assert report.refused == ()
    assert report.figures["ads/vip"] == 3
    withheld = {name: rows for name, rows in report.figures.items() if "vip withheld" in name}
    assert withheld == {"ads/vip withheld: no_consent": 1, "ads/vip withheld: no_identity": 2, "ads/vip withheld: unknown_consent": 1}
    assert manifest_of(vip)["columns"] == ["email", "city", "points"]
    assert shop.rows("receipt", "audience", "position", "attempt", "outcome", "rows") == [
        ("LAPSED/2026", 0, 1, "accepted", 2), ("vip", 0, 1, "accepted", 3),
    ]  # fmt: skip

    # when run again: nothing is sent, no table but the run's record moves
    versions = {table: shop.lake.stored(table).head() for table in ("outbox", "receipt", "delivery_ledger", "release")}
    before = files_below(tmp_path / "exports")
    again = shop.deliver(day(1), {"ads": ads})
    assert again.skipped == "no delivery is due"
    assert files_below(tmp_path / "exports") == before
    assert {table: shop.lake.stored(table).head() for table in versions} == versions
