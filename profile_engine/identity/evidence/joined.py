"""Why two identifiers are one person, or why not."""

from __future__ import annotations

from dataclasses import dataclass, replace

from profile_engine.identity.evidence.cluster import Cluster, Identifier, Link, Pair
from profile_engine.identity.evidence.cut import Cut, cheapest_cut
from profile_engine.identity.evidence.path import bridges, shortest_path


@dataclass(frozen=True)
class Hop:
    """A step of the path: from one identifier over a link to the next."""

    start: Identifier
    end: Identifier
    link: Link
    is_bridge: bool
    """Without this link alone the two would be two people."""


@dataclass(frozen=True)
class LinkExplained:
    """Two identifiers with the path that joins them and the cheapest cut that parts them; or, where nothing joins them,
    the dropped links that would have."""

    first: Identifier
    second: Identifier
    hops: tuple[Hop, ...] | None
    """None: they are not joined. Empty: they are the same identifier."""
    cut: Cut | None
    would_join: tuple[Hop, ...]
    """The shortest path where dropped links count too; empty where they are joined, or nothing would join them."""
    cut_ends: tuple[tuple[Identifier, Identifier], ...] = ()
    """Both ends of each link of the cut, the better one first: what a ruling names."""

    @property
    def are_one(self) -> bool:
        return self.hops is not None

    @property
    def bridges(self) -> tuple[Hop, ...]:
        return tuple(hop for hop in self.hops or () if hop.is_bridge)


def joined(cluster: Cluster, first: int, second: int) -> LinkExplained:
    """What joins or parts two identifiers of a cluster; raises KeyError for one that is not in it."""
    ends = cluster.identifiers[first], cluster.identifiers[second]
    path = shortest_path(cluster.neighbours, first, second)
    if path is not None:
        is_bridge = bridges(link.ends for link in cluster.live)
        hops = _hops(cluster, first, path, is_bridge)
        cut = cheapest_cut(cluster.live, first, second)
        return LinkExplained(*ends, hops, cut, (), _cut_ends(cluster, cut))
    known = tuple(link for link in cluster.links if all(end in cluster.identifiers for end in link.ends))
    everything = Cluster(cluster.identifiers, tuple(replace(link, state="live", reason=None) for link in known))
    lost = shortest_path(everything.neighbours, first, second) or ()
    by_ends = {link.ends: link for link in known}
    return LinkExplained(
        *ends, None, None, _hops(cluster, first, tuple(by_ends[link.ends] for link in lost), frozenset())
    )


def _cut_ends(cluster: Cluster, cut: Cut | None) -> tuple[tuple[Identifier, Identifier], ...]:
    named = []
    for link in cut.links if cut is not None else ():
        one, other = sorted((cluster.identifiers[end] for end in link.ends), key=lambda end: (end.priority, str(end)))
        named.append((one, other))
    return tuple(named)


def _hops(cluster: Cluster, start: int, path: tuple[Link, ...], is_bridge: frozenset[Pair]) -> tuple[Hop, ...]:
    hops, here = [], start
    for link in path:
        there = link.other(here)
        hops.append(Hop(cluster.identifiers[here], cluster.identifiers[there], link, link.ends in is_bridge))
        here = there
    return tuple(hops)
