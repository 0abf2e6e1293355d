"""Plain-Python twins of the identity graph: what its frames must give, written so that one can see that it is right."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import networkx as nx

Link = tuple[int, int]


def components(links: Iterable[Link], identifiers: Iterable[int] = ()) -> dict[int, int]:
    """Each identifier with the smallest of its component, by networkx."""
    graph: nx.Graph = nx.Graph()
    graph.add_nodes_from(identifiers)
    graph.add_edges_from(links)
    return {member: min(component) for component in nx.connected_components(graph) for member in component}


def stars(combinations: Iterable[Sequence[int]], over: frozenset[int] = frozenset()) -> set[Link]:
    """Live links: a star around the first identifier that is not over its limit."""
    links = set()
    for combination in combinations:
        kept = [identifier for identifier in combination if identifier not in over]
        links |= {(min(kept[0], other), max(kept[0], other)) for other in kept[1:] if other != kept[0]}
    return links


def most_at_once(meetings: Iterable[tuple[int, int]], within: int) -> int:
    """The most persons in any window t - within < at <= t; meetings are (person, at)."""
    meetings = list(meetings)
    return max(len({person for person, at in meetings if t - within < at <= t}) for _, t in meetings)


@dataclass
class ProfileIds:
    """The state of profile ids, a run at a time."""

    profile_of: dict[int, str] = field(default_factory=dict)
    minted: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    """profile_id to (anchor priority, minted_at, anchor id), in the order of minting."""
    merged: set[str] = field(default_factory=set)
    """Profiles that another one took in."""

    def run(
        self, component_of: Mapping[int, int], rank: Mapping[int, tuple[int, int]], as_of: int
    ) -> set[tuple[str, str, str, int | None]]:
        """Take in a graph; the changes as (change, profile, other profile, identifier).

        rank  (priority, first seen) of each identifier
        """
        best = lambda ids: min(ids, key=lambda i: (*rank[i], i))  # noqa: E731
        members: dict[str, list[int]] = {}
        for identifier, profile in self.profile_of.items():
            if identifier in component_of:
                members.setdefault(profile, []).append(identifier)
        home = {}
        for profile, ids in members.items():
            anchor = self.minted[profile][2]
            home[profile] = component_of[anchor if anchor in ids else best(ids)]
        changes: set[tuple[str, str, str, int | None]] = set()
        new_map: dict[int, str] = {}
        keeps: dict[int, str] = {}
        new_ids, came_back = set(), set()
        for component in sorted(set(component_of.values())):
            ids = [i for i, c in component_of.items() if c == component]
            at_home = sorted((p for p, c in home.items() if c == component), key=lambda p: (*self.minted[p][:2], p))
            if at_home:
                keeps[component] = at_home[0]
                changes |= {("merged_into", loser, at_home[0], None) for loser in at_home[1:]}
            elif any(i in self.profile_of for i in ids) and (back := self._merged_away_from(ids)):
                keeps[component] = min(back, key=lambda p: (*self.minted[p][:2], p))
                came_back.add(keeps[component])
            else:
                anchor = best(ids)
                earlier = sum(entry[2] == anchor for entry in self.minted.values())
                text = f"{anchor}|{as_of}" + (f"|{earlier}" if earlier else "")
                keeps[component] = "p" + hashlib.sha256(text.encode()).hexdigest()[:20]
                assert keeps[component] not in self.minted
                new_ids.add(keeps[component])
                changes.add(("minted", keeps[component], "", None))
            new_map |= dict.fromkeys(ids, keeps[component])
        for component in set(component_of.values()):
            if keeps[component] in new_ids:
                anchor = best([i for i, c in component_of.items() if c == component])
                self.minted[keeps[component]] = (rank[anchor][0], as_of, anchor)
        for identifier, profile in new_map.items():
            before = self.profile_of.get(identifier)
            if before is None or before == profile:
                continue
            if profile in new_ids | came_back:
                changes.add(("split_from", profile, before, None))
            elif ("merged_into", before, profile, None) not in changes:
                changes.add(("moved", profile, before, identifier))
        self.profile_of = new_map
        self.merged |= {profile for change, profile, _, _ in changes if change == "merged_into"}
        self.merged -= came_back
        return changes

    def _merged_away_from(self, ids: Iterable[int]) -> list[str]:
        return [profile for profile in self.merged if self.minted[profile][2] in ids]
