"""Which identifiers of an event are accepted, in which order, and why others are not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from profile_engine.identity.simulation.events import Event, Given
from profile_engine.schemas.hygiene import refusal
from profile_engine.schemas.namespace_rules import Namespaces


@dataclass(frozen=True)
class Refused:
    """An identifier of an event that hygiene drops."""

    event: int
    identifier: Given
    reason: str


@dataclass(frozen=True)
class Accepted:
    """An event with its identifiers in normal form, distinct, the best first."""

    event: Event
    identifiers: tuple[Given, ...]


def accepted_events(
    events: Iterable[Event], namespaces: Namespaces, *, as_given: bool = False
) -> tuple[list[Accepted], list[Refused]]:
    """The twin of `schemas.identifier_arrays.identifier_arrays`; `as_given` takes every value as it stands, toys too."""
    accepted, refused = [], []
    for event in events:
        kept: dict[Given, None] = {}
        for namespace, text in event.identifiers:
            value, reason = (text, None) if as_given else refusal(namespaces, namespace, text)
            if reason is not None:
                refused.append(Refused(event.number, (namespace, value or text), reason))
            elif value:
                kept[namespace, value] = None
        in_order = sorted(kept, key=lambda one: (namespaces.priority(one[0]), one[1]))
        limit = namespaces.identifiers_per_record
        refused += [Refused(event.number, one, "too_many") for one in in_order[limit:]]
        accepted.append(Accepted(event, tuple(in_order[:limit])))
    return accepted, refused
