"""Linking rules over frames: which components are replayed, and that the answer is the oracle's, all cases in one frame."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from profile_engine.identity.components import one_task
from profile_engine.identity.linking_rules.frames import RuledGraph, raw_links, ruled
from profile_engine.identity.linking_rules.replay import NOTHING_BY_HAND, RuledByHand
from profile_engine.identity.linking_rules.rules import LinkingRules
from profile_engine.identity.links import links_of, live, with_rulings
from profile_engine.identity.sightings import combinations_of
from tests.support.linking_oracle import graphs, live_pairs

PRIORITY = ("crm", "mail", "device", "cookie")
UNIQUE = ("crm", "mail")
RULES = LinkingRules(frozenset({1, 2}), {1: 3, 2: 3, 3: 1, 4: 0}, None, 30)
START = datetime(2026, 3, 1, tzinfo=UTC)


class World:
    """Events of many cases, which never meet; identifiers are named `crm:7-a`, the case before the dash."""

    def __init__(self, cases):
        """Each case a list of events, ascending in time; several at one time are told apart by their record id."""
        self.cases = cases
        names = sorted({i for events in cases.values() for event in events for i in event})
        ids = random.Random(3).sample(range(-(2**61), 2**61), len(names))
        self.id_of = dict(zip(names, ids, strict=True))
        self.name_of = {number: name for name, number in self.id_of.items()}

    def sightings(self, spark, *, hours=1, partitions=2):
        rows = [
            ("web", f"{case}-{n:04}", START + timedelta(hours=n * hours), [self.id_of[i] for i in event])
            for case, events in self.cases.items()
            for n, event in enumerate(events)
        ]
        random.Random(partitions).shuffle(rows)
        columns = "dataset string, record_id string, seen_at timestamp, identifier_ids array<bigint>"
        return spark.createDataFrame(rows, columns).repartition(partitions)

    def priority(self, name):
        return PRIORITY.index(name.partition(":")[0]) + 1

    def nodes(self, spark):
        rows = [(number, self.priority(name)) for number, name in self.name_of.items()]
        return spark.createDataFrame(rows, "identifier_id bigint, priority int")

    def ruled(self, spark, sightings, rules=RULES, by_hand=NOTHING_BY_HAND, rulings=None, over=None) -> RuledGraph:
        combinations = combinations_of(sightings).localCheckpoint()
        links = links_of(combinations, over)
        if rulings is not None:
            links = with_rulings(links, rulings)
        links, nodes = links.localCheckpoint(), self.nodes(spark)
        placed = one_task.components(raw_links(links, rules), nodes.select("identifier_id"))
        placed = placed.join(nodes, "identifier_id", how="inner").localCheckpoint()
        return ruled(links, placed, combinations, sightings, over, rules, by_hand, one_task.components)

    def partition(self, graph):
        found = {}
        for row in graph.placed.collect():
            found.setdefault(row["component"], set()).add(self.name_of[row["identifier_id"]])
        return {frozenset(names) for names in found.values()}

    def links(self, graph, reason):
        rows = graph.links.filter("reason is null" if reason is None else f"reason = '{reason}'").collect()
        return {frozenset((self.name_of[row["left_id"]], self.name_of[row["right_id"]])) for row in rows}


def random_cases(count):
    rng = random.Random(17)
    cases = {}
    for case in range(count):
        names = [f"{namespace}:{case}-{value}" for namespace in PRIORITY for value in "abc"]
        cases[case] = [
            tuple(
                sorted(rng.sample(names, rng.choice([1, 2, 2, 3])), key=lambda i: (PRIORITY.index(i.split(":")[0]), i))
            )
            for _ in range(rng.randint(1, 12))
        ]
    return cases


@pytest.mark.parametrize(("hours", "partitions"), [(1, 1), (0, 5)])
def test_every_component_is_the_oracles_an_event_an_hour_or_all_at_once(spark, hours, partitions):
    world = World(random_cases(60))
    graph = world.ruled(spark, world.sightings(spark, hours=hours, partitions=partitions))
    live_of = {case: live_pairs(events, PRIORITY, UNIQUE) for case, events in world.cases.items()}
    everything = [event for events in world.cases.values() for event in events]
    assert world.partition(graph) == graphs(everything, set().union(*live_of.values()))
    assert world.links(graph, None) == set().union(*live_of.values())
    assert 0 < graph.replayed <= 60
    assert graph.set_aside == ()


SHARED = [("crm:1-a", "cookie:1-x")] * 40 + [("crm:1-b", "cookie:1-x")] * 40
"""Repeated, and two all the same."""
SOUND = [("crm:2-a", "cookie:2-x"), ("crm:2-a", "device:2-y")]
BUSY = [(f"crm:3-{n % 2}", "cookie:3-x") for n in range(31)]
"""One event too many to replay."""
BY_HAND = [("crm:4-a", "cookie:4-x"), ("crm:4-b", "cookie:4-x"), ("crm:4-b", "cookie:4-y")]
CUT = [("crm:5-a", "cookie:5-x"), ("crm:5-a", "cookie:5-y")]
LARGE = [("crm:6-a", f"cookie:6-{n}") for n in range(5)]


def test_what_is_dropped_has_its_reason_and_what_is_too_large_is_set_aside(spark):
    world = World({1: SHARED, 2: SOUND, 3: BUSY, 4: BY_HAND, 5: CUT, 6: LARGE})

    def link(one, other):
        return tuple(sorted((world.id_of[one], world.id_of[other])))

    kept, cut = link("crm:4-a", "cookie:4-x"), link("crm:5-a", "cookie:5-x")
    by_hand = RuledByHand(
        frozenset({kept}), frozenset({cut}), priority={i: world.priority(world.name_of[i]) for i in kept}
    )
    rulings = spark.createDataFrame(
        [(*kept, "live"), (*cut, "dropped")], "left_id bigint, right_id bigint, state string"
    )
    rules = LinkingRules(RULES.unique, RULES.removed_in, 4, 30)
    graph = world.ruled(spark, world.sightings(spark), rules, by_hand, rulings)
    assert world.links(graph, "unique_namespace") == {
        frozenset(SHARED[0]),
        frozenset(BY_HAND[1]),
    }
    assert world.links(graph, "replay_limit") == {frozenset(BUSY[0]), frozenset(BUSY[1])}
    assert world.links(graph, "identity_limit") == {frozenset(LARGE[0]), frozenset(LARGE[1])}
    assert world.links(graph, "ruling_on_link") == {frozenset(BY_HAND[0]), frozenset(CUT[0])}
    assert world.partition(graph) == {
        frozenset({"crm:1-a"}),
        frozenset({"crm:1-b", "cookie:1-x"}),
        frozenset({"crm:2-a", "cookie:2-x", "device:2-y"}),
        *(frozenset({name}) for name in ("crm:3-0", "crm:3-1", "cookie:3-x")),
        frozenset({"crm:4-a", "cookie:4-x"}),
        frozenset({"crm:4-b", "cookie:4-y"}),
        frozenset({"crm:5-a", "cookie:5-y"}),
        frozenset({"cookie:5-x"}),
        frozenset({"crm:6-a", "cookie:6-2", "cookie:6-3", "cookie:6-4"}),
        frozenset({"cookie:6-0"}),
        frozenset({"cookie:6-1"}),
    }
    assert (graph.replayed, graph.set_aside, graph.largest_before_limit) == (4, (31,), 6)
    assert {frozenset(link) for link in live(graph.links).collect()} == {
        frozenset((row.left_id, row.right_id)) for row in graph.links.collect() if row.state == "live"
    }
