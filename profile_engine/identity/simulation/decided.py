"""What people decided about values and links of typed events: the rulings of a project, by the values that events have."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from profile_engine.identity.linking_rules.live_links import link_between
from profile_engine.identity.linking_rules.replay import RuledByHand
from profile_engine.identity.parted_records import parts_of
from profile_engine.identity.rulings import Ruling
from profile_engine.identity.simulation.events import Given

Ends = tuple[Given, Given]
"""A link, the better end first."""


@dataclass(frozen=True)
class Decided:
    """The twin of `identity.rulings_in_force.RulingsInForce`."""

    kept_values: frozenset[Given] = frozenset()
    cut_values: frozenset[Given] = frozenset()
    kept_links: frozenset[Ends] = frozenset()
    cut_links: frozenset[Ends] = frozenset()

    @classmethod
    def of(cls, rulings: Sequence[Ruling], priority: Mapping[Given, int]) -> Decided:
        """The rulings whose values are all among those of `priority`."""
        known = [ruling for ruling in rulings if all(one in priority for one in ruling.about)]

        def values(verdict: str) -> frozenset[Given]:
            return frozenset(one.about[0] for one in known if one.verdict == verdict and not one.of_link)

        def links(verdict: str) -> frozenset[Ends]:
            about = (one.about for one in known if one.verdict == verdict and one.of_link)
            in_order = (sorted(ends, key=lambda given: (priority[given], given[1])) for ends in about)
            return frozenset((first, second) for first, second in in_order)

        return cls(values("keep"), values("cut"), links("keep"), links("cut"))

    def parts_of(self, identifiers: Sequence[Given]) -> list[tuple[Given, ...]]:
        """Those identifiers of an event, the best first, that are still together: values that are cut are with nobody."""
        left = [given for given in identifiers if given not in self.cut_values] if self.cut_values else identifiers
        if not left or not self.cut_links:
            return [tuple(left)]
        return parts_of(left, *self._pairs)

    @cached_property
    def _pairs(self) -> tuple[frozenset[frozenset[Given]], frozenset[frozenset[Given]]]:
        return frozenset(map(frozenset, self.cut_links)), frozenset(map(frozenset, self.kept_links))

    def kept_on(self, identifiers: Sequence[Given]) -> list[Ends]:
        """The kept links of which an event holds both ends."""
        held = set(identifiers) if self.kept_links else set()
        return [ends for ends in sorted(self.kept_links) if held.issuperset(ends)]

    def where_seen(self, seen: Collection[Ends]) -> Decided:
        """A link is kept only where an event showed it."""
        return replace(self, kept_links=frozenset(ends for ends in self.kept_links if ends in seen))

    def by_hand(self, number_of: Mapping[Given, int], priorities: Mapping[int, int]) -> RuledByHand:
        """What the replay of linking rules needs."""
        kept, cut = (
            frozenset(link_between(*(number_of[end] for end in ends)) for ends in links)
            for links in (self.kept_links, self.cut_links)
        )
        return RuledByHand(kept, cut, frozenset(number_of[one] for one in self.kept_values), priorities)


NO_RULINGS = Decided()
