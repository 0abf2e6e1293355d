"""The frames of this room on customer data with a known truth: exact matching, and a limit of two persons a browser."""

from __future__ import annotations

import csv
import json

import pytest

from profile_engine.identity.components import one_task
from profile_engine.identity.limits import PersonLimit, values_over_limit, with_persons
from profile_engine.identity.links import links_of, live
from profile_engine.identity.sightings import combinations_of, members_of
from profile_engine.schemas.identifiers import identifier_id
from tests.support.partition_scores import Partition
from tests.support.shared_data import shared

DATA = shared("data/cdp_assembled")
PRIORITY = ("crm_id", "loyalty_id", "email", "ecid", "aaid")
PEOPLE = frozenset({"crm_id", "loyalty_id", "email"})
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="no shared data")


def identifiers_of(record: dict[str, str | None]) -> list[tuple[str, str]]:
    values = {name: (record.get(name) or "").strip() for name in PRIORITY}
    values["email"] = values["email"].lower()
    return [(name, value) for name, value in values.items() if value]


def records(name: str) -> list[dict]:
    with (DATA / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file)) if name.endswith(".csv") else [json.loads(line) for line in file]


def test_exact_matching_and_two_persons_a_browser(spark):
    expected = json.loads((DATA / "expected.json").read_text())
    truth = [(row["source"], row["key"], row["person"]) for row in records("truth.csv")]
    orders = records("orders.csv")
    seen = [
        identifiers_of(r) for r in [*records("crm.csv"), *records("loyalty.csv"), *orders, *records("web_events.jsonl")]
    ]
    id_of = {value: identifier_id(b"key", *value) for values in seen for value in values}
    sightings = spark.createDataFrame(
        [("all", [id_of[value] for value in values]) for values in seen], "dataset string, identifier_ids array<bigint>"
    ).selectExpr("*", "timestamp'2026-01-01' as seen_at")
    identifiers = spark.createDataFrame(
        [(i, name) for (name, _), i in id_of.items()], "identifier_id bigint, namespace string"
    )
    combinations = combinations_of(sightings).localCheckpoint()

    def partition(links) -> Partition:
        solved = one_task.components(live(links), identifiers.select("identifier_id")).collect()
        component = {row.identifier_id: row.component for row in solved}
        owners = {order["order_id"]: identifiers_of(order)[:1] for order in orders}
        return Partition.of(
            {value: component[i] for value, i in id_of.items()},
            {order: component[id_of[owner[0]]] if owner else None for order, owner in owners.items()},
        )

    exact = partition(links_of(combinations))
    figures, scores = expected["exact_match_all"], exact.scored(truth)
    assert (len(exact.component), len(exact.sizes), exact.sizes[:3]) == (
        figures["nodes"], figures["components"], figures["largest"],
    )  # fmt: skip
    assert (round(scores.precision, 6), round(scores.recall, 6)) == (
        figures["pairwise_precision"], figures["pairwise_recall"],
    )  # fmt: skip

    limits = (PersonLimit("ecid", 2, None, PEOPLE),)
    members = with_persons(members_of(combinations, identifiers), limits).localCheckpoint()
    over = values_over_limit(members, sightings, limits, one_task.components).localCheckpoint()
    limited = partition(links_of(combinations, over)).scored(truth)
    assert limited.precision >= 0.9997
    assert limited.recall >= 0.695
