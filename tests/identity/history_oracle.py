"""A plain-Python identity graph that is brought up to date, as a whole or only where the news touch it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.identity import oracle
from tests.support.linking_oracle import live_pairs

PEOPLE = range(0, 6)
EMAILS = range(10, 15)
COOKIES = range(20, 26)
TOLD_BY = {"email": frozenset(PEOPLE), "cookie": frozenset((*PEOPLE, *EMAILS))}
"""By which identifiers people are told apart where a value of the namespace is limited."""


@dataclass(frozen=True)
class Sighting:
    """One row of `sighting`: identifiers rise by priority, which here is their number."""

    dataset: str
    record: str
    at: int
    ids: tuple[int, ...]
    batch: str


@dataclass
class Lake:
    """`limits` are by namespace; the dataset `crm` ends superseded links, `web` keeps them."""

    limits: dict[str, int]
    unique: bool = False
    """Whether a graph has at most one of PEOPLE."""
    cut_values: frozenset[int] = frozenset()
    kept_links: frozenset[oracle.Link] = frozenset()
    cut_links: frozenset[oracle.Link] = frozenset()
    """What people decided, from the first day on; links ascending."""
    sightings: dict[tuple[str, str, int], Sighting] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)
    links: dict[oracle.Link, bool] = field(default_factory=dict)
    """Whether it is live."""
    ids: oracle.ProfileIds = field(default_factory=oracle.ProfileIds)
    last_withdrawn: frozenset[str] = frozenset()
    as_of: int | None = None
    """Of the last day: later sightings wait."""

    def day(self, as_of: int, landed: Iterable[Sighting], *, whole: bool) -> set[tuple[str, str, str, int | None]]:
        """Take in sightings and bring the graph up to date; returns the changes of profile ids."""
        before, landed, last = dict(self.sightings), list(landed), self.as_of
        self.sightings |= {(one.dataset, one.record, one.at): one for one in landed}
        self.as_of = as_of
        whole = whole or last is None or as_of < last
        part = None if whole else self._touched(before, landed, last, as_of)
        self.last_withdrawn = frozenset(self.withdrawn)
        return self._resolve(as_of, part)

    def _touched(
        self, before: dict[tuple[str, str, int], Sighting], landed: list[Sighting], last: int, as_of: int
    ) -> set[int]:
        """Twin of `graph_part`, `due_sightings` and `touched.touched_identifiers`."""
        landed = [one for one in landed if one.at <= as_of]
        landed += [one for one in before.values() if last < one.at <= as_of]
        times = {(one.dataset, one.record, one.at) for one in landed}
        records = {(dataset, record) for dataset, record, _ in times}
        gone = [
            known
            for known in before.values()
            if (known.dataset, known.record) in records
            and (known.dataset == "crm" or (known.dataset, known.record, known.at) in times)
        ]
        turned = self.last_withdrawn ^ self.withdrawn
        of_batches = [known for known in before.values() if known.batch in turned]
        versions = {one.record for one in of_batches if one.dataset == "crm"}
        gone += of_batches + [one for one in before.values() if one.dataset == "crm" and one.record in versions]
        seeds = {one for sighting in (*landed, *gone) for one in sighting.ids}
        pairs = [(one.ids[0], other) for one in (*landed, *gone) for other in one.ids[1:]]
        pairs += [link for link, live in self.links.items() if not live]
        profile_of = self.ids.profile_of
        contracted = [(profile_of.get(left, left), profile_of.get(right, right)) for left, right in pairs]
        nodes = {profile_of.get(one, one) for one in seeds}
        component = _named(contracted, nodes)
        hit = {component[node] for node in nodes}
        return {one for one, profile in profile_of.items() if component.get(profile) in hit} | {
            one for one in component if isinstance(one, int) and component[one] in hit
        }

    def _resolve(self, as_of: int, part: set[int] | None) -> set[tuple[str, str, str, int | None]]:
        counting = self._counting(as_of, part)
        lists = [one.ids for one in counting if one.ids]
        over = self._over(lists) | self.cut_values
        kept = {link for link in self.kept_links if any(set(link) <= set(ids) for ids in lists)}
        everything = oracle.stars(lists) | oracle.stars(lists, over) | kept
        live = oracle.stars(lists, over) - self.cut_links | kept
        if self.unique:
            live = self._ruled(counting, over, live, kept, everything & self.cut_links)
        dropped = everything - live
        links = dict.fromkeys(live, True) | dict.fromkeys(dropped, False)
        component_of = oracle.components(live, {one for ids in lists for one in ids})
        rank = {one: (one // 10, 0) for one in component_of}
        if part is None:
            self.links = links
            return self.ids.run(component_of, rank, as_of)
        assert all((left in part) is (right in part) for left, right in self.links), "a link leaves the part"
        assert component_of.keys() <= part
        self.links = {link: live for link, live in self.links.items() if link[0] not in part} | links
        of_part = oracle.ProfileIds(
            {one: profile for one, profile in self.ids.profile_of.items() if one in part},
            self.ids.minted,
            self.ids.merged,
        )
        changes = of_part.run(component_of, rank, as_of)
        outside = {one: profile for one, profile in self.ids.profile_of.items() if one not in part}
        assert not set(of_part.profile_of.values()) & set(outside.values()), "a profile leaves the part"
        self.ids.profile_of = outside | of_part.profile_of
        return changes

    def _ruled(
        self,
        counting: list[Sighting],
        over: frozenset[int],
        live: set[oracle.Link],
        kept: set[oracle.Link],
        cut: set[oracle.Link],
    ) -> set[oracle.Link]:
        """What linking rules leave of live links, replayed for the components that hold two of PEOPLE, and only those; a link
        that is cut holds its component together, as the record is one."""
        in_order = sorted(counting, key=lambda one: (one.at, one.record, one.dataset, one.ids))
        events = [left for one in in_order if (left := [i for i in one.ids if i not in over])]
        component_of = oracle.components(live | cut, {i for event in events for i in event})
        people_of = Counter(component_of[i] for i in component_of if i in PEOPLE)
        broken = {component for component, people in people_of.items() if people > 1}
        kept_links = {link for link in live if component_of[link[0]] not in broken}
        for component in broken:
            own = [[f"{i // 10}:{i}" for i in event] for event in events if component_of[event[0]] == component]
            by_hand = {
                verdict: [
                    frozenset(f"{i // 10}:{i}" for i in link) for link in links if component_of[link[0]] == component
                ]
                for verdict, links in (("kept", kept), ("cut", cut))
            }
            left = live_pairs(own, ["0", "1", "2"], ["0"], **by_hand)
            kept_links |= {tuple(sorted(int(i.partition(":")[2]) for i in pair)) for pair in left}
        return kept_links

    def _counting(self, as_of: int, part: set[int] | None) -> list[Sighting]:
        """Twin of `current_sightings`."""
        of = [one for one in self.sightings.values() if part is None or (one.ids and one.ids[0] in part)]
        records = {one.record for one in of if one.dataset == "crm"}
        candidates = [
            one
            for one in self.sightings.values()
            if one.batch not in self.withdrawn
            and one.at <= as_of
            and (one in of or (one.dataset == "crm" and one.record in records))
        ]
        newest: dict[str, Sighting] = {}
        for one in sorted(candidates, key=lambda one: (one.at, one.batch, one.ids)):
            if one.dataset == "crm":
                newest[one.record] = one
        counting = [one for one in candidates if one.dataset != "crm"] + list(newest.values())
        return [one for one in counting if part is None or (one.ids and one.ids[0] in part)]

    def _over(self, lists: list[tuple[int, ...]]) -> frozenset[int]:
        """The values seen with more people than their namespace allows, people being components without it."""
        over = set()
        together = [part for ids in lists for part in self._together(ids)]
        for namespace, values in (("email", EMAILS), ("cookie", COOKIES)):
            if namespace not in self.limits:
                continue
            of_people = [tuple(one for one in ids if one in TOLD_BY[namespace]) for ids in together]
            person_of = oracle.components(
                oracle.stars([ids for ids in of_people if ids]), {i for ids in of_people for i in ids}
            )
            for value in values:
                met = {
                    person_of[people[0]]
                    for ids, people in zip(together, of_people, strict=True)
                    if value in ids and people
                }
                if len(met) > self.limits[namespace]:
                    over.add(value)
        return frozenset(over)

    def _together(self, ids: tuple[int, ...]) -> list[tuple[int, ...]]:
        """Who is still seen together on a record of these identifiers when rulings have cut it."""
        left = [one for one in ids if one not in self.cut_values]
        links = {link for link in oracle.stars([left]) if link not in self.cut_links} if left else set()
        links |= {link for link in self.kept_links if set(link) <= set(left)}
        part_of = oracle.components(links, left)
        return [tuple(one for one in left if part_of[one] == part) for part in dict.fromkeys(part_of.values())]


def _named(links: Iterable[tuple[object, object]], nodes: Iterable[object]) -> dict[object, object]:
    import networkx as nx

    graph: nx.Graph = nx.Graph()
    graph.add_nodes_from(nodes)
    graph.add_edges_from(links)
    return {member: number for number, found in enumerate(nx.connected_components(graph)) for member in found}
