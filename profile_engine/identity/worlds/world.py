"""A made-up world from a seed: its events in the order of time, and whose each identifier is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from profile_engine.identity.simulation.events import Event, Given
from profile_engine.identity.worlds.people import Roles, Story, settle
from profile_engine.identity.worlds.troubles import TROUBLES
from profile_engine.schemas.hygiene import refusal
from profile_engine.schemas.namespace_rules import Namespaces

_START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class World:
    seed: int
    people: int
    events: tuple[Event, ...]
    owner_of: Mapping[Given, int | None]
    """By identifier in normal form: the number of its person; None where it is several people's or nobody's."""
    touched: Mapping[str, frozenset[int]]
    """By trouble: whom it befell."""


def made_world(
    namespaces: Namespaces, people: int = 500, seed: int = 7, troubles: Collection[str] = tuple(TROUBLES)
) -> World:
    """The same arguments give the same world. `troubles` are told in the order of TROUBLES.

    Raises ConfigurationError for a namespace that no made-up value fits, KeyError for a trouble that does not exist.
    """
    for name in troubles:
        TROUBLES[name]
    story = Story(Random(seed), Roles.of(namespaces), people)
    everybody = settle(story)
    for name, tell in TROUBLES.items():
        # each trouble draws for itself, so that leaving one out changes no other
        story.draw = Random(f"{seed} {name}")
        if name in troubles:
            story.touched[name] = tell(story, everybody)
    in_order = sorted(enumerate(story.told), key=lambda told: (told[1][0], told[0]))
    events = tuple(
        Event(number, _START + timedelta(seconds=at), given)
        for number, (_, (at, given)) in enumerate(in_order, start=1)
    )
    touched = {name: frozenset(befallen) for name, befallen in story.touched.items()}
    return World(seed, people, events, _in_normal_form(story.owners, namespaces), touched)


def _in_normal_form(owners: Mapping[Given, int | None], namespaces: Namespaces) -> dict[Given, int | None]:
    """Owners by the value as hygiene leaves it; two spellings that become one are one person's only if both were."""
    found: dict[Given, int | None] = {}
    for (namespace, text), owner in owners.items():
        value, _ = refusal(namespaces, namespace, text)
        given = (namespace, value if value is not None else text)
        found[given] = owner if found.get(given, owner) == owner else None
    return found
