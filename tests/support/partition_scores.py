"""A partition of identifiers and orders against the truth of `cdp_assembled`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

from profile_engine.identity.worlds.pair_scores import PairScores, pair_scores

ANONYMOUS = frozenset({"anonymous", "shared"})
"""Persons of truth.csv that stand for nobody: these rows are left out of the pairs."""
NAMESPACE_OF_SOURCE = {"crm": "crm_id", "loyalty": "loyalty_id", "ecid": "ecid", "order": "order"}
"""A row of the CRM or of the loyalty programme is its id; an order is a node of its own."""


@dataclass(frozen=True)
class Partition:
    """A component for each node: identifiers as (namespace, value), and orders as ("order", order id)."""

    component: Mapping[tuple[str, str], Hashable]

    @classmethod
    def of(cls, identifiers: Mapping[tuple[str, str], Hashable], orders: Mapping[str, Hashable | None]) -> Partition:
        """Identifiers with their component, and each order with that of its owner; an order of nobody is one of its own."""
        nodes = dict(identifiers)
        for order_id, component in orders.items():
            nodes[("order", order_id)] = ("order", order_id) if component is None else component
        return cls(nodes)

    @property
    def sizes(self) -> list[int]:
        """Nodes a component, largest first."""
        return sorted(Counter(self.component.values()).values(), reverse=True)

    def scored(self, truth: Iterable[tuple[str, str, str]]) -> PairScores:
        """Against rows of (source, key, person); raises KeyError for a row of a known person that is no node."""
        return pair_scores(
            (self.component[(NAMESPACE_OF_SOURCE[source], key)], person)
            for source, key, person in truth
            if person not in ANONYMOUS
        )
