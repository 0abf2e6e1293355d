"""A graph in numbers, beside the last one: what the audit, the gates and the run's record look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from profile_engine.errors import LakeError

SIZE_CLASSES = (1, 2, 4, 8, 16, 32, 64, 256, 1024)
"""The largest size in each class of profiles but the last, which has no end."""
SIZE_BOUNDS = tuple(pairwise((0, *SIZE_CLASSES, 2**62)))
"""Of each class the largest size below it and its own largest."""


@dataclass(frozen=True)
class GraphFigures:
    """A graph in numbers. What is said of the last graph is 0 where there was none."""

    seen: int
    """Identifiers in the sightings that count."""
    identifiers: int
    """Identifiers that have a profile."""
    profiles: int
    largest_profile: int
    sizes: tuple[int, ...]
    """Profiles in each of SIZE_CLASSES, and one class more for all that are larger."""
    two_values: Mapping[str, int]
    """Profiles that hold two or more values of a namespace of people, by namespace."""
    links: int
    links_dropped: int
    links_torn: int
    """Live links whose ends are in different profiles or in none: always 0 in a sound graph."""
    profiles_before: int = 0
    largest_before: int = 0
    sizes_before: tuple[int, ...] = (0,) * (len(SIZE_CLASSES) + 1)
    two_before: Mapping[str, int] = field(default_factory=dict)
    """As `two_values`, of the profiles of the last graph, by the identifiers of theirs that are still seen."""
    profiles_changed: int = 0
    """Of the last graph: lost an identifier, or hold one now that was another profile's."""
    profiles_merged: int = 0
    """Of the last graph: their id went over into another profile's."""
    profiles_split: int = 0
    """Of the last graph: a new profile was made of a part of them."""
    ids_changed: int = 0
    """Of the last graph: an identifier of theirs has another profile id now."""
    hubs: Mapping[str, int] | None = None
    """Values that are linked to more people than the gate allows, by namespace; None where no gate asks."""
    hubs_before: Mapping[str, int] | None = None
    """As `hubs`, of the last graph; None where it was not measured by the same gate."""


def audit(figures: GraphFigures) -> None:
    """Raise LakeError for a graph that is not sound: a live link across profiles, an identifier lost or doubled."""
    if figures.links_torn:
        raise LakeError(
            f"the identity graph is not sound: {figures.links_torn} live links join identifiers of different profiles; "
            "nothing was published; this is a defect of the solver, please report it with the solver named in the log"
        )
    if figures.identifiers != figures.seen:
        raise LakeError(
            f"the identity graph is not sound: {figures.seen} identifiers were seen and {figures.identifiers} have a profile; "
            "nothing was published; this is a defect of the solver, please report it with the solver named in the log"
        )


def size_words(sizes: tuple[int, ...]) -> dict[str, int]:
    """Counts by the words for their class: `1`, `3-4`, `over 1024`."""
    named = {}
    for (low, high), count in zip(SIZE_BOUNDS, sizes, strict=True):
        name = f"over {low}" if low == SIZE_CLASSES[-1] else str(high) if high == low + 1 else f"{low + 1}-{high}"
        named[name] = count
    return named


def health(figures: GraphFigures) -> dict[str, int | float | str]:
    """The shape of the graph for the run's record: sizes, profiles with two values of a namespace of people, hubs."""

    def listed(counts: Mapping[str, int]) -> str:
        return ", ".join(f"{name}: {count}" for name, count in counts.items() if count) or "none"

    shape: dict[str, int | float | str] = {
        "largest_profile": figures.largest_profile,
        "profiles_of_size": listed(size_words(figures.sizes)),
        "people_with_two": listed(figures.two_values),
    }
    return shape if figures.hubs is None else {**shape, "hubs": listed(figures.hubs)}
