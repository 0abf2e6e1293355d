"""Values that were seen with more people than their namespace allows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from profile_engine.identity.joined_sets import JoinedSets
from profile_engine.identity.limits import PersonLimit, person_limits
from profile_engine.identity.simulation.decided import NO_RULINGS, Decided
from profile_engine.identity.simulation.events import Given
from profile_engine.identity.simulation.hygiene import Accepted
from profile_engine.schemas.namespace_rules import Namespaces


def values_over_limit(
    accepted: Sequence[Accepted], namespaces: Namespaces, decided: Decided = NO_RULINGS
) -> frozenset[Given]:
    """The twin of `identity.limits.values_over_limit`: the people of a value are the components that it was seen with, over
    links among namespaces of people without its own; who a ruling cuts from a record was not seen with the others on it."""
    seen = [(one.event.at, part) for one in accepted for part in decided.parts_of(one.identifiers)]
    over: set[Given] = set()
    for limit in person_limits(namespaces):
        persons: JoinedSets[Given] = JoinedSets()
        meetings: dict[Given, list[tuple[datetime, Given]]] = defaultdict(list)
        for at, together in seen:
            people = [given for given in together if given[0] in limit.told_by]
            for other in people[1:]:
                persons.join(people[0], other)
            if people:
                for given in together:
                    if given[0] == limit.namespace:
                        meetings[given].append((at, people[0]))
        for value, met in meetings.items():
            if _most([(at, persons.of(person)) for at, person in met], limit) > limit.at_most:
                over.add(value)
    return frozenset(over)


def _most(meetings: Iterable[tuple[datetime, Given]], limit: PersonLimit) -> int:
    """The most components met ever, or in any window; a window that ends at t holds t - within < at <= t."""
    met = sorted(meetings)
    if limit.within is None:
        return len({component for _, component in met})
    ends = [(at, limit.within.after(at), component) for at, component in met]
    return max(len({other for begin, end, other in ends if begin <= at < end}) for at, _, _ in ends)
