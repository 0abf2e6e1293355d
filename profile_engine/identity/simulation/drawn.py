"""A simulated graph as a cluster that pictures are made of: solid lines for live links, dotted ones for removed ones."""

from __future__ import annotations

from profile_engine.identity.evidence.cluster import Cluster, Identifier, Link, Pair
from profile_engine.identity.simulation.graph import SimulatedGraph, SimulatedLink
from profile_engine.schemas.namespace_rules import Namespaces


def drawn_cluster(graph: SimulatedGraph, namespaces: Namespaces) -> tuple[Cluster, dict[Pair, str]]:
    """The cluster of all graphs, and the words beside each link: the events that showed it, and the one that removed it."""
    place_of = graph.graph_of()
    started = {event.number: event.at for event in graph.events}
    first_seen = min(started.values(), default=None)
    identifiers, number_of = {}, {}
    for number, given in enumerate(sorted(place_of, key=lambda one: (namespaces.priority(one[0]), one[1])), start=1):
        assert first_seen is not None, "an identifier came with an event"
        number_of[given] = number
        priority, profile = namespaces.priority(given[0]), f"graph {place_of[given] + 1}"
        identifiers[number] = Identifier(number, *given, priority, first_seen, profile)
    links, words = [], {}
    for link in graph.links:
        left, right = sorted(number_of[end] for end in link.ends)
        first = started[link.events[0]]
        links.append(Link(left, right, link.state, link.reason, first, (), records=len(link.events)))
        words[left, right] = event_words(link)
    return Cluster(identifiers, tuple(links)), words


def event_words(link: SimulatedLink) -> str:
    """`1, 4` or `1, removed by 3`; of many events the first and the last."""
    numbers = link.events
    shown = ", ".join(map(str, numbers)) if len(numbers) <= 4 else f"{numbers[0]}, {numbers[1]}, … {numbers[-1]}"
    return f"{shown}, removed by {link.removed_by}" if link.removed_by is not None else shown
