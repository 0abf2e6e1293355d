"""Where the identifiers of a cluster stand in a picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from profile_engine.identity.evidence.cluster import Pair

_ROUNDS = 300
Points = NDArray[np.float64]


def positions(nodes: Sequence[int], links: Sequence[Pair]) -> dict[int, tuple[float, float]]:
    """A point for each node, so that nodes as many links apart as possible are that far apart (a link has length 1).

    Stress majorisation (Gansner, Koren, North: "Graph drawing by stress majorization", 2004) from a circle; the same
    nodes and links in the same order give the same picture. Parts without a link stand beside each other.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import shortest_path

    if len(nodes) < 2:
        return dict.fromkeys(nodes, (0.0, 0.0))
    place = {node: index for index, node in enumerate(nodes)}
    left = [place[one] for one, _ in links]
    right = [place[other] for _, other in links]
    graph = csr_array((np.ones(len(links)), (left, right)), shape=(len(nodes), len(nodes)))
    far = shortest_path(graph, directed=False, unweighted=True)
    apart = np.isinf(far)
    far[apart] = (far[~apart].max() if (~apart).any() else 0) + 1.5
    points = _majorised(_circle(len(nodes)), far)
    return {node: (float(x), float(y)) for node, (x, y) in zip(nodes, np.round(points, 4), strict=True)}


def _circle(count: int) -> Points:
    angle = 2 * np.pi * np.arange(count) / count
    radius = 1 + 0.1 * (np.arange(count) % 3)  # not all on one circle, which may be a saddle
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])


def _majorised(points: Points, far: Points) -> Points:
    """The Guttman transform, repeated: each round lowers the stress."""
    count = len(points)
    wish = far.copy()
    np.fill_diagonal(wish, 1.0)
    weight = wish**-2.0
    np.fill_diagonal(weight, 0.0)
    laplacian = np.diag(weight.sum(axis=1)) - weight
    # the last point stays where it is: distances say nothing about where the picture as a whole stands
    inverse = np.linalg.inv(laplacian[:-1, :-1])
    for _ in range(_ROUNDS):
        distance = np.linalg.norm(points[:, None] - points[None], axis=2)
        ratio = np.divide(weight * wish, distance, out=np.zeros((count, count)), where=distance > 1e-9)
        guttman = np.diag(ratio.sum(axis=1)) - ratio
        moved = np.vstack([inverse @ (guttman @ (points - points[-1]))[:-1], np.zeros(2)])
        if np.abs(moved - (points - points[-1])).max() < 1e-4:
            return moved
        points = moved
    return points
