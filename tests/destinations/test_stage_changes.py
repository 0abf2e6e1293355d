"""Whole first, then changes: four days on a real lake against plain Python."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from pyspark.sql import SparkSession

from profile_engine.destinations.config import DestinationConfig
from profile_engine.lake.lake import open_lake
from tests.destinations.shop import Person, Shop, csv_rows, day, destination, files_below, manifest_of

GUARDS = {"removals": {"at_most": "50 %"}, "when_empty": "stop"}


def ads(**given: object) -> DestinationConfig:
    return destination(
        attributes={"name": "first_name"}, audiences=["vip", "lapsed"], export={"mode": "full_then_changes"},
        consent={"purpose": "advertising"}, guards=GUARDS, **given,
    )  # fmt: skip


def folder_of(shop: Shop, number: int, audience: str = "vip") -> Path:
    return shop.root / f"exports/ads/{audience}/as_of=2026-11-{number:02}T00-00-00Z"


def named(name: str) -> dict[str, str]:
    return {"first_name": name}


def test_four_days_of_changes_leave_the_desired_set_at_the_destination(spark: SparkSession, tmp_path: Path):
    shop = Shop(spark, tmp_path)
    stays = Person("s", ("s@x.org",), {1: 1, 2: 1}, attributes=named("Sam"))
    days = [
        # whole: three people, the status on every row, and last
        [
            stays,
            Person("a", ("a@x.org",), {1: 1}, attributes=named("Ann")),
            Person("b", ("b1@x.org", "b2@x.org"), {1: 1}),
        ],
        # Ann leaves the segment and has a new name; Bob loses an address; Cy enters
        [
            stays,
            Person("a", ("a@x.org",), {}, attributes=named("Anna")),
            Person("b", ("b1@x.org",), {1: 1}),
            Person("c", ("c@x.org",), {1: 2}),
        ],
        # nothing but an attribute changes
        [
            stays,
            Person("a", ("a@x.org",)),
            Person("b", ("b1@x.org",), {1: 1}, attributes=named("Bob")),
            Person("c", ("c@x.org",), {1: 2}),
        ],
        # Bob takes his consent back, Ann returns
        [
            stays,
            Person("a", ("a@x.org",), {1: 4}),
            Person("b", ("b1@x.org",), {1: 1}, "n"),
            Person("c", ("c@x.org",), {1: 2}),
        ],
    ]
    expected = [
        {
            ("s@x.org", "Sam", "realized"),
            ("a@x.org", "Ann", "realized"),
            ("b1@x.org", "", "realized"),
            ("b2@x.org", "", "realized"),
        },
        {("a@x.org", "Ann", "exited"), ("b2@x.org", "", "exited"), ("c@x.org", "", "realized")},
        set(),
        {("a@x.org", "", "realized"), ("b1@x.org", "Bob", "exited")},
    ]
    at_destination: set[str] = set()
    for number, people in enumerate(days, start=1):
        report = shop.deliver(day(number), {"ads": ads()}, after=people)
        rows = csv_rows(folder_of(shop, number))
        assert report.refused == ()
        assert {(row["email"], row["name"], row["status"]) for row in rows} == expected[number - 1]
        for row in rows:
            assert (row["email"] in at_destination) is (row["status"] == "exited")
            at_destination ^= {row["email"]}
        desired = {
            email for person in people if 1 in person.segments and person.consent == "y" for email in person.emails
        }
        assert at_destination == desired
        told = manifest_of(folder_of(shop, number))
        assert told["operation"] == ("full" if number == 1 else "changes")
        assert told["members"] == len(desired)
        assert told["columns"] == ["email", "name", "status"]

    # nothing changed on the third day: a folder that says so, with no part
    assert sorted(files_below(folder_of(shop, 3))) == ["_SUCCESS", "manifest.json"]
    assert manifest_of(folder_of(shop, 3))["previous_as_of"] == "2026-11-02T00:00:00Z"
    assert shop.rows("delivery_ledger", "audience", "position", "operation", "rows", "members") == [
        ("lapsed", 0, "changes", 0, 1), ("vip", 0, "changes", 2, 3),
    ]  # fmt: skip

    # when too many would leave, the audience is set aside and the others go
    lapsed_too = Person("l", ("l@x.org",), {2: 5})
    report = shop.deliver(day(5), {"ads": ads()}, after=[stays, lapsed_too])
    assert len(report.refused) == 1
    assert "ads/vip would lose 2 of 3 rows (66.7 %)" in report.refused[0]
    assert not folder_of(shop, 5).exists()
    assert [row["email"] for row in csv_rows(folder_of(shop, 5, "lapsed"))] == ["l@x.org"]

    # when that is confirmed a day later, each audience is compared with its own last delivery
    report = shop.deliver(day(6), {"ads": ads()}, confirm=frozenset({"removals:ads/vip"}), after=[stays])
    assert report.refused == ()
    assert statuses(shop, 6) == {("a@x.org", "exited"), ("c@x.org", "exited")}
    assert statuses(shop, 6, "lapsed") == {("l@x.org", "exited")}
    assert manifest_of(folder_of(shop, 6))["previous_as_of"] == "2026-11-04T00:00:00Z"
    assert manifest_of(folder_of(shop, 6, "lapsed"))["previous_as_of"] == "2026-11-05T00:00:00Z"

    # when the mapping changes, all is sent again, and the report says why
    renamed = ads().model_copy(update={"attributes": {"first": "first_name"}})
    report = shop.deliver(day(7), {"ads": renamed})
    assert "has changed since 2026-11-06" in str(report.figures["ads/vip sent whole"])
    assert statuses(shop, 7) == {("s@x.org", "realized")}

    # when what was sent before can't be read any more, all is sent again
    shop.lake = open_lake(spark, shop.engine, shop.root, clock=lambda: datetime(2099, 1, 1, tzinfo=UTC))
    report = shop.deliver(day(8), {"ads": renamed}, after=[stays, Person("z", ("z@x.org",), {1: 8})])
    assert "can't be read any more" in str(report.figures["ads/vip sent whole"])
    assert statuses(shop, 8) == {("s@x.org", "realized"), ("z@x.org", "realized")}


def statuses(shop: Shop, number: int, audience: str = "vip") -> set[tuple[str, str]]:
    return {(row["email"], row["status"]) for row in csv_rows(folder_of(shop, number, audience))}
