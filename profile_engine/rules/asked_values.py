"""Which words a rule asks for by name, so that data can be searched for each: one never seen is likely a slip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from profile_engine.rules.syntax import Attribute, Check, Condition, EventField, Measure, Passes, Sequence, parts

_ONE_BY_ONE = {
    "equals": "equals", "one_of": "equals", "includes": "includes", "includes_any": "includes", "includes_all": "includes",
    "has_key": "has_key",
}  # fmt: skip


@dataclass(frozen=True)
class AskedValue:
    """A test for one word; for a field of events, beside the types of the events that it is asked of."""

    source: Attribute | EventField
    check: Check
    event_types: tuple[str, ...] = ()

    def __str__(self) -> str:
        where = f"no event {' or '.join(self.event_types)}" if self.event_types else "no profile"
        return f"'{self.check.operand}' was never seen: {where} has it as {self.source.column}"


def asked_values(condition: Condition, event_types: tuple[str, ...] = ()) -> Iterator[AskedValue]:
    """Every word that the condition asks of attributes and of fields of events, in the order in which they stand."""
    if isinstance(condition, Passes):
        yield from _of_test(condition, event_types)
    for part in parts(condition):
        yield from asked_values(part, event_types)


def _of_test(condition: Passes, event_types: tuple[str, ...]) -> Iterator[AskedValue]:
    source, check = condition.source, condition.check
    if isinstance(source, Measure) and source.events.where is not None:
        yield from asked_values(source.events.where, source.events.types)
    if isinstance(source, Sequence):
        for step in source.steps:
            if step.where is not None:
                yield from asked_values(step.where, step.types)
    if isinstance(source, Attribute | EventField) and check.operator in _ONE_BY_ONE:
        types = event_types if isinstance(source, EventField) else ()
        literals = check.operand if isinstance(check.operand, tuple) else (check.operand,)
        for literal in literals:
            if isinstance(literal, str):
                yield AskedValue(source, Check(_ONE_BY_ONE[check.operator], literal, check.ignoring_case), types)
