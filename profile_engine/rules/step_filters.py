"""Filters of the steps of a sequence: what can be asked of an event alone, and what needs an earlier step's event."""

from __future__ import annotations

from collections.abc import Callable

from profile_engine.rules.fields import step_fields
from profile_engine.rules.syntax import AllOf, Condition, Passes, Sequence, StepField


def fixed_part(where: Condition | None) -> Condition | None:
    """The part of a condition that names no earlier step."""
    return _where(where, lambda one: not list(step_fields(one)))


def varying_part(where: Condition | None) -> Condition | None:
    """The part that does."""
    return _where(where, lambda one: bool(list(step_fields(one))))


def _where(where: Condition | None, wanted: Callable[[Condition], bool]) -> Condition | None:
    if isinstance(where, AllOf):
        kept = tuple(part for part in where.conditions if wanted(part))
        return None if not kept else kept[0] if len(kept) == 1 else AllOf(kept)
    return where if where is not None and wanted(where) else None


def same_as(varying: Condition | None) -> StepField | None:
    """An earlier step's field that the same field of this step's event has to equal, where every choice has to."""
    parts = varying.conditions if isinstance(varying, AllOf) else (varying,)
    for part in parts:
        if isinstance(part, Passes) and part.check.operator == "equals" and not part.check.ignoring_case:
            other = part.check.operand
            if isinstance(other, StepField) and other.field == part.source:
                return other
    return None


def fixed_filters(sequence: Sequence) -> tuple[Condition, ...]:
    """The conditions of steps that are answered once for every event."""
    return tuple(fixed for step in sequence.steps if (fixed := fixed_part(step.where)) is not None)
