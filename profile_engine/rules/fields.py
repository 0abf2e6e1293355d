"""Which fields, event types and attributes rules read, so that nothing else is kept or handed over for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from profile_engine.rules.syntax import (
    EVENT_TIME,
    AllOf,
    AnyOf,
    Arithmetic,
    Attribute,
    Check,
    Computed,
    Condition,
    EventField,
    Field,
    InSegment,
    ItemField,
    Measure,
    NoneOf,
    Not,
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
        if source.of is not None:
            yield source.of
        if source.events.each is not None:
            yield source.events.each
        if source.events.where is not None:
            yield from sources(source.events.where)
    elif isinstance(source, Sequence):
        for step in source.steps:
            if step.where is not None:
                yield from sources(step.where)
    operand = None if check is None else check.operand
    if isinstance(operand, Attribute | EventField | ItemField | StepField):
        yield from sources_of_test(operand)
    elif isinstance(operand, Passes | AllOf | AnyOf | NoneOf | Not | InSegment):
        yield from sources(operand)


def fields_of_term(term: Term) -> Iterator[Field]:
    """The fields of a formula."""
    if isinstance(term, Arithmetic):
        yield from fields_of_term(term.left)
        yield from fields_of_term(term.right)
    elif isinstance(term, Attribute | EventField | ItemField | StepField):
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
