"""Which fields, event types and attributes rules read, so that nothing else is kept or handed over for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from profile_engine.rules.syntax import EVENT_TIME, Condition, EventField, Measure, Passes, Source, parts


def sources(condition: Condition) -> Iterator[Source]:
    """Every value that a condition looks at, those inside event filters and measures among them."""
    if isinstance(condition, Passes):
        yield condition.source
        if isinstance(condition.source, Measure):
            if condition.source.of is not None:
                yield condition.source.of
            if condition.source.events.where is not None:
                yield from sources(condition.source.events.where)
    for part in parts(condition):
        yield from sources(part)


def fields_used(conditions: Iterable[Condition]) -> frozenset[str]:
    """Dotted paths of the event fields that the conditions name; the event's type and time are there without being named."""
    return frozenset(
        source.path
        for condition in conditions
        for source in sources(condition)
        if isinstance(source, EventField) and source.path != EVENT_TIME
    )
