"""How a partition of identifiers compares with the truth about persons: sizes, and precision and recall over pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

ANONYMOUS = frozenset({"anonymous", "shared"})
"""Persons of truth.csv that stand for nobody: these rows are left out of the pairs."""
NAMESPACE_OF_SOURCE = {"crm": "crm_id", "loyalty": "loyalty_id", "ecid": "ecid", "order": "order"}
"""A row of the CRM or of the loyalty programme is its id; an order is a node of its own."""


@dataclass(frozen=True)
class PairScores:
    """Rows with a known person, in how many persons and clusters, and how pairs of rows agree (0 to 1)."""

    rows: int
    persons: int
    clusters: int
    largest_cluster_rows: int
    precision: float
    recall: float


def pair_scores(labelled: Iterable[tuple[Hashable, Hashable]]) -> PairScores:
    """Scores of (cluster, person), one a row. Of all pairs of rows in one cluster, the share of one person is the
    precision; of all pairs of one person, the share in one cluster is the recall; a share of no pairs is 1."""
    rows = list(labelled)
    both, clusters, persons = Counter(rows), Counter(c for c, _ in rows), Counter(p for _, p in rows)
    together, in_cluster, of_person = _pairs(both), _pairs(clusters), _pairs(persons)
    return PairScores(
        rows=len(rows),
        persons=len(persons),
        clusters=len(clusters),
        largest_cluster_rows=max(clusters.values(), default=0),
        precision=together / in_cluster if in_cluster else 1.0,
        recall=together / of_person if of_person else 1.0,
    )


def _pairs(counts: Counter[Hashable]) -> int:
    return sum(count * (count - 1) // 2 for count in counts.values())


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
