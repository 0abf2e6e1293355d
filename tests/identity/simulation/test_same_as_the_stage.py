"""What typed events and made-up worlds are told is what the stage makes of the same events on a lake."""

from __future__ import annotations

from collections import Counter

from profile_engine.identity.simulation.graph import simulated
from profile_engine.identity.worlds.world import made_world
from tests.identity.small_project import RAW, people, project_at, resolved
from tests.support.lakes import lake_at

NAMESPACES = (
    "{crm: {kind: person, unique: true}}",
    "{email: {kind: email, normalise: email, persons_per_value: 2}}",
    "{ecid: {kind: cookie, persons_per_value: {at_most: 2, within: 10 days}}}",
)
STITCHING = "{identifiers_per_profile: 4, blocked_values: [presets/placeholders]}"


def test_a_world_through_the_stage_and_without_it(spark, tmp_path):
    # given a world with every trouble, and rules of every kind
    project, lake = project_at(tmp_path, namespaces=NAMESPACES, stitching=STITCHING), lake_at(spark, tmp_path)
    world = made_world(project.namespaces, 60, 11)
    rows = []
    for event in world.events:
        given = dict(event.identifiers)
        number = f"{event.number:05d}"  # ties of time are broken by the record's id
        values = (given.get("ecid"), given.get("crm"), given.get("email"))
        rows.append((number, event.at, *values, number, None, event.at, event.at, "w1"))
        assert len(given) == len(event.identifiers)

    # when the stage resolves its events, in any order
    frame = spark.createDataFrame(rows[::-1], RAW["raw_web"]).repartition(3)
    resolved(lake, project, 400, {"raw_web": frame})

    # then both have the same people, and dropped the same links for the same reasons
    graph = simulated(world.events, project.namespaces, project.stitching)
    assert people(lake) == {frozenset(value for _, value in members) for members in graph.graphs}
    counted = lake.read("link").where("state = 'dropped'").groupBy("reason").count().collect()
    assert {row["reason"]: row["count"] for row in counted} == Counter(
        link.reason for link in graph.links if not link.is_live
    )
    assert {link.reason for link in graph.links} >= {None, "persons_per_value", "unique_namespace", "identity_limit"}
