"""When a computed attribute changes by time alone: the stretches of time whose events enter or leave its window."""

from __future__ import annotations

from profile_engine.profiles.computed.attribute import ComputedAttribute
from profile_engine.rules.moment import Moment, Stretch
from profile_engine.rules.next_change import condition_follows_time
from profile_engine.rules.windows import window_of


def moved_stretches(attribute: ComputedAttribute, before: Moment, now: Moment) -> tuple[Stretch, ...]:
    """Where events lie that count at one of the two moments only; both ends of a stretch belong to it.

    An event outside of them counts at both moments or at neither, and where its filter does not look at as_of, it counts
    for the same: who has no event in them, and no new one, keeps the value. A filter that looks at as_of moves everything.
    """
    first, last = window_of(attribute.events.window, before)
    new_first, new_last = window_of(attribute.events.window, now)
    if attribute.events.where is not None and condition_follows_time(attribute.events.where):
        return _stretches((min(first, new_first), max(last, new_last)))
    if first > last or new_first > new_last or last < new_first or new_last < first:
        return _stretches((first, last), (new_first, new_last))
    return _stretches(
        (min(first, new_first), max(first, new_first) - 1), (min(last, new_last) + 1, max(last, new_last))
    )


def _stretches(*parts: Stretch) -> tuple[Stretch, ...]:
    return tuple((first, last) for first, last in parts if first <= last)
