"""A rule set's graph of a made-up world against the truth: precision, recall, and who was taken for one person."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from profile_engine.identity.simulation.graph import SimulatedGraph
from profile_engine.identity.worlds.pair_scores import PairScores, pair_scores
from profile_engine.identity.worlds.world import World


@dataclass(frozen=True)
class WorldScores:
    """Scores over pairs of identifiers that belong to one person each; what several share stands for nobody."""

    people: int
    events: int
    identifiers: int
    shared: int
    """Identifiers of several people or of nobody; in no pair."""
    graphs: int
    all: PairScores
    by_trouble: dict[str, PairScores]
    """Pairs of which at least one identifier is of somebody whom the trouble befell."""
    mixed_graphs: int
    """Graphs with identifiers of more than one person."""
    people_mixed: int
    """People who share a graph with another person."""
    most_people_in_a_graph: int
    people_in_pieces: int
    """People whose identifiers are in more than one graph."""
    refused: dict[str, int]
    """Identifiers that hygiene dropped, by reason, counted by event."""
    dropped: dict[str, int]
    """Links that were dropped, by reason."""


def scored(world: World, graph: SimulatedGraph) -> WorldScores:
    """The scores of `graph`, which the rules made of the events of `world`."""
    labelled: list[tuple[int, int]] = []
    shared = 0
    for given, place in graph.graph_of().items():
        owner = world.owner_of[given]
        if owner is None:
            shared += 1
        else:
            labelled.append((place, owner))
    people_in, graphs_of = defaultdict(set), defaultdict(set)
    for place, owner in labelled:
        people_in[place].add(owner)
        graphs_of[owner].add(place)
    mixed = [people for people in people_in.values() if len(people) > 1]
    return WorldScores(
        people=world.people,
        events=len(world.events),
        identifiers=len(labelled) + shared,
        shared=shared,
        graphs=len(graph.graphs),
        all=pair_scores(labelled),
        by_trouble={name: pair_scores(labelled, befallen) for name, befallen in world.touched.items()},
        mixed_graphs=len(mixed),
        people_mixed=len(set().union(*mixed)),
        most_people_in_a_graph=max(map(len, people_in.values()), default=0),
        people_in_pieces=sum(len(places) > 1 for places in graphs_of.values()),
        refused=dict(Counter(one.reason for one in graph.refused)),
        dropped=dict(Counter(link.reason or "" for link in graph.links if not link.is_live)),
    )
