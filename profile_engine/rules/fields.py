"""Which fields, event types and attributes rules read, so that nothing else is kept or handed over for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from profile_engine.rules.syntax import (
    EVENT_TIME,
    Arithmetic,
    Check,
    Computed,
    Condition,
    EventField,
    Field,
    Measure,
    Passes,
    Sequence,
    Source,
    StepField,
    Term,
    parts,
)


def sources(condition: Condition) -> Iterator[Source]:
    """Every value that a condition looks at, those inside event filters, formulas, measures and sequences among them."""
    if isinstance(condition, Passes):
        yield from sources_of_test(condition.source, condition.check)
    for part in parts(condition):
        yield from sources(part)


def sources_of_test(source: Source, check: Check | None = None) -> Iterator[Source]:
    """Every value that one test looks at."""
    yield source
    if isinstance(source, StepField):
        yield source.field
    elif isinstance(source, Computed):
        yield from fields_of_term(source.term)
    elif isinstance(source, Measure):
        yield from (one for one in (source.of, source.events.each) if one is not None)
    for where in filters_of(source):
        yield from sources(where)
    operand = None if check is None else check.operand
    if isinstance(operand, Field):
        yield from sources_of_test(operand)
    elif isinstance(operand, Condition):
        yield from sources(operand)


def filters_of(source: Source) -> tuple[Condition, ...]:
    """Every `where` of a measure or a sequence, in the order of its steps."""
    filters: tuple[Condition | None, ...] = ()
    if isinstance(source, Measure):
        filters = (source.events.where,)
    elif isinstance(source, Sequence):
        filters = tuple(step.where for step in source.steps)
    return tuple(where for where in filters if where is not None)


def fields_of_term(term: Term) -> Iterator[Field]:
    """The fields of a formula."""
    if isinstance(term, Arithmetic):
        yield from fields_of_term(term.left)
        yield from fields_of_term(term.right)
    elif isinstance(term, Field):
        yield term


def step_fields(condition: Condition | None) -> Iterator[StepField]:
    """The fields of earlier steps that a condition names."""
    if condition is not None:
        yield from (source for source in sources(condition) if isinstance(source, StepField))


def fields_used(conditions: Iterable[Condition]) -> frozenset[str]:
    """Dotted paths of the event fields that the conditions name; the event's type and time are there without being named."""
    return frozenset(
        source.path
        for condition in conditions
        for source in sources(condition)
        if isinstance(source, EventField) and source.path != EVENT_TIME
    )
