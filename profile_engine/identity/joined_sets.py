"""Things that are joined pair by pair, and the set that each is in: union-find."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

Thing = TypeVar("Thing", bound=Hashable)


class JoinedSets(Generic[Thing]):
    """Disjoint sets with path halving (Tarjan, van Leeuwen: "Worst-case analysis of set union algorithms", 1984)."""

    def __init__(self) -> None:
        self._above: dict[Thing, Thing] = {}

    def of(self, thing: Thing) -> Thing:
        """The thing that stands for the set; one never joined stands for itself."""
        above = self._above
        while (parent := above.get(thing, thing)) != thing:
            above[thing] = thing = above.get(parent, parent)
        return thing

    def join(self, one: Thing, other: Thing) -> None:
        left, right = self.of(one), self.of(other)
        if left != right:
            self._above[right] = left
