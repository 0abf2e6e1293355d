"""Linking rules, the limit of identifiers and rulings through the stage: what people decided wins, and can be taken back."""

from __future__ import annotations

import pytest

from profile_engine.errors import GateRefused
from tests.identity.small_project import people, project_at, resolved, views
from tests.support.lakes import lake_at

NAMESPACES = (
    "{crm: {kind: person, unique: true}}",
    "{email: {kind: email, normalise: email}}",
    "{ecid: {kind: cookie, persons_per_value: 1}}",
)
RULINGS = """
rulings:
  - {keep: [{crm: C1}, {ecid: k1}], by: ann, on: 2026-03-01, why: her own tablet}
  - {cut: [{email: E@x.de}, {crm: C4}], by: ann, on: 2026-03-01, why: a slip of the pen}
  - {cut: {email: f@x.de}, by: bob, on: 2026-03-02, why: the address of an office}
  - {keep: {ecid: k6}, by: bob, on: 2026-03-02, why: two accounts of one person}
  - {keep: {email: test@test.com}, by: bob, on: 2026-03-02, why: a real address}
  - {cut: {crm: C99}, by: bob, on: 2026-03-02, why: nobody has seen it yet}
"""
SEEN = [
    ("a1", "k1", "C1", None), ("a2", "k1", "C2", None),  # over the limit of persons
    ("b1", None, "C3", "e@x.de"), ("b2", None, "C4", "e@x.de"),  # an address goes to the later customer
    ("c1", None, "C5", "f@x.de"), ("c2", "k5", "C5", None),
    ("d1", "k6", "C6", None), ("d2", "k6", "C7", None),
    ("e1", "k81", "C8", None), ("e2", "k82", "C8", None), ("e3", "k83", "C8", None), ("e4", "k84", "C8", None),
    ("f1", None, "C9", "test@test.com"),
]  # fmt: skip


def test_rules_limits_and_what_people_decide(spark, tmp_path, caplog):
    lake = lake_at(spark, tmp_path)
    limited = "{identifiers_per_profile: 4, gate: {largest_profile: {at_most: 5}}}"
    decided = project_at(tmp_path, namespaces=NAMESPACES, stitching=limited, rulings=RULINGS)

    # what people decided stands: that C1's tablet has two customers is no matter, C7 logged in after C6
    report = resolved(lake, decided, 1, {"raw_web": views(spark, SEEN)})
    kept = [{"C1", "k1"}, {"C7", "k6"}, {"C8", "k82", "k83", "k84"}, {"C9", "test@test.com"}]
    parted = [{"C2"}, {"C3", "e@x.de"}, {"C4"}, {"C5", "k5"}, {"f@x.de"}, {"C6"}, {"k81"}]
    assert people(lake) == set(map(frozenset, [*kept, *parted]))
    assert report.figures["components_replayed"] == 3
    # and of the rulings the one on a customer whom nobody has seen is told to do nothing, by its place
    assert report.figures["rulings_without_effect"] == "6"
    assert "rulings_without_effect=6 file=conf/identity/rulings.yaml" in caplog.text
    assert "C99" not in caplog.text

    # when their word is taken back, rules and limits alone decide
    plain = project_at(tmp_path, namespaces=NAMESPACES, stitching=limited)
    report = resolved(lake, plain, 2, {})
    larger = [{"C4", "e@x.de"}, {"C5", "f@x.de", "k5"}, {"C8", "k82", "k83", "k84"}]
    alone = [{"C1"}, {"C2"}, {"k1"}, {"C3"}, {"C6"}, {"C7"}, {"k6"}, {"k81"}, {"C9"}]
    by_rules = set(map(frozenset, [*larger, *alone]))
    assert people(lake) == by_rules
    reasons = lake.read("link").groupBy("reason").count().collect()
    assert {row["reason"]: row["count"] for row in reasons} == {
        None: 6, "persons_per_value": 4, "unique_namespace": 1, "identity_limit": 1,
    }  # fmt: skip
    assert report.figures["components_replayed"] == 2

    # a component that is too large to replay becomes current only when somebody says so
    small = project_at(tmp_path, namespaces=NAMESPACES, stitching="{replay_limit: 1}")
    with pytest.raises(GateRefused, match=r"1 components that break a linking rule .* the largest with 2 sightings"):
        resolved(lake, small, 3, {})
    assert people(lake) == by_rules
