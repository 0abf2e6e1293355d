"""Segments that rules name: who depends on whom, and an order in which each comes after those it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from profile_engine.rules.syntax import EVERYONE, Condition, InSegment, parts


def references(condition: Condition) -> Iterator[InSegment]:
    """Every `in_segment` in a condition, in the order in which they stand."""
    if isinstance(condition, InSegment):
        yield condition
    for part in parts(condition):
        yield from references(part)


def named_segments(condition: Condition) -> frozenset[str]:
    """The ids of all segments that a condition names, the built-in one left out."""
    return frozenset(name for reference in references(condition) for name in reference.segments) - {EVERYONE}


def dependency_order(conditions: Mapping[str, Condition]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """(ids in an order in which each comes after the ones it names, cycles).

    A cycle is a path that ends where it began, such as (a, b, a), found from its smallest id; ids that a cycle holds,
    or that lead into one, have no place in the order. Names that are no key of `conditions` are not followed.
    """
    names = {
        segment: sorted(named_segments(condition) & conditions.keys()) for segment, condition in conditions.items()
    }
    done: dict[str, bool] = {}
    order: list[str] = []
    cycles: dict[frozenset[str], tuple[str, ...]] = {}
    for start in sorted(names):
        # each entry of the walk is a segment on the current path and what it still has to visit
        walk: list[tuple[str, Iterator[str]]] = [] if start in done else [(start, iter(names[start]))]
        while walk:
            segment, pending = walk[-1]
            path = [step for step, _ in walk]
            following = next(pending, None)
            if following is None:
                walk.pop()
                in_cycle = any(segment in members for members in cycles)
                done[segment] = not in_cycle and all(done.get(name, False) for name in names[segment])
                if done[segment]:
                    order.append(segment)
            elif following in path:
                cycle = path[path.index(following) :]
                cycles.setdefault(frozenset(cycle), _from_smallest(cycle))
            elif following not in done:
                walk.append((following, iter(names[following])))
    return tuple(order), tuple(cycles.values())


def _from_smallest(cycle: list[str]) -> tuple[str, ...]:
    first = cycle.index(min(cycle))
    turned = cycle[first:] + cycle[:first]
    return (*turned, turned[0])
