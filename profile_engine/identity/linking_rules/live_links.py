"""The live links of one component while its events come in, kept free of two values of a unique namespace."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

Link = tuple[int, int]
"""Two identifiers, the smaller first."""


def link_between(one: int, other: int) -> Link:
    return (one, other) if one < other else (other, one)


@dataclass
class _Graph:
    """Connected identifiers, leaves aside, and the priorities of the unique namespaces that they have a value of."""

    members: set[int]
    held: set[int]


class LiveLinks:
    """Links that were seen and not dropped since, the graphs that they make, and what each event does to them.

    Taking all links in order for every event, as the algorithm is written, costs events times links. The same answer comes
    cheaper: the links that stay after an event never clash with each other, so that nothing is dropped unless the graphs
    that an event brings together hold two values of a unique namespace, and then only links of these graphs are. Of those,
    a leaf (an identifier of no unique namespace with one link) can neither clash nor carry a clash further; leaves hang on
    their neighbour and are not looked at.
    """

    def __init__(self, priority: Mapping[int, int], unique: Collection[int], kept: Iterable[Link] = ()) -> None:
        """`kept` links stand before and above all others, whatever they bring together."""
        self._priority, self._unique = priority, frozenset(unique)
        self._seen: dict[Link, tuple[int, int]] = {}
        self._near: dict[int, set[int]] = {}
        self._inner: dict[int, set[int]] = {}
        self._graph_of: dict[int, _Graph] = {}
        self._kept = frozenset(kept)
        for one, other in sorted(self._kept):
            graphs = self._graphs((one, other))
            self._add((one, other), 0, 0)
            _merged(graphs, self._graph_of)

    def __contains__(self, link: Link) -> bool:
        return link in self._seen

    def __iter__(self) -> Iterator[Link]:
        return iter(self._seen)

    def see(self, event: int, links: Sequence[Link]) -> list[Link]:
        """Take in the links of an event, best first; returns those that are dropped for it.

        event  a number that rises from event to event
        """
        if not links:
            return []
        ends = list(dict.fromkeys(end for link in links for end in link))
        graphs = self._graphs(ends)
        for place, link in enumerate(links):
            self._add(link, event, place)
        dropped: list[Link] = []
        held_together: set[int] = set().union(*(graph.held for graph in graphs))
        if len(held_together) == sum(len(graph.held) for graph in graphs):
            _merged(graphs, self._graph_of)
        else:
            dropped = self._rebuilt(graphs, event)
        self._hang_up(reversed(ends))
        return dropped

    def _graphs(self, ends: Iterable[int]) -> list[_Graph]:
        """The graphs of these identifiers, which are leaves no more."""
        found: dict[int, _Graph] = {}
        for end in ends:
            graph = self._graph_of.get(end)
            if graph is None:
                graph = self._taken_down(end)
            found[id(graph)] = graph
        return list(found.values())

    def _taken_down(self, end: int) -> _Graph:
        near = self._near.get(end)
        if near is None:
            self._near[end] = set()
            graph = self._graph_without_links(end)
            self._inner[end] = set()
        else:
            (holder,) = near
            graph = self._graph_of[holder]
            self._inner[end] = {holder}
            self._inner[holder].add(end)
        graph.members.add(end)
        self._graph_of[end] = graph
        return graph

    def _graph_without_links(self, member: int) -> _Graph:
        return _Graph({member}, {self._priority[member]} & self._unique)

    def _add(self, link: Link, event: int, place: int) -> None:
        self._seen[link] = (event, place)
        for one, other in (link, link[::-1]):
            self._near[one].add(other)
            self._inner[one].add(other)

    def _rebuilt(self, graphs: list[_Graph], event: int) -> list[Link]:
        """Take the links of these graphs in order, and drop those that bring two values together; graphs are made anew."""
        members: set[int] = set().union(*(graph.members for graph in graphs))
        links = [(one, other) for one in members for other in self._inner[one] if one < other]
        for one in members:
            self._graph_of[one] = self._graph_without_links(one)
        dropped = []
        for link in sorted(links, key=lambda link: self._rank(link, event)):
            left, right = (self._graph_of[end] for end in link)
            if left is right:
                continue
            if left.held & right.held and link not in self._kept:
                dropped.append(link)
            else:
                _merged([left, right], self._graph_of)
        for link in dropped:
            del self._seen[link]
            for one, other in (link, link[::-1]):
                self._near[one].discard(other)
                self._inner[one].discard(other)
        self._hang_up(end for link in dropped for end in link)
        return dropped

    def _rank(self, link: Link, event: int) -> tuple[int, int, int, int]:
        seen, place = self._seen[link]
        turn = 0 if link in self._kept else 1 if seen == event else 2
        return turn, self._priority[link[0]] + self._priority[link[1]], -seen, place

    def _hang_up(self, ends: Iterable[int]) -> None:
        """Make leaves of those that can be one: a single link, and nothing that could clash."""
        for end in ends:
            if end not in self._graph_of or len(self._near[end]) != 1 or self._priority[end] in self._unique:
                continue
            (holder,) = self._near[end]
            if holder in self._graph_of:
                self._graph_of.pop(end).members.discard(end)
                del self._inner[end]
                self._inner[holder].discard(end)


def _merged(graphs: list[_Graph], graph_of: dict[int, _Graph]) -> None:
    """One graph of several; the members of the largest need no new entry."""
    largest = max(graphs, key=lambda graph: len(graph.members))
    for graph in graphs:
        if graph is not largest:
            largest.held |= graph.held
            largest.members |= graph.members
            for member in graph.members:
                graph_of[member] = largest
