"""A plain-Python replay of linking rules, word for word as `profile_engine.identity.linking_rules` states them, by another hand
than the engine's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import networkx as nx

Pair = frozenset[str]
Event = Sequence[str]
"""Identifiers, each in its namespace: `CRMID:Tom`; the best one first."""


def namespace_of(identifier: str) -> str:
    return identifier.partition(":")[0]


def live_pairs(
    events: Sequence[Event],
    priority: Sequence[str],
    unique: Sequence[str],
    *,
    clique: bool = False,
    kept: Sequence[Pair] = (),
    cut: Sequence[Pair] = (),
) -> set[Pair]:
    """The links that live after all events, each event a star (or a clique); those kept and cut by hand win."""
    rank = {name: number for number, name in enumerate(priority)}
    people: nx.Graph = nx.Graph([tuple(pair) for pair in kept])
    live: dict[Pair, tuple[int, int]] = dict.fromkeys(kept, (-1, 0))

    def clash(graph: nx.Graph, one: str, other: str) -> bool:
        sides = [nx.node_connected_component(graph, end) for end in (one, other)]
        return sides[0] != sides[1] and any(
            all(any(namespace_of(member) == name for member in side) for side in sides) for name in unique
        )

    for t, event in enumerate(events):
        held = {
            name: {
                min(nx.node_connected_component(people, i)) if i in people else i
                for i in event
                if namespace_of(i) == name
            }
            for name in unique
        }
        if any(len(values) > 1 for values in held.values()):
            continue
        drawn = combinations(event, 2) if clique else [(event[0], other) for other in event[1:]]
        for place, pair in enumerate(map(frozenset, drawn)):
            if pair not in cut and pair not in kept:
                live[pair] = (t, place)

        def turn(pair: Pair, now: int = t) -> tuple[int, int, int, int]:
            seen, place = live[pair]
            stands = 0 if pair in kept else 1 if seen == now else 2
            return stands, sum(rank[namespace_of(i)] for i in pair), -seen, place

        graph: nx.Graph = nx.Graph()
        graph.add_nodes_from({i for pair in live for i in pair})
        for pair in sorted(live, key=turn):
            one, other = sorted(pair)
            if pair not in kept and clash(graph, one, other):
                del live[pair]
            else:
                graph.add_edge(one, other)
    return set(live)


def graphs(events: Sequence[Event], live: set[Pair]) -> set[frozenset[str]]:
    """The partition of all identifiers of the events that the links make."""
    graph: nx.Graph = nx.Graph()
    graph.add_nodes_from(i for event in events for i in event)
    graph.add_edges_from(tuple(pair) for pair in live)
    return {frozenset(component) for component in nx.connected_components(graph)}


def removed_by_limit(
    graph: frozenset[str], events: Sequence[Event], most: int, turn: Mapping[str, int], unique: Sequence[str]
) -> set[str]:
    """Identifiers taken from one graph, one by one, until `most` remain.

    turn  by namespace: the turn in which its identifiers go
    """
    left = set(graph)
    sound = [
        event for event in events if all(len({i for i in event if namespace_of(i) == name}) <= 1 for name in unique)
    ]
    while len(left) > most:
        first = min(turn[namespace_of(i)] for i in left)
        going = [i for i in left if turn[namespace_of(i)] == first]

        def updated(identifier: str) -> tuple[int, int]:
            t = max(t for t, event in enumerate(sound) if identifier in event)
            return t, -list(sound[t]).index(identifier)

        left.discard(min(going, key=updated))
    return set(graph) - left
