"""One person against one rule: each condition with its verdict and the value seen, computed as the daily run computes it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from collections.abc import Sequence as Ordered
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import isfinite

import numpy as np
import pyarrow as pa

from profile_engine.rules.arrow_columns import arrow_type
from profile_engine.rules.columns import (
    Column,
    DateColumn,
    FlagColumn,
    NumberColumn,
    RatioColumn,
    TextColumn,
    TimeColumn,
)
from profile_engine.rules.describe import clause
from profile_engine.rules.distance import distance_of, threshold_of
from profile_engine.rules.evaluate import RuleEvaluationError, evaluated, figures
from profile_engine.rules.events import FIELD
from profile_engine.rules.field_types import item_type, kind_of, object_leaves
from profile_engine.rules.moment import EPOCH, Moment, day_of
from profile_engine.rules.program import Program
from profile_engine.rules.references import named_segments
from profile_engine.rules.syntax import (
    AllOf,
    AnyOf,
    Attribute,
    Check,
    Computed,
    Condition,
    EventField,
    Measure,
    NoneOf,
    Not,
    Passes,
    Sequence,
    Source,
    parts,
)

_PERSON = "person"


@dataclass(frozen=True)
class Explained:
    """One condition: whether it is true, in words, the value seen where it tests one (None: missing), and its parts."""

    verdict: bool
    words: str
    tests_a_value: bool
    seen: object
    parts: tuple[Explained, ...]
    threshold: str | None = None
    """What the value was compared with."""
    distance: str | None = None
    """How far the value is from where the test turns."""


def explained(
    condition: Condition,
    profile: Mapping[str, object],
    events: Ordered[Mapping[str, object]],
    memberships: Collection[str],
    as_of: datetime,
    time_zone: str,
    names: Mapping[str, str] | None = None,
) -> Explained:
    """The tree of a rule on one person; its verdict is the one that `evaluate.members` gives.

    profile      the person's attributes, nested; times are aware
    events       the person's events: `event_type, occurred_at`, and `fields` by dotted path
    memberships  the segments that the person is in
    names        what people call each segment, by id
    Raises RuleEvaluationError when the rule can't be evaluated.
    """
    conditions = {str(number): part for number, part in enumerate(_all(condition))}
    program = Program.of(conditions, time_zone, given=named_segments(condition))
    people, happened = _people(program, profile), _events(program, events)
    known = {segment: np.array([segment in memberships]) for segment in named_segments(condition)}
    found = evaluated(program, people, happened, as_of, known)
    if found.failures:
        raise RuleEvaluationError(found.failures)
    verdicts = {id(conditions[name]): bool(found.matrix[row][0]) for row, name in enumerate(program.segments)}
    measured = {measure: seen_value(column, 0) for measure, column in figures(program, people, happened, as_of).items()}

    moment = Moment(as_of, time_zone)

    def tree(part: Condition) -> Explained:
        tests = isinstance(part, Passes)
        seen = _seen(part, profile, measured) if isinstance(part, Passes) else None
        inner = tuple(tree(one) for one in parts(part))
        told = Explained(verdicts[id(part)], _words(part, names or {}), tests, seen, inner)
        if not isinstance(part, Passes):
            return told
        check = _with_the_other_value(part.check, profile)
        return replace(told, threshold=threshold_of(check), distance=distance_of(check, seen, moment))

    return tree(condition)


def seen_value(column: Column, row: int) -> object:
    """One value of a column as people read it; None where it is missing."""
    if not bool(column.present[row]):
        return None
    if isinstance(column, TextColumn):
        return column.words[int(column.codes[row])]
    if isinstance(column, FlagColumn):
        return bool(column.values[row])
    if isinstance(column, DateColumn):
        return day_of(int(column.values[row]))
    if isinstance(column, TimeColumn):
        return EPOCH + timedelta(microseconds=int(column.values[row]))
    if isinstance(column, RatioColumn):
        return round(float(Fraction(int(column.values[row]), int(column.counts[row]) * 10**column.scale)), 6)
    if isinstance(column, NumberColumn):
        value = column.values[row]
        if isinstance(value, float | np.floating):
            return float(value)
        return int(value) if column.scale == 0 else Decimal(int(value)).scaleb(-column.scale)
    return None


def _all(condition: Condition) -> Iterator[Condition]:
    yield condition
    for part in parts(condition):
        yield from _all(part)


def _words(condition: Condition, names: Mapping[str, str]) -> str:
    if isinstance(condition, AllOf):
        return "all of"
    if isinstance(condition, AnyOf):
        return "any of"
    if isinstance(condition, NoneOf):
        return "none of"
    return "not" if isinstance(condition, Not) else clause(condition, names)


def _seen(condition: Passes, profile: Mapping[str, object], measured: Mapping[Source, object]) -> object:
    source = condition.source
    if isinstance(source, Computed):
        return measured.get(source)
    if isinstance(source, Attribute):
        return _attribute(source, profile)
    return measured.get(source) if isinstance(source, Measure | Sequence) else None


def _attribute(source: Attribute, profile: Mapping[str, object]) -> object:
    seen = value_at(_at(profile, source.path), source)
    missing = seen == "" or (isinstance(seen, float) and not isfinite(seen))
    return None if missing else seen


def _with_the_other_value(check: Check, profile: Mapping[str, object]) -> Check:
    """A test of another field as a test of the value that the person has there; as it was where there is none."""
    if not isinstance(check.operand, Attribute):
        return check
    other = _attribute(check.operand, profile)
    return check if other is None else replace(check, operand=tuple(other) if isinstance(other, list) else other)  # type: ignore[arg-type]


def _at(values: Mapping[str, object], path: str) -> object:
    value: object = values
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _people(program: Program, profile: Mapping[str, object]) -> pa.Table:
    columns = {one.column: _array([value_at(_at(profile, one.path), one)], one.type) for one in program.attributes}
    return pa.table({"profile_id": pa.array([_PERSON])} | columns)


def _events(program: Program, events: Ordered[Mapping[str, object]]) -> pa.Table:
    columns = {
        FIELD + one.column: _array([value_at(_field(event, one.path), one) for event in events], one.type)
        for one in program.event_fields
    }
    times = pa.array([event["occurred_at"] for event in events], pa.timestamp("us", "UTC"))
    types = pa.array([event["event_type"] for event in events], pa.string())
    people = pa.array([_PERSON] * len(events), pa.string())
    return pa.table({"profile_id": people, "event_type": types, "occurred_at": times} | columns)


def _field(event: Mapping[str, object], path: str) -> object:
    fields = event.get("fields")
    return fields.get(path) if isinstance(fields, Mapping) else None


def value_at(value: object, source: Attribute | EventField) -> object:
    """A stored value as an evaluation gets it: the value under a key, the keys of a map, the leaves of objects."""
    if value is None or source.key is not None or kind_of(source.type) == "map":
        pairs = _pairs(value)
        return pairs.get(source.key) if source.key is not None else None if value is None else list(pairs)
    if kind_of(source.type) == "array" and kind_of(item_type(source.type)) == "object" and isinstance(value, list):
        leaves = object_leaves(item_type(source.type))
        return [None if item is None else {path: _at(item, path) for path in leaves} for item in value]
    return value


def _pairs(value: object) -> dict[object, object]:
    """A map as Spark, Arrow or the lake's own layout (a list of keys and values) hands it over."""
    if isinstance(value, Mapping):
        return dict(value)
    pairs: dict[object, object] = {}
    for entry in value if isinstance(value, list | tuple) else ():
        key, one = (entry["key"], entry["value"]) if isinstance(entry, Mapping) else entry
        pairs[key] = one
    return pairs


def _array(values: list[object], type_text: str) -> pa.Array:
    wanted = arrow_type(type_text)
    if pa.types.is_list(wanted) and pa.types.is_null(wanted.value_type):
        values = [[None] * len(value) if isinstance(value, list) else None for value in values]
    return pa.array(values, wanted)
