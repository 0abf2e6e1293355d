"""The stage on a real lake: a few days of a small shop, and what people's profiles become of it."""

from __future__ import annotations

import json

import pytest
from pyspark.sql import functions as F

from profile_engine.errors import GateRefused
from profile_engine.schemas.identifiers import identifier_id
from tests.identity.small_project import (
    changes,
    customers,
    day,
    people,
    profile_of,
    project_at,
    resolve_again,
    resolved,
    views,
)
from tests.support.lakes import lake_at
from tests.support.shared_data import shared

GATES = """
gate:
  largest_profile: {at_most: 3 identifiers}
  sizes_shifted: {at_most: 50 %}
  profiles_merged: {at_most: 40 %}
  ids_changed: {at_most: 40 %}
  hubs: {persons: 1, at_most: 0}
  people_with_two: {email: {at_most: 0}}
  profiles_changed: {at_most: 50 %}
  people_with_two_crm_ids: {at_most: 0}
"""


def versions(lake):
    return dict(lake.current_release().tables)


@pytest.mark.usefixtures("adaptive_plans")
def test_days_of_a_shop(spark, tmp_path):
    lake, project = lake_at(spark, tmp_path), project_at(tmp_path)

    # day 0: nothing has landed
    assert resolved(lake, project, 0, {}).figures == {"identifiers": 0, "links": 0, "profiles": 0}

    # day 1: two customers, and a browser that is nobody's yet
    report = resolved(
        lake,
        project,
        1,
        {
            "raw_customers": customers(spark, [("C1", " Ann@X.com"), ("C2", None), ("null", None)]),
            "raw_web": views(
                spark, [("e1", "ck1", None, "ann@x.com"), ("e2", "ck2", None, None), ("e3", None, None, None)]
            ),
        },
    )
    assert people(lake) == {frozenset({"C1", "ann@x.com", "ck1"}), frozenset({"C2"}), frozenset({"ck2"})}
    assert report.figures == {
        "identifiers": 5, "links": 2, "links_dropped": 0, "profiles": 3,
        "minted": 3, "merged": 0, "split": 0, "moved": 0, "largest_profile": 3, "profiles_of_size": "1: 2, 3-4: 1",
        "people_with_two": "none", "solver": "one_task",
    }  # fmt: skip
    first = profile_of(lake)
    minted = lake.read("identity_change").collect()
    assert sorted(row.profile_no for row in minted) == [1, 2, 3]
    assert {row.profile_id for row in minted} == set(first.values())
    dropped = lake.read("sighting").filter("size(identifier_ids) = 0").collect()
    assert [(row.record_id, row.dropped[0].reason) for row in dropped] == [("customer-null", "blocked")]
    assert lake.read("sighting").count() == 5, "a row without any identifier says nothing"

    # the same again: nothing moves
    before = versions(lake)
    with lake.run("identity", day(1)) as run:
        assert resolve_again(run, project).skipped is not None
    assert versions(lake) == before

    # day 2: the browser turns out to be used by both customers: the profile with the best anchor takes in the others
    seen = views(spark, [("e4", "ck2", "C2", None), ("e5", "ck2", "C1", None)], at=2, batch="w2")
    report = resolved(lake, project, 2, {"raw_web": seen})
    assert (report.figures["merged"], report.figures["minted"], report.figures["links"]) == (2, 0, 4)
    together = profile_of(lake)
    survivor = min(first["C1"], first["C2"])
    assert set(together.values()) == {survivor}
    losers = {first["C1"], first["C2"], first["ck2"]} - {survivor}
    assert set(changes(lake)[3:]) == {("merged_into", loser, survivor) for loser in losers}

    # day 3: a limit tells the shared browser apart: the merge is undone, and everybody has the id that they had
    limited = project_at(
        tmp_path,
        namespaces=(
            "{crm: {kind: person}}",
            "{email: {kind: email, normalise: email}}",
            "{ecid: {kind: cookie, persons_per_value: 1}}",
        ),
    )
    report = resolved(lake, limited, 4, {})
    assert people(lake) == {frozenset({"C1", "ann@x.com", "ck1"}), frozenset({"C2"}), frozenset({"ck2"})}
    after = profile_of(lake)
    assert after == first
    assert (report.figures["split"], report.figures["links_dropped"]) == (2, 2)
    numbers = [row.profile_no for row in lake.read("identity_change").filter("change = 'minted'").collect()]
    assert sorted(numbers) == [1, 2, 3]

    # a rebuild, all rows read again under other rules that say the same, changes no id
    same = project_at(
        tmp_path,
        namespaces=(
            "{crm: {kind: person}}",
            "{email: {kind: email, normalise: email}}",
            "{ecid: {kind: cookie, persons_per_value: {at_most: 1}, length: {at_most: 99}}}",
        ),
    )
    before = versions(lake)
    report = resolved(lake, same, 5, {})
    assert report.skipped is None
    assert versions(lake) == before
    assert profile_of(lake) == after


def test_batching_and_partitioning_change_no_partition(spark, tmp_path):
    project = project_at(
        tmp_path,
        namespaces=(
            "{crm: {kind: person}}",
            "{email: {kind: email, persons_per_value: 2}}",
            "{ecid: {kind: cookie, persons_per_value: {at_most: 2, within: 7 days}}}",
        ),
    )
    rows = [
        [("a1", "k1", "A", "a@x"), ("a2", "k1", "B", None)],
        [("b1", "k2", "A", None), ("b2", "k2", "B", None), ("b3", None, "C", "s@x")],
        [("c1", "k2", "C", None), ("c2", "k3", "C", None), ("c3", None, "D", "s@x")],
        [("d1", "k3", "D", None), ("d2", None, "E", "s@x"), ("d3", "k4", None, "s@x")],
    ]
    whole, daily = lake_at(spark, tmp_path / "whole"), lake_at(spark, tmp_path / "daily")
    frames = [views(spark, batch, at=number, batch=f"w{number}") for number, batch in enumerate(rows)]
    together = frames[3].unionByName(frames[1]).unionByName(frames[2]).unionByName(frames[0]).repartition(3)
    resolved(whole, project, 9, {"raw_web": together})
    for late, early in ((2, 0), (3, 1)):
        resolved(daily, project, 9, {"raw_web": frames[late].unionByName(frames[early])})
    assert people(whole) == people(daily)
    # k1 joins A and B; k2 has three people within a week, s@x over all time
    assert people(whole) == {
        frozenset({"A", "B", "k1", "a@x"}),
        frozenset({"C", "D", "k3"}),
        frozenset({"E"}),
        frozenset({"k2"}),
        frozenset({"k4"}),
        frozenset({"s@x"}),
    }


def test_links_end_when_superseded_or_withdrawn_and_a_gate_refuses_a_bad_day(spark, tmp_path):
    lake, project = lake_at(spark, tmp_path), project_at(tmp_path, superseded="end", stitching=GATES)
    resolved(
        lake, project, 1,
        {
            "raw_customers": customers(spark, [("C1", "old@x"), ("C2", "two@x")]),
            "raw_web": views(spark, [("e1", "ck1", "C1", None)], batch="wrong"),
        },
    )  # fmt: skip
    assert people(lake) == {frozenset({"C1", "old@x", "ck1"}), frozenset({"C2", "two@x"})}
    ids = profile_of(lake)
    with lake.run("identity", day(2)) as run:
        run.merge("raw_customers", customers(spark, [("C1", "new@x")], at=2, batch="b2"))
        run.replace("raw_web", run.read("raw_web").limit(0))
        columns = run.read("batch").schema
        batch = dict.fromkeys(columns.names) | {"batch_id": "wrong", "dataset": "web", "status": "withdrawn"}
        run.append("batch", spark.createDataFrame([tuple(batch.values())], columns))
        report = resolve_again(run, project)
    assert people(lake) == {frozenset({"C1", "new@x"}), frozenset({"C2", "two@x"})}
    assert profile_of(lake)["C1"] == ids["C1"]
    assert (report.figures["identifiers"], report.figures["links"]) == (4, 2)

    before, ids = versions(lake), profile_of(lake)
    bad = {"raw_web": views(spark, [("e8", "ck", "C1", None), ("e9", "ck", "C2", None)], at=3)}
    with pytest.raises(GateRefused) as refused:
        resolved(lake, project, 3, bad)
    said = str(refused.value)
    gates = ("largest_profile", "sizes_shifted", "profiles_changed", "profiles_merged", "ids_changed", "hubs")
    assert all(name in said for name in (*gates, "people_with_two_crm_ids", "people_with_two.email"))
    assert "C1" not in said
    assert (versions(lake), profile_of(lake)) == (before, ids)


NASTY = shared("data/nasty_strings/blns.json")


def test_nasty_values_stay_what_they_are_and_two_values_under_one_id_are_told_apart(spark, tmp_path):
    lake, project = lake_at(spark, tmp_path), project_at(tmp_path, stitching="blocked_values: []")
    nasty = (
        json.loads(NASTY.read_text(encoding="utf-8"))
        if NASTY.exists()
        else ["a\u0000b", "' or 1=1", "\u202etest", "😀"]
    )
    values = sorted({value.strip(" \t\r\n") for value in nasty} - {""})
    rows = [(f"n{place}", value, None, None) for place, value in enumerate(values)]
    resolved(lake, project, 1, {"raw_web": views(spark, [*rows, ("k", "browser", "known", None)])})
    kept = {row.value for row in lake.read("identifier").collect()}
    sighted = lake.read("sighting").filter("size(identifier_ids) > 0")
    assert len(kept - set(values) - {"browser", "known"}) <= 20, "only white space at the ends is taken off"
    joined = [group for group in people(lake) if len(group) > 1]
    assert joined == [frozenset({"browser", "known"})], "none joins another"
    assert sighted.count() >= len(kept) - 1

    # as if the value `newcomer` had the hash of `known`: give the known one that id wherever it stands
    key = lake.identifier_key()
    old, shared = identifier_id(key, "crm", "known"), identifier_id(key, "crm", "newcomer")
    ids = profile_of(lake)
    with lake.run("collision", day(1)) as run:
        for table in ("identifier", "sighting", "link", "identity_map", "identity_change"):
            rows = run.read(table)
            for column in ("identifier_id", "left_id", "right_id", "anchor_id"):
                if column in rows.columns:
                    rows = rows.withColumn(column, F.when(F.col(column) == old, shared).otherwise(F.col(column)))
            if table == "sighting":
                swap = f"transform(identifier_ids, i -> case when i = {old}L then {shared}L else i end)"
                rows = rows.withColumn("identifier_ids", F.expr(swap))
            run.replace(table, rows)
        landed = run.read("raw_web").withColumn("owner_id", F.when(F.col("crm") == "known", shared))
        run.replace("raw_web", landed)
    resolved(lake, project, 2, {"raw_web": views(spark, [("z", "tablet", "newcomer", None)], at=2)})
    after = profile_of(lake)
    assert {value: after[value] for value in ids} == ids, "nobody known has another profile"
    assert frozenset({"tablet", "newcomer"}) in people(lake)
    assert frozenset({"browser", "known"}) in people(lake)
    second = {row.value: row.identifier_id for row in lake.read("identifier").filter("second_hash").collect()}
    assert second == {value: identifier_id(key, "crm", value, second=True) for value in ("known", "newcomer")}
    owners = {row.crm: row.owner_id for row in lake.read("raw_web").filter("crm is not null").collect()}
    assert owners == second
