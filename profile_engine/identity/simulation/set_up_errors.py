"""Set-ups that rules can't make good: people who are known by a unique namespace, but not by the highest one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from profile_engine.identity.simulation.events import Given
from profile_engine.schemas.namespace_rules import Namespaces


def highest_unique(namespaces: Namespaces) -> str | None:
    """The unique namespace of the highest priority; None where none is unique."""
    return next((name for name in namespaces.names if namespaces.config(name).unique), None)


def joined_without_highest(
    seen: Iterable[Sequence[Given]], graphs: Iterable[Sequence[Given]], namespaces: Namespaces
) -> tuple[Given, ...]:
    """Values of other unique namespaces that share a graph with a value of the highest one, though no event shows them with
    any: something that two people use, such as a device, may be all that joins them.

    seen    the identifiers of each event
    graphs  those that are left

    A graph without a value of the highest is a guest's, and fine; so is one where an event shows both.
    """
    highest = highest_unique(namespaces)
    if highest is None:
        return ()
    others = {name for name in namespaces.names if namespaces.config(name).unique} - {highest}
    beside = {given for event in seen if any(name == highest for name, _ in event) for given in event}
    return tuple(
        given
        for members in graphs
        if any(name == highest for name, _ in members)
        for given in members
        if given[0] in others and given not in beside
    )
