"""The sightings of one component, replayed in the order of time: which of its links the rules drop, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from profile_engine.identity.linking_rules.identity_limit import identifiers_over_limit
from profile_engine.identity.linking_rules.live_links import Link, LiveLinks, link_between
from profile_engine.identity.linking_rules.rules import (
    CONTRADICTING_EVENT,
    IDENTITY_LIMIT,
    UNIQUE_NAMESPACE,
    LinkingRules,
)


@dataclass(frozen=True)
class RuledByHand:
    """What people decided, which rules do not overrule."""

    kept: frozenset[Link] = frozenset()
    """Links that stand whatever they bring together."""
    cut: frozenset[Link] = frozenset()
    """Links that no sighting makes."""
    kept_values: frozenset[int] = frozenset()
    """Identifiers that no limit takes from their graph."""
    priority: Mapping[int, int] = field(default_factory=dict)
    """Of the namespaces of the identifiers in kept links."""


NOTHING_BY_HAND = RuledByHand()


def dropped_links(
    events: Sequence[Sequence[int]],
    priority: Mapping[int, int],
    rules: LinkingRules,
    by_hand: RuledByHand = NOTHING_BY_HAND,
) -> dict[Link, str]:
    """The links of these events that do not stand, with the reason; all others do.

    events    the distinct identifiers of each sighting, the best one first; sightings ascending by time and record id
    priority  of the namespace of each identifier in them
    """
    priority = {**by_hand.priority, **priority}
    live = LiveLinks(priority, rules.unique, by_hand.kept)
    one_person = _represented(by_hand.kept)
    counted: set[Link] = set()
    contradicting: set[Link] = set()
    updated: dict[int, tuple[int, int]] = {}
    for number, event in enumerate(events, start=1):
        links = _star(event, by_hand.cut)
        if _contradicts_itself(event, priority, rules.unique, one_person):
            contradicting.update(links)
            continue
        counted.update(links)
        live.see(number, links)
        updated.update((identifier, (number, -place)) for place, identifier in enumerate(event))
    dropped = {link: CONTRADICTING_EVENT for link in contradicting - counted if link not in live}
    dropped |= {link: UNIQUE_NAMESPACE for link in counted if link not in live}
    if rules.most_identifiers is not None:
        protected = by_hand.kept_values.union(*by_hand.kept)

        def turn(identifier: int) -> tuple[int, ...]:
            never = (0, 0)
            return rules.removed_in.get(priority[identifier], 0), *updated.get(identifier, never), identifier

        gone = identifiers_over_limit(live, rules.most_identifiers, turn, protected)
        dropped |= {link: IDENTITY_LIMIT for link in live if link[0] in gone or link[1] in gone}
    return dropped


def _star(event: Sequence[int], cut: Collection[Link]) -> list[Link]:
    links = (link_between(event[0], other) for other in event[1:])
    return [link for link in links if link not in cut] if cut else list(links)


def _contradicts_itself(
    event: Sequence[int], priority: Mapping[int, int], unique: Collection[int], one_person: Mapping[int, int]
) -> bool:
    """Whether the event holds two values of a unique namespace, which no person joined by hand."""
    held: dict[int, int] = {}
    for identifier in event:
        namespace = priority[identifier]
        if namespace in unique:
            person = one_person.get(identifier, identifier)
            if held.setdefault(namespace, person) != person:
                return True
    return False


def _represented(kept: Iterable[Link]) -> dict[int, int]:
    """Of identifiers that kept links join, the one that stands for all of them."""
    stands_for: dict[int, int] = {}
    together: dict[int, set[int]] = {}
    for one, other in sorted(kept):
        left, right = stands_for.get(one, one), stands_for.get(other, other)
        joined = together.pop(left, {left}) | together.pop(right, {right})
        together[left] = joined
        stands_for.update(dict.fromkeys(joined, left))
    return stands_for
