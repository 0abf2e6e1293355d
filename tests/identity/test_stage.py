"""The stage on a real lake: a few days of a small shop, and what people's profiles become of it."""

from __future__ import annotations

import pytest

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


def versions(lake):
    return dict(lake.current_release().tables)


def test_days_of_a_shop(spark, tmp_path):
    lake, project = lake_at(spark, tmp_path), project_at(tmp_path)

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
        "minted": 3, "merged": 0, "split": 0, "moved": 0, "solver": "one_task",
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

    # day 2: the browser turns out to be C2's, whose id is older and better
    report = resolved(lake, project, 2, {"raw_web": views(spark, [("e4", "ck2", "C2", None)], at=2, batch="w2")})
    assert (report.figures["merged"], report.figures["minted"], report.figures["links"]) == (1, 0, 3)
    assert profile_of(lake) == {**first, "ck2": first["C2"]}
    assert changes(lake)[-1] == ("merged_into", first["ck2"], first["C2"])

    # day 3: a shared browser joins both people, the one with the better anchor stays
    resolved(lake, project, 3, {"raw_web": views(spark, [("e5", "ck2", "C1", None)], at=3, batch="w3")})
    together = profile_of(lake)
    assert set(together.values()) == {min(first["C1"], first["C2"])}

    # day 4: a limit tells the shared browser apart, the id stays with its anchor and the other piece is new
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
    stays, leaves = ("C1", "C2") if first["C1"] < first["C2"] else ("C2", "C1")
    after = profile_of(lake)
    assert after[stays] == first[stays]
    assert after[leaves] not in first.values(), "an id that was merged away never comes back"
    assert (report.figures["split"], report.figures["links_dropped"]) == (2, 2)
    numbers = [row.profile_no for row in lake.read("identity_change").filter("change = 'minted'").collect()]
    assert sorted(numbers) == [1, 2, 3, 4, 5]

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
    for number in (2, 0, 3, 1):
        resolved(daily, project, 9, {"raw_web": frames[number]})
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


def test_superseded_links_end_where_the_dataset_says_so_and_withdrawn_batches_link_nothing(spark, tmp_path):
    lake, project = lake_at(spark, tmp_path), project_at(tmp_path, superseded="end")
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
        files = spark.createDataFrame(
            [("wrong", "web", "withdrawn")], "batch_id string, dataset string, status string"
        ).selectExpr(
            "*", "'daily' as source", "'' as reason", "cast(array() as array<struct<path:string,size:bigint,modified_at:timestamp,sha256:string>>) as files",
            "0L as read", "0L as accepted", "0L as rejected", "0L as no_identity", "timestamp'2026-03-01' as planned_as_of", "'r' as run_id",
        )  # fmt: skip
        run.append("batch", files)
        report = resolve_again(run, project)
    assert people(lake) == {frozenset({"C1", "new@x"}), frozenset({"C2", "two@x"})}
    assert profile_of(lake)["C1"] == ids["C1"]
    assert (report.figures["identifiers"], report.figures["links"]) == (4, 2)


def test_a_gate_refuses_the_graph_and_the_last_one_stays(spark, tmp_path):
    from profile_engine.errors import GateRefused

    gates = "gate: {largest_profile: {at_most: 3 identifiers}, profiles_changed: {at_most: 50 %}, people_with_two_crm_ids: {at_most: 0}}"
    lake, project = lake_at(spark, tmp_path), project_at(tmp_path, stitching=gates)
    resolved(lake, project, 1, {"raw_customers": customers(spark, [("C1", "a@x"), ("C2", "b@x"), ("C3", None)])})
    before, ids = versions(lake), profile_of(lake)
    bad = {"raw_web": views(spark, [("e1", "ck", "C1", None), ("e2", "ck", "C2", None)], at=2)}
    with pytest.raises(GateRefused) as refused:
        resolved(lake, project, 2, bad)
    said = str(refused.value)
    assert all(name in said for name in ("largest_profile", "profiles_changed", "people_with_two_crm_ids"))
    assert "C1" not in said
    assert (versions(lake), profile_of(lake)) == (before, ids)
    confirmed = ("largest_profile", "profiles_changed", "people_with_two_crm_ids")
    resolved(lake, project, 2, bad, confirmed=confirmed)
    assert people(lake) == {frozenset({"C1", "a@x", "C2", "b@x", "ck"}), frozenset({"C3"})}
