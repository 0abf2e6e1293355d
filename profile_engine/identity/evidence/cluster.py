"""A cluster: the identifiers of one or two profiles with the links among them, and the records behind each link."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

Pair = tuple[int, int]
"""(left_id, right_id), left_id < right_id."""


def pair(one: int, other: int) -> Pair:
    """The key of the link between two identifiers."""
    return (one, other) if one < other else (other, one)


@dataclass(frozen=True, order=True)
class Seen:
    """One record that carried both ends of a link."""

    at: datetime
    dataset: str
    record_id: str


@dataclass(frozen=True)
class Identifier:
    """A value in a namespace, as the table `identifier` has it."""

    identifier_id: int
    namespace: str
    value: str
    priority: int
    first_seen_at: datetime
    profile_id: str | None = None

    def __str__(self) -> str:
        return f"{self.namespace}:{self.value}"


@dataclass(frozen=True)
class Link:
    """Two identifiers that were seen together, live or dropped for a reason, with what speaks for it."""

    left_id: int
    right_id: int
    state: str
    reason: str | None
    first_seen_at: datetime
    datasets: tuple[str, ...]
    records: int = 0
    """How many records carried both; 0 where no record that counts is left, or a ruling joined them."""
    first: Seen | None = None
    last: Seen | None = None
    probability: float | None = None
    """Of links that matching of records found (`fuzzy`); None for identifiers that were seen together."""

    @property
    def ends(self) -> Pair:
        return self.left_id, self.right_id

    @property
    def is_live(self) -> bool:
        return self.state == "live"

    def other(self, identifier_id: int) -> int:
        return self.right_id if identifier_id == self.left_id else self.left_id


@dataclass(frozen=True)
class Cluster:
    """Identifiers by id, and the links among them (live) or from them to anybody (dropped)."""

    identifiers: Mapping[int, Identifier]
    links: tuple[Link, ...] = field(default=())

    @cached_property
    def live(self) -> tuple[Link, ...]:
        return tuple(link for link in self.links if link.is_live)

    @cached_property
    def dropped(self) -> tuple[Link, ...]:
        return tuple(link for link in self.links if not link.is_live)

    @cached_property
    def neighbours(self) -> Mapping[int, tuple[Link, ...]]:
        """The live links of each identifier, in order of their ends."""
        found: dict[int, list[Link]] = {identifier_id: [] for identifier_id in self.identifiers}
        for link in self.live:
            for end in link.ends:
                found.setdefault(end, []).append(link)
        return {end: tuple(sorted(links, key=lambda link: link.ends)) for end, links in found.items()}

    def in_order(self) -> Iterator[Identifier]:
        """The identifiers, highest priority first, then by value."""
        yield from sorted(self.identifiers.values(), key=lambda one: (one.priority, one.namespace, one.value))

    def labels(self) -> dict[int, str]:
        """A name that shows no value: `email 2` is the second e-mail in order."""
        numbers: Counter[str] = Counter()
        named = {}
        for one in self.in_order():
            numbers[one.namespace] += 1
            named[one.identifier_id] = f"{one.namespace} {numbers[one.namespace]}"
        return named


def parts(identifiers: Iterable[int], links: Iterable[Pair]) -> tuple[frozenset[int], ...]:
    """The components, by a walk over the links; largest first, then by smallest id."""
    beside: dict[int, list[int]] = {identifier_id: [] for identifier_id in identifiers}
    for left, right in links:
        beside.setdefault(left, []).append(right)
        beside.setdefault(right, []).append(left)
    found, unseen = [], dict.fromkeys(beside)
    while unseen:
        start, _ = unseen.popitem()
        members, waiting = {start}, [start]
        while waiting:
            for other in beside[waiting.pop()]:
                if other not in members:
                    members.add(other)
                    unseen.pop(other, None)
                    waiting.append(other)
        found.append(frozenset(members))
    return tuple(sorted(found, key=lambda members: (-len(members), min(members))))
