"""A graph that is too large gives up identifiers: which ones, in which order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from profile_engine.identity.linking_rules.live_links import Link


def identifiers_over_limit(
    links: Iterable[Link],
    most: int,
    leaves_before: Callable[[int], tuple[int, ...]],
    protected: Collection[int] = frozenset(),
) -> set[int]:
    """The identifiers that leave their graph so that `most` of each graph remain; they stand alone from then on.

    leaves_before  sorts identifiers of one graph: partner, cookie, device, then person, e-mail and phone; of a kind those
                   that were updated longest ago, as in Adobe's "Guardrails for Identity Service data", deletion logic
    protected      identifiers that stay, even if more than `most` remain then
    """
    gone: set[int] = set()
    for graph in _graphs(links):
        surplus = len(graph) - most
        if surplus > 0:
            gone.update(sorted(graph - set(protected), key=leaves_before)[:surplus])
    return gone


def _graphs(links: Iterable[Link]) -> list[set[int]]:
    near: dict[int, list[int]] = {}
    for one, other in links:
        near.setdefault(one, []).append(other)
        near.setdefault(other, []).append(one)
    graphs, met = [], set[int]()
    for start in near:
        if start in met:
            continue
        graph, waiting = {start}, [start]
        while waiting:
            fresh = [other for other in near[waiting.pop()] if other not in graph]
            graph.update(fresh)
            waiting.extend(fresh)
        met |= graph
        graphs.append(graph)
    return graphs
