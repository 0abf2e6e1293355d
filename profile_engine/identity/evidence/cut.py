"""The cheapest cut: which links to take away so that two identifiers are two people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from profile_engine.identity.evidence.cluster import Link, parts

_MOST_RECORDS = 10_000
"""Behind one link; more than that weigh alike, so that sums stay within scipy's 32-bit capacities."""


@dataclass(frozen=True)
class Cut:
    """Links that part two identifiers, with the records that speak for them, and how large both sides are then."""

    links: tuple[Link, ...]
    records: int
    side_of_first: frozenset[int]
    side_of_second: frozenset[int]


def cheapest_cut(links: Sequence[Link], first: int, second: int) -> Cut | None:
    """The links with the fewest records behind them in all, without which no path joins `first` and `second`.

    links   live ones of the cluster; one without records weighs as much as one record
    returns None where no path joins them already; of several cheapest cuts the one nearest to `first`

    Maximum flow equals minimum cut (Ford and Fulkerson); the flow is scipy's (Dinic's algorithm).
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import breadth_first_order, maximum_flow

    together = next(
        (part for part in parts((first, second), (one.ends for one in links)) if first in part), frozenset()
    )
    if first == second or second not in together:
        return None
    inside = sorted((one for one in links if one.left_id in together), key=lambda one: one.ends)
    place = {identifier_id: index for index, identifier_id in enumerate(sorted(together))}
    left = np.array([place[one.left_id] for one in inside], dtype=np.int32)
    right = np.array([place[one.right_id] for one in inside], dtype=np.int32)
    weight = np.array([min(max(one.records, 1), _MOST_RECORDS) for one in inside], dtype=np.int32)
    ends = (np.concatenate([left, right]), np.concatenate([right, left]))
    capacity = csr_array((np.concatenate([weight, weight]), ends), shape=(len(place), len(place)))
    flow = maximum_flow(capacity.tocsr(), place[first], place[second]).flow
    residual = csr_array(capacity - flow)
    residual.eliminate_zeros()
    reached = breadth_first_order(residual, place[first], return_predecessors=False)
    side = np.zeros(len(place), dtype=bool)
    side[reached] = True
    cut = tuple(one for one, is_cut in zip(inside, side[left] != side[right], strict=True) if is_cut)
    ids = {one.ends for one in cut}
    pieces = parts(together, (one.ends for one in inside if one.ends not in ids))
    of = {end: part for part in pieces for end in (first, second) if end in part}
    return Cut(cut, sum(one.records for one in cut), of[first], of[second])
