"""What typed events and made-up worlds are told is what the stage makes of the same events on a lake."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from profile_engine.identity.simulation.events import typed_events
from profile_engine.identity.simulation.graph import simulated
from profile_engine.identity.worlds.world import made_world
from tests.identity.small_project import RAW, day, people, project_at, resolved
from tests.support.lakes import lake_at

NAMESPACES = (
    "{crm: {kind: person, unique: true}}",
    "{email: {kind: email, normalise: email, persons_per_value: 2}}",
    "{ecid: {kind: cookie, persons_per_value: {at_most: 2, within: 10 days}}}",
)
STITCHING = "{identifiers_per_profile: 4, blocked_values: [presets/placeholders]}"
RULINGS = """
rulings:
  - {cut: [{crm: A1}, {email: a@x.de}], by: ann, on: 2026-03-01, why: then two have this address}
  - {cut: [{crm: B1}, {ecid: kb}], by: ann, on: 2026-03-01, why: not her tablet}
  - {keep: [{email: b@x.de}, {ecid: kb}], by: ann, on: 2026-03-01, why: but that of her family}
  - {cut: {crm: D1}, by: ann, on: 2026-03-01, why: a number of nobody}
  - {cut: [{crm: F1}, {ecid: kf}], by: ann, on: 2026-03-01, why: a shop}
"""
RULED = [
    *(f"crm: A{number}, email: a@x.de" for number in (1, 2, 3)),
    "crm: B1, email: b@x.de, ecid: kb", "crm: B2, ecid: kb", "crm: B1, email: b2@x.de",
    "crm: D1, email: d1@x.de, ecid: kd", "crm: D2, ecid: kd", "crm: D3, ecid: kd", "crm: D1, ecid: kd2",
    *(f"crm: F{number}, email: f{number}@x.de, ecid: kf" for number in (1, 2, 3)),
]  # fmt: skip


def test_a_world_through_the_stage_and_without_it(spark, tmp_path):
    # given a world with every trouble, and rules and rulings of every kind
    project = project_at(tmp_path, namespaces=NAMESPACES, stitching=STITCHING, rulings=RULINGS)
    lake, world = lake_at(spark, tmp_path), made_world(project.namespaces, 60, 11)
    last = world.events[-1]
    events = [
        *world.events,
        *(
            replace(event, number=last.number + event.number, at=last.at + timedelta(hours=event.number))
            for event in typed_events(RULED, project.namespaces)
        ),
    ]
    rows = []
    for event in events:
        given = dict(event.identifiers)
        number = f"{event.number:05d}"  # ties of time are broken by the record's id
        values = (given.get("ecid"), given.get("crm"), given.get("email"))
        rows.append((number, event.at, *values, number, None, event.at, event.at, "w1"))
        assert len(given) == len(event.identifiers)

    # and a day after as_of everybody is seen on one record after the other
    given = {
        name: [value for event in events for space, value in event.identifiers if space == name]
        for name in ("crm", "ecid")
    }
    ahead = [
        (f"a{n}", day(401), *pair, None, f"a{n}", None, day(401), day(401), "w2")
        for n, pair in enumerate(zip(given["ecid"], given["crm"], strict=False))
    ]
    rows += ahead

    # when the stage resolves its events, in any order
    frame = spark.createDataFrame(rows[::-1], RAW["raw_web"]).repartition(3)
    resolved(lake, project, 400, {"raw_web": frame})

    # then both have the same people, and dropped the same links for the same reasons
    graph = simulated(events, project.namespaces, project.stitching, project.rulings)
    assert people(lake) == {frozenset(value for _, value in members) for members in graph.graphs}
    counted = lake.read("link").where("state = 'dropped'").groupBy("reason").count().collect()
    assert {row["reason"]: row["count"] for row in counted} == Counter(
        link.reason for link in graph.links if not link.is_live
    )
    limits_and_rules = {None, "persons_per_value", "unique_namespace", "identity_limit"}
    assert {link.reason for link in graph.links} == {*limits_and_rules, "ruling_on_link", "ruling_on_value"}
    joined = [{value for _, value in members} for members in graph.graphs]
    assert {"a@x.de", "A3"} in joined, "without the one who was cut, two have the address"
    assert {"B2", "b@x.de", "kb"} in joined, "the kept link takes both to who came last"
    assert {"F3", "f3@x.de", "kf"} in joined
