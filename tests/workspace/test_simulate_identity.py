"""Changed identity rules on a real lake: what is told is what a run then does, and nothing is written by telling it."""

from __future__ import annotations

import dataclasses

import pytest

from profile_engine.errors import LakeError
from profile_engine.lake.gates import Gate
from profile_engine.lake.rehearsal import Rehearsal
from profile_engine.workspace.simulate_identity import simulate_identity
from tests.identity.small_project import customers, day, people, project_at, resolved, views
from tests.support.lakes import lake_at
from tests.support.table_versions import files_below, table_versions

SHARED = "{ecid: {kind: cookie, persons_per_value: 1}}"
NAMESPACES = ("{crm: {kind: person}}", "{email: {kind: email, normalise: email}}", "{ecid: {kind: cookie}}")
LIMITED = (*NAMESPACES[:2], SHARED)
GATES = "gate: {people_with_two_crm_ids: {at_most: 0}, profiles_merged: {at_most: 90 %}}"


def test_what_changed_rules_would_do_to_a_lake(spark, tmp_path):
    lake = lake_at(spark, tmp_path)
    present, limited = project_at(tmp_path, namespaces=NAMESPACES), project_at(tmp_path, namespaces=LIMITED)
    with pytest.raises(LakeError, match="no release yet"):
        simulate_identity(present, limited, lake)
    # given two customers on one browser, and one whose address is a placeholder for some
    landed = {
        "raw_customers": customers(spark, [("C1", "one@x"), ("C2", "two@x"), ("C3", "na@x"), ("C4", "na@x")]),
        "raw_web": views(spark, [("e1", "ck", "C1", None), ("e2", "ck", "C2", None), ("e3", "own", "C2", None)]),
    }
    resolved(lake, present, 1, landed)
    before, files = table_versions(tmp_path / "lake"), files_below(tmp_path / "lake")
    assert people(lake) == {frozenset({"C1", "C2", "one@x", "two@x", "ck", "own"}), frozenset({"C3", "C4", "na@x"})}

    # when a limit and a blocked value are tried
    changed = project_at(tmp_path, namespaces=LIMITED, stitching=f"blocked_values: [{{email: [na@x]}}]\n{GATES}")
    told = simulate_identity(present, changed, lake, examples=2)

    # then it tells people, ids, sizes and gates, and the lake is as it was, file by file
    assert (told.before.profiles, told.after.profiles) == (2, 5)
    assert (told.before.largest_profile, told.after.largest_profile) == (6, 3)
    assert (told.before.sizes["5-8"], told.after.sizes["1"]) == (1, 3)
    assert (told.before.identifiers, told.after.identifiers) == (9, 8)
    assert (told.merged, told.split, told.moved, told.minted) == (0, 3, 0, 3)
    assert told.dropped == {"persons_per_value": (0, 2)}
    assert told.other_causes is None
    assert [(one.kind, one.other_profiles) for one in told.regroupings] == [("split_from", 2), ("split_from", 1)]
    assert {gate.name: gate.passed for gate in told.gates} == {"people_with_two_crm_ids": True, "profiles_merged": True}
    assert (table_versions(tmp_path / "lake"), files_below(tmp_path / "lake")) == (before, files)

    # and a run with these rules does just that
    report = resolved(lake, changed, 1, {})
    assert {name: report.figures[name] for name in ("merged", "split", "moved", "minted")} == {
        "merged": told.merged, "split": told.split, "moved": told.moved, "minted": told.minted,
    }  # fmt: skip
    assert report.figures["profiles"] == told.after.profiles

    # back again merges, and the gate would refuse
    back = dataclasses.replace(present, stitching=changed.stitching)
    back = dataclasses.replace(back, namespaces=dataclasses.replace(present.namespaces, blocked_values={}))
    told = simulate_identity(changed, back, lake)
    assert (told.after.profiles, told.merged) == (2, 3)
    assert [gate.name for gate in told.refused] == ["people_with_two_crm_ids"]
    assert sorted(len(one.others) for one in told.regroupings if one.kind == "merged_into") == [1, 2]

    # new raw rows that no run has taken in yet are told apart from the rules
    with lake.run("datasets", day(2)) as run:
        run.merge("raw_customers", customers(spark, [("C9", None)], at=2, batch="b2"))
    told = simulate_identity(changed, changed, lake)
    assert "raw_customers" in (told.other_causes or "")
    assert told.minted == 1


def test_a_rehearsal_reads_what_it_was_given_and_writes_nothing(spark, tmp_path):
    lake = lake_at(spark, tmp_path)
    with lake.run("first", day(1)) as run:
        run.append(
            "identity_map", spark.createDataFrame([(1, "p"), (2, "q")], "identifier_id bigint, profile_id string")
        )
    before = files_below(tmp_path / "lake")
    rehearsal = Rehearsal(lake)

    def rows(table="identity_map"):
        return sorted(tuple(row) for row in rehearsal.read(table).collect())

    def frame(*pairs):
        return spark.createDataFrame(list(pairs), "identifier_id bigint, profile_id string")

    rehearsal.merge("identity_map", frame((2, "r"), (3, "s")))
    assert rows() == [(1, "p"), (2, "r"), (3, "s")]
    rehearsal.append("identity_map", frame((4, "t")))
    rehearsal.replace("identity_map", frame((5, "u")), where="identifier_id < 3")
    assert rows() == [(3, "s"), (4, "t"), (5, "u")]
    rehearsal.merge("identity_map", frame((4, "v")), delete_missing=True)
    assert rows() == [(4, "v")]
    assert not rehearsal.exists("link")
    rehearsal.add_gate(Gate("g", False, "1", "0", "--confirm g"))
    assert [gate.name for gate in rehearsal.gates] == ["g"]
    for refused in (lambda: rehearsal.will_write("link"), rehearsal.publish):
        with pytest.raises(LakeError):
            refused()
    assert files_below(tmp_path / "lake") == before
