"""The figures of the whole graph out of those of the last one and of the part of it that was solved again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from profile_engine.identity.graph_figures import GraphFigures

Kept = tuple[str, str, int]
"""A figure as the table `identity_figure` keeps it: its name, what it is of (a namespace, a class of sizes, or ''), its value."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NEXT_DUE = "next_due_at"
_PLAIN = ("seen", "identifiers", "profiles", "largest_profile", "links", "links_dropped", "links_torn")


def figures_of_whole(
    last: GraphFigures, was: GraphFigures, now: GraphFigures, largest_outside: Callable[[], int]
) -> GraphFigures:
    """The figures that measuring the whole graph would give.

    last             of the whole graph before
    was, now         of the part that was solved again, before and after; profiles are in the part as a whole or not at all
    largest_outside  the size of the largest profile outside the part; only asked for where nothing else tells

    What is said of the last graph (`profiles_before` ...) is what `last` says of itself.
    """
    summed = {name: getattr(last, name) - getattr(was, name) + getattr(now, name) for name in _PLAIN}
    summed["largest_profile"] = now.largest_profile
    if now.largest_profile < last.largest_profile:
        outside = last.largest_profile if was.largest_profile < last.largest_profile else largest_outside()
        summed["largest_profile"] = max(now.largest_profile, outside)
    return replace(
        now,
        **summed,
        sizes=tuple(a - b + c for a, b, c in zip(last.sizes, was.sizes, now.sizes, strict=True)),
        two_values=_by_name(last.two_values, was.two_values, now.two_values),
        hubs=None if now.hubs is None else _by_name(last.hubs or {}, was.hubs or {}, now.hubs),
        profiles_before=last.profiles,
        largest_before=last.largest_profile,
        sizes_before=last.sizes,
        two_before=last.two_values,
        hubs_before=last.hubs,
    )


def kept_figures(figures: GraphFigures, next_due_at: datetime | None = None) -> list[Kept]:
    """What the next run has to know of this graph, in a fixed order; `next_due_at` in microseconds since 1970."""
    rows = [(name, "", getattr(figures, name)) for name in _PLAIN]
    rows += [("sizes", f"{place:02}", count) for place, count in enumerate(figures.sizes)]
    rows += [("two_values", name, count) for name, count in figures.two_values.items()]
    rows += [("hubs", name, count) for name, count in (figures.hubs or {}).items()]
    rows += [] if next_due_at is None else [(_NEXT_DUE, "", (next_due_at - _EPOCH) // timedelta(microseconds=1))]
    return sorted(rows)


def due_from(rows: Iterable[Kept]) -> datetime | None:
    """The `next_due_at` that `kept_figures` was given."""
    return next((_EPOCH + timedelta(microseconds=value) for name, _, value in rows if name == _NEXT_DUE), None)


def figures_from(rows: Iterable[Kept]) -> GraphFigures | None:
    """The figures that `kept_figures` gave; None where the rows are none, or of an engine that kept others."""
    by_name: dict[str, dict[str, int]] = {}
    for name, of, value in rows:
        by_name.setdefault(name, {})[of] = value
    if not {*_PLAIN, "sizes"} <= by_name.keys():
        return None
    plain: dict[str, Any] = {name: by_name[name][""] for name in _PLAIN}
    found = GraphFigures(
        **plain,
        sizes=tuple(by_name["sizes"][place] for place in sorted(by_name["sizes"])),
        two_values=by_name.get("two_values", {}),
        hubs=by_name.get("hubs"),
    )
    return found if len(found.sizes) == len(found.sizes_before) else None


def _by_name(last: Mapping[str, int], was: Mapping[str, int], now: Mapping[str, int]) -> dict[str, int]:
    return {name: last.get(name, 0) - was.get(name, 0) + count for name, count in now.items()}
