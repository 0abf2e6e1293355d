"""The graph that a project's rules make of events: links, live or removed and by which event, and the graphs left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from profile_engine.identity.config import StitchingConfig
from profile_engine.identity.linking_rules.replay import dropped_links
from profile_engine.identity.linking_rules.rules import LinkingRules
from profile_engine.identity.links import DROPPED, LIVE, PERSONS_PER_VALUE
from profile_engine.identity.simulation.events import Event, Given
from profile_engine.identity.simulation.hygiene import Accepted, Refused, accepted_events
from profile_engine.identity.simulation.joined_sets import JoinedSets
from profile_engine.identity.simulation.persons_per_value import values_over_limit
from profile_engine.schemas.identifiers import identifier_id
from profile_engine.schemas.namespace_rules import Namespaces
from profile_engine.schemas.namespaces import PERSON_KINDS

_KEY = b"simulation"
Ends = tuple[Given, Given]


@dataclass(frozen=True)
class SimulatedLink:
    """A link, the better end first."""

    ends: Ends
    state: str
    reason: str | None
    events: tuple[int, ...]
    """The events that showed it."""
    removed_by: int | None = None
    """The event that removed it last; None for a live link, and where that was not asked for."""

    @property
    def is_live(self) -> bool:
        return self.state == LIVE


@dataclass(frozen=True)
class SimulatedGraph:
    """What the rules make of the events."""

    events: tuple[Event, ...]
    links: tuple[SimulatedLink, ...]
    graphs: tuple[tuple[Given, ...], ...]
    """Largest first; an identifier alone is a graph of one. Identifiers stand by priority and value."""
    refused: tuple[Refused, ...]
    over_limit: frozenset[Given]

    def graph_of(self) -> dict[Given, int]:
        """The place in `graphs` of each identifier."""
        return {given: place for place, graph in enumerate(self.graphs) for given in graph}

    def collapsed(self, namespaces: Namespaces) -> dict[str, int]:
        """Graphs with two or more values of a namespace of people, by namespace."""
        people = [config.name for config in namespaces.configs if config.kind in PERSON_KINDS]
        held = [Counter(namespace for namespace, _ in graph) for graph in self.graphs]
        return {name: sum(counts[name] > 1 for counts in held) for name in people}


def simulated(
    events: Sequence[Event],
    namespaces: Namespaces,
    stitching: StitchingConfig,
    *,
    as_given: bool = False,
    removals: bool = False,
) -> SimulatedGraph:
    """The graph of the events, as the stage would make it.

    as_given  values are taken as they stand, without hygiene
    removals  tell of each removed link which event removed it; the events are replayed once for each of them
    """
    accepted, refused = accepted_events(events, namespaces, as_given=as_given)
    accepted.sort(key=lambda one: (one.event.at, one.event.number))
    over = values_over_limit(accepted, namespaces)
    priority = {given: namespaces.priority(given[0]) for one in accepted for given in one.identifiers}
    counting = [tuple(given for given in one.identifiers if given not in over) for one in accepted]
    rules = LinkingRules.of(namespaces, stitching)
    reason_of = _dropped(counting, priority, rules)
    seen: dict[Ends, list[int]] = {}
    for one, left in zip(accepted, counting, strict=True):
        for ends in dict.fromkeys([*_star(one.identifiers), *_star(left)]):
            seen.setdefault(ends, []).append(one.event.number)
    reason_of |= {ends: PERSONS_PER_VALUE for ends in seen if ends[0] in over or ends[1] in over}
    removed_by = _removed_by(counting, accepted, priority, rules) if removals else {}
    sets: JoinedSets[Given] = JoinedSets()
    links = []
    for ends, numbers in seen.items():
        reason = reason_of.get(ends)
        if reason is None:
            sets.join(*ends)
        state = LIVE if reason is None else DROPPED
        removed = removed_by.get(ends) if reason is not None else None
        links.append(SimulatedLink(ends, state, reason, tuple(numbers), removed))
    graphs: dict[Given, list[Given]] = {}
    for given in sorted(priority, key=lambda given: (priority[given], given[1])):
        graphs.setdefault(sets.of(given), []).append(given)
    in_order = sorted(graphs.values(), key=lambda graph: (-len(graph), priority[graph[0]], graph[0]))
    return SimulatedGraph(tuple(events), tuple(links), tuple(map(tuple, in_order)), tuple(refused), over)


def _star(identifiers: Sequence[Given]) -> list[Ends]:
    return [(identifiers[0], other) for other in identifiers[1:]]


def _dropped(events: Iterable[Sequence[Given]], priority: dict[Given, int], rules: LinkingRules) -> dict[Ends, str]:
    """The links that the linking rules drop, with the reason, by the production replay."""
    number_of = {given: identifier_id(_KEY, *given) for given in priority}
    given_of = {number: given for given, number in number_of.items()}
    numbered = [[number_of[given] for given in event] for event in events]
    dropped = dropped_links(numbered, {number_of[given]: place for given, place in priority.items()}, rules)
    found = {}
    for (left, right), reason in dropped.items():
        ends = sorted((given_of[left], given_of[right]), key=lambda given: (priority[given], given[1]))
        found[ends[0], ends[1]] = reason
    return found


def _removed_by(
    events: Sequence[Sequence[Given]], accepted: Sequence[Accepted], priority: dict[Given, int], rules: LinkingRules
) -> dict[Ends, int]:
    """The event after which each dropped link was dropped for the last time, found by replaying every beginning."""
    removed: dict[Ends, int] = {}
    before: frozenset[Ends] = frozenset()
    for place in range(1, len(events) + 1):
        now = frozenset(_dropped(events[:place], priority, rules))
        shown = set(_star(events[place - 1]))
        removed.update(
            dict.fromkeys(
                (ends for ends in now if ends not in before or ends in shown), accepted[place - 1].event.number
            )
        )
        before = now
    return removed
