"""The graph that a project's rules make of events: links, live or removed and by which event, and the graphs left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from profile_engine.identity.config import StitchingConfig
from profile_engine.identity.joined_sets import JoinedSets
from profile_engine.identity.linking_rules.replay import dropped_links
from profile_engine.identity.linking_rules.rules import LinkingRules
from profile_engine.identity.links import DROPPED, LIVE, PERSONS_PER_VALUE, RULING_ON_LINK, RULING_ON_VALUE
from profile_engine.identity.rulings import Ruling, without_effect
from profile_engine.identity.simulation.decided import Decided, Ends
from profile_engine.identity.simulation.events import Event, Given
from profile_engine.identity.simulation.hygiene import Accepted, Refused, accepted_events
from profile_engine.identity.simulation.persons_per_value import values_over_limit
from profile_engine.identity.simulation.set_up_errors import joined_without_highest
from profile_engine.schemas.identifiers import identifier_id
from profile_engine.schemas.namespace_rules import Namespaces
from profile_engine.schemas.namespaces import PERSON_KINDS

_KEY = b"simulation"


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
    idle_rulings: tuple[int, ...] = ()
    """The places, from 1, of rulings that change nothing."""
    without_highest: tuple[Given, ...] = ()
    """Values of unique namespaces that no event shows with one of the highest, though their graph has one: a set-up error."""

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
    rulings: Sequence[Ruling] = (),
    *,
    as_given: bool = False,
    removals: bool = False,
) -> SimulatedGraph:
    """The graph of the events, as the stage would make it.

    rulings   win over limits and rules; those on values that no event has wait
    as_given  values are taken as they stand, without hygiene
    removals  tell of each removed link which event removed it; the events are replayed once for each of them
    """
    accepted, refused = accepted_events(events, namespaces, as_given=as_given)
    accepted.sort(key=lambda one: (one.event.at, one.event.number))
    priority = {given: namespaces.priority(given[0]) for one in accepted for given in one.identifiers}
    decided = Decided.of(rulings, priority)
    over = (values_over_limit(accepted, namespaces, decided) - decided.kept_values) | decided.cut_values
    counting = [tuple(given for given in one.identifiers if given not in over) for one in accepted]
    seen: dict[Ends, list[int]] = {}
    for one, left in zip(accepted, counting, strict=True):
        for ends in dict.fromkeys([*_star(one.identifiers), *_star(left), *decided.kept_on(one.identifiers)]):
            seen.setdefault(ends, []).append(one.event.number)
    decided = decided.where_seen(seen)
    replay = _Replay(priority, LinkingRules.of(namespaces, stitching), decided)
    reason_of = replay.dropped(counting)
    reason_of |= {ends: PERSONS_PER_VALUE for ends in seen if ends[0] in over or ends[1] in over}
    reason_of |= {ends: RULING_ON_VALUE for ends in seen if decided.cut_values & set(ends)}
    reason_of |= dict.fromkeys(decided.cut_links & seen.keys(), RULING_ON_LINK)
    for ends in decided.kept_links:
        reason_of.pop(ends, None)
    removed_by = replay.removed_by(counting, accepted) if removals else {}
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
    return SimulatedGraph(
        tuple(events), tuple(links), tuple(map(tuple, in_order)), tuple(refused), over,
        without_effect(rulings, priority, set(map(frozenset, seen))),
        joined_without_highest((one.identifiers for one in accepted), in_order, namespaces),
    )  # fmt: skip


def _star(identifiers: Sequence[Given]) -> list[Ends]:
    return [(identifiers[0], other) for other in identifiers[1:]]


@dataclass(frozen=True)
class _Replay:
    """The production replay of linking rules, on named identifiers."""

    priority: Mapping[Given, int]
    rules: LinkingRules
    decided: Decided

    def dropped(self, events: Iterable[Sequence[Given]]) -> dict[Ends, str]:
        """The links that the rules drop, with the reason."""
        number_of = {given: identifier_id(_KEY, *given) for given in self.priority}
        given_of = {number: given for given, number in number_of.items()}
        numbered = [[number_of[given] for given in event] for event in events]
        priorities = {number_of[given]: place for given, place in self.priority.items()}
        dropped = dropped_links(numbered, priorities, self.rules, self.decided.by_hand(number_of, priorities))
        return {self._ends(given_of[left], given_of[right]): reason for (left, right), reason in dropped.items()}

    def removed_by(self, events: Sequence[Sequence[Given]], accepted: Sequence[Accepted]) -> dict[Ends, int]:
        """The event after which each dropped link was dropped for the last time, found by replaying every beginning."""
        removed: dict[Ends, int] = {}
        before: frozenset[Ends] = frozenset()
        for place, one in enumerate(accepted, start=1):
            now = frozenset(self.dropped(events[:place]))
            shown = set(_star(events[place - 1]))
            removed.update((ends, one.event.number) for ends in now if ends not in before or ends in shown)
            before = now
        return removed

    def _ends(self, one: Given, other: Given) -> Ends:
        first, second = sorted((one, other), key=lambda given: (self.priority[given], given[1]))
        return first, second
