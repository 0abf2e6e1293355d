"""How a partition compares with the truth about persons: sizes, and precision and recall over pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class PairScores:
    """Rows with a known person, in how many persons and clusters, and how pairs of rows agree (0 to 1)."""

    rows: int
    persons: int
    clusters: int
    largest_cluster_rows: int
    precision: float
    recall: float


def pair_scores(labelled: Iterable[tuple[Hashable, Hashable]], among: Collection[Hashable] | None = None) -> PairScores:
    """Scores of (cluster, person), one a row. Of all pairs of rows in one cluster, the share of one person is the
    precision; of all pairs of one person, the share in one cluster is the recall; a share of no pairs is 1.

    among  only pairs count of which at least one row is of these persons; None: all
    """
    rows = list(labelled)
    others = [] if among is None else [row for row in rows if row[1] not in among]
    together, in_cluster, of_person = (
        every - elsewhere for every, elsewhere in zip(_agreeing(rows), _agreeing(others), strict=True)
    )
    chosen = rows if among is None else [row for row in rows if row[1] in among]
    clusters = Counter(cluster for cluster, _ in chosen)
    return PairScores(
        rows=len(chosen),
        persons=len({person for _, person in chosen}),
        clusters=len(clusters),
        largest_cluster_rows=max(clusters.values(), default=0),
        precision=together / in_cluster if in_cluster else 1.0,
        recall=together / of_person if of_person else 1.0,
    )


def _agreeing(rows: list[tuple[Hashable, Hashable]]) -> tuple[int, int, int]:
    """Pairs of one cluster and one person, of one cluster, of one person."""
    both, clusters, persons = Counter(rows), Counter(c for c, _ in rows), Counter(p for _, p in rows)
    return _pairs(both), _pairs(clusters), _pairs(persons)


def _pairs(counts: Mapping[Any, int]) -> int:
    return sum(count * (count - 1) // 2 for count in counts.values())
