"""People: everybody on the identity map, known by sorted identities, and the tutorial's two Dannys."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from profile_engine.profiles.config import AttributeRule, MergePolicyConfig
from profile_engine.profiles.fragments import fragments_of
from profile_engine.profiles.merge import merged_people
from profile_engine.profiles.people import people_of_graph, people_of_owners
from profile_engine.profiles.profile_rows import profile_rows
from tests.profiles.unions import union_type
from tests.support.shared_data import shared

LUMA = shared("data/luma_rtcdp")
SYSTEM = "record_id string, owner_id bigint, source_time timestamp, ingested_at timestamp, batch_id string"
OLDER, NEWER = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
NAMESPACES = ("crm_id", "email", "ecid")
POLICIES = {
    "by_time": MergePolicyConfig(),
    "by_source": MergePolicyConfig(attributes=AttributeRule(dataset_order=["crm", "loyalty"])),
    "loyalty_only": MergePolicyConfig(attributes=AttributeRule(dataset_order=["loyalty"])),
}
UNSTITCHED = {"alone": MergePolicyConfig(identity_graph=False)}


def identity_tables(spark: SparkSession) -> tuple[DataFrame, DataFrame, DataFrame]:
    identifiers = spark.createDataFrame(
        [(1, "email", "b@x.de"), (2, "crm_id", "c1"), (3, "email", "a@x.de"), (4, "ecid", "e1"), (-5, "gone", "g")],
        "identifier_id bigint, namespace string, value string",
    )
    identity_map = spark.createDataFrame(
        [(1, "p1"), (2, "p1"), (3, "p1"), (-5, "p1"), (4, "p2")], "identifier_id bigint, profile_id string"
    )
    changes = spark.createDataFrame(
        [("minted", "p1", 7), ("minted", "p2", 8), ("minted", "p3", 9), ("merged_into", "p3", None)],
        "change string, profile_id string, profile_no bigint",
    )
    return identity_map, identifiers, changes


def test_everybody_on_the_map_has_a_row_a_policy_also_those_whom_only_events_know(spark: SparkSession) -> None:
    # given a person with two records and four identifiers, one whom no record knows, and a record that the graph does not know yet
    union = union_type({"name": "string", "home": {"city": "string"}})
    identity_map, identifiers, changes = identity_tables(spark)
    crm = spark.createDataFrame(
        [
            ("Ada", ("",), "c1", 2, OLDER, OLDER, "b1"),
            (None, None, "c2", 2, NEWER, NEWER, "b1"),
            ("Eve", None, "c3", 77, NEWER, NEWER, "b1"),
        ],
        f"name string, home struct<city:string>, {SYSTEM}",
    )

    # when
    people = people_of_graph(identity_map, identifiers, fragments_of({"crm": crm}, union), NAMESPACES)
    rows = profile_rows(merged_people(people, union, POLICIES, ("crm",)), changes)

    # then
    assert rows.columns == ["profile_id", "profile_no", "merge_policy", "identities", "provenance", "name", "home"]
    found = {(row.profile_id, row.merge_policy): row.asDict(recursive=True) for row in rows.collect()}
    assert set(found) == {(person, policy) for person in ("p1", "p2") for policy in POLICIES}
    known = found["p1", "by_time"]
    assert (known["profile_no"], known["name"], known["home"]) == (7, "Ada", None)
    assert [tuple(each.values()) for each in known["identities"]] == [
        ("crm_id", "c1"), ("email", "a@x.de"), ("email", "b@x.de"), ("gone", "g")
    ]  # fmt: skip
    assert [(each["dataset"], each["record_id"], each["paths"]) for each in known["provenance"]] == [
        ("crm", "c1", ["name"])
    ]
    assert found["p1", "loyalty_only"]["name"] is None
    anonymous = found["p2", "by_source"]
    assert (anonymous["profile_no"], anonymous["name"], anonymous["home"], anonymous["provenance"]) == (
        8,
        None,
        None,
        [],
    )


def test_a_policy_without_the_graph_has_a_row_an_owner_with_a_stable_id(spark: SparkSession) -> None:
    union = union_type({"name": "string"})
    _, identifiers, changes = identity_tables(spark)
    records = [
        ("Ada", "c1", 2, None, OLDER, "b1"),
        ("Ida", "c2", 2, None, NEWER, "b2"),
        ("Eda", "m1", -5, None, OLDER, "b1"),
    ]
    fragments = fragments_of({"crm": spark.createDataFrame(records, f"name string, {SYSTEM}")}, union)
    owners = spark.createDataFrame([(2,), (4,), (2,), (-5,)], "owner_id bigint")
    people = people_of_owners(owners, identifiers, fragments, NAMESPACES)
    rows = profile_rows(merged_people(people, union, UNSTITCHED, ("crm",)), changes).collect()
    assert {(row.profile_id, row.profile_no, row.name, row.identities[0].value) for row in rows} == {
        ("owner_0000000000000002", None, "Ida", "c1"),
        ("owner_0000000000000004", None, None, "e1"),
        ("owner_fffffffffffffffb", None, "Eda", "g"),
    }


def test_without_record_datasets_people_still_have_rows(spark: SparkSession) -> None:
    identity_map, identifiers, changes = identity_tables(spark)
    people = people_of_graph(identity_map, identifiers, None, ["email"])
    rows = profile_rows(merged_people(people, union_type({}), POLICIES, ()), changes)
    assert rows.columns == ["profile_id", "profile_no", "merge_policy", "identities", "provenance"]
    assert {(row.profile_id, row.merge_policy, len(row.identities), len(row.provenance)) for row in rows.collect()} == {
        (person, policy, identities, 0) for person, identities in (("p1", 4), ("p2", 1)) for policy in POLICIES
    }


@pytest.mark.skipif(not LUMA.exists(), reason="the Luma data is not here")
def test_danny_of_portland_and_daniel_of_new_york_are_one_person_whom_the_policy_names(spark: SparkSession) -> None:
    # given CRM (older) and loyalty (newer), which meet in one crmId
    union = union_type(
        {"person": {"name": {"firstName": "string"}}, "homeAddress": {"city": "string"}, "level": "string"}
    )
    numbers: dict[str, int] = {}

    def records(file: str, dataset: str, at: datetime) -> DataFrame:
        made: list[tuple[Any, ...]] = []
        for number, row in enumerate(json.loads((LUMA / file).read_text())):
            tenant = row["_techmarketingdemos"]
            ids = tenant["systemIdentifier"]
            owner = numbers.setdefault(str(ids.get("crmId") or ids["loyaltyId"]), len(numbers))
            person = {"name": {"firstName": row["person"]["name"]["firstName"]}}
            level = tenant.get("loyalty", {}).get("level")
            made.append((person, row["homeAddress"], level, f"{dataset}{number}", owner, at, at, "b"))
        shape = "person struct<name:struct<firstName:string>>, homeAddress struct<city:string>, level string"
        return spark.createDataFrame(made, f"{shape}, {SYSTEM}")

    by_dataset = {
        "crm": records("luma-crm.json", "crm", OLDER),
        "loyalty": records("luma-loyalty.json", "loyalty", NEWER),
    }
    identifiers = spark.createDataFrame(
        [(number, "crm_id", value) for value, number in numbers.items()],
        "identifier_id bigint, namespace string, value string",
    )
    identity_map = identifiers.selectExpr("identifier_id", "concat('p', identifier_id) profile_id")

    # when
    people = people_of_graph(identity_map, identifiers, fragments_of(by_dataset, union), NAMESPACES)
    profiles = {
        (row.profile_id, row.merge_policy): row
        for row in merged_people(people, union, POLICIES, tuple(by_dataset)).collect()
    }

    # then 2,000 records are 1,999 people, and the one who is in both is called as each policy says
    assert len(profiles) == 1999 * len(POLICIES)
    wright = f"p{numbers['112ca06ed53d3db37e4cea49cc45b71e']}"
    versions = {name: profiles[wright, name] for name in POLICIES}
    assert {
        name: (each.person.name.firstName, each.homeAddress.city, each.level) for name, each in versions.items()
    } == {
        "by_time": ("Daniel", "New York City", "gold"),
        "by_source": ("Danny", "Portland", "gold"),
        "loyalty_only": ("Daniel", "New York City", "gold"),
    }
    unlisted = profiles[f"p{numbers['ly5zo9aumqy7dk87urugex70vbgp8fw0']}", "loyalty_only"]
    assert (unlisted.person, unlisted.homeAddress, unlisted.provenance) == (None, None, [])
