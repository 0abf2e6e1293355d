"""Events as people type them: one a line, `NAMESPACE: value, NAMESPACE: value`, in the order of time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from profile_engine.config.problems import did_you_mean
from profile_engine.errors import ConfigurationError
from profile_engine.schemas.namespace_rules import Namespaces

Given = tuple[str, str]
"""(namespace, value), as it came or in normal form."""
_START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Event:
    """Identifiers that were seen together; `number` is its place in the order of time, from 1."""

    number: int
    at: datetime
    identifiers: tuple[Given, ...]


def typed_events(lines: Iterable[str], namespaces: Namespaces) -> list[Event]:
    """The events of a text; blank lines and lines that begin with # are none. Events are a second apart, so that all fall
    into any window of a limit.

    Raises ConfigurationError with the line's number for an unknown namespace or a part that is no `NAMESPACE: value`; the
    values are not repeated.
    """
    events: list[Event] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        given = tuple(_given(part, number, namespaces) for part in line.split(",") if part.strip())
        place = len(events) + 1
        events.append(Event(place, _START + timedelta(seconds=place), given))
    return events


def _given(part: str, number: int, namespaces: Namespaces) -> Given:
    name, colon, value = part.partition(":")
    name = name.strip()
    if not colon or not name:
        raise ConfigurationError(
            f"line {number}: write each identifier as NAMESPACE: value, with commas between, such as 'crm_id: Tom, "
            "email: tom@example.com'"
        )
    if name not in namespaces:
        hint = did_you_mean(name, namespaces.names) or f"known: {', '.join(namespaces.names)}"
        raise ConfigurationError(f"line {number}: unknown namespace '{name}'; {hint}")
    return name, value.strip()
