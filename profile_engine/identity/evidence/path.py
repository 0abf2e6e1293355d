"""The shortest path of evidence between two identifiers, and the bridges of a cluster."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence

from profile_engine.identity.evidence.cluster import Link, Pair, pair


def shortest_path(neighbours: Mapping[int, Sequence[Link]], start: int, end: int) -> tuple[Link, ...] | None:
    """The fewest links from `start` to `end`; of several such paths the one with most records behind it in all, of those
    the one through the smallest ids. None where there is no path; empty where both are the same identifier.

    Dijkstra's algorithm over pairs (links, - records), which grow by at least one link a step.
    """
    reached: set[int] = set()
    best: dict[int, tuple[int, int, tuple[int, ...]]] = {start: (0, 0, (start,))}
    waiting: list[tuple[tuple[int, int, tuple[int, ...]], int, tuple[Link, ...]]] = [(best[start], start, ())]
    while waiting:
        cost, here, path = heapq.heappop(waiting)
        if here in reached:
            continue
        reached.add(here)
        if here == end:
            return path
        for link in neighbours.get(here, ()):
            there = link.other(here)
            onwards = (cost[0] + 1, cost[1] - link.records, (*cost[2], there))
            if there not in reached and (there not in best or onwards < best[there]):
                best[there] = onwards
                heapq.heappush(waiting, (onwards, there, (*path, link)))
    return None


def bridges(links: Iterable[Pair]) -> frozenset[Pair]:
    """The links without which their ends would be in different components.

    Tarjan's algorithm of low points ("A note on finding the bridges of a graph", 1974), with a stack of its own: a chain
    of identifiers may be longer than Python's recursion. Links are distinct and none joins an identifier to itself.
    """
    beside: dict[int, list[int]] = {}
    for left, right in links:
        beside.setdefault(left, []).append(right)
        beside.setdefault(right, []).append(left)
    found: set[Pair] = set()
    order: dict[int, int] = {}
    low: dict[int, int] = {}
    for root in beside:
        if root in order:
            continue
        order[root] = low[root] = len(order)
        stack = [(root, root, iter(beside[root]))]
        while stack:
            here, parent, others = stack[-1]
            for other in others:
                if other not in order:
                    order[other] = low[other] = len(order)
                    stack.append((other, here, iter(beside[other])))
                    break
                if other != parent:
                    low[here] = min(low[here], order[other])
            else:
                stack.pop()
                if here != root:
                    low[parent] = min(low[parent], low[here])
                    if low[here] > order[parent]:
                        found.add(pair(here, parent))
    return frozenset(found)
