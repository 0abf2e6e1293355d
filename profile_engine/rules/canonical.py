"""One text for one meaning: a condition as JSON without names, positions or the order of `all`, `any` and lists."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

from profile_engine.rules.syntax import (
    AllOf,
    AnyOf,
    Arithmetic,
    Attribute,
    Check,
    Computed,
    Condition,
    EventField,
    Events,
    Field,
    InSegment,
    ItemField,
    NoneOf,
    Not,
    Passes,
    Sequence,
    Source,
    Step,
    StepField,
    Term,
    Without,
)

Json = str | bool | int | None | list["Json"] | dict[str, "Json"]
_UNORDERED_LISTS = frozenset({"one_of", "none_of", "includes_any", "includes_all"})


def canonical_text(condition: Condition) -> str:
    """Equal for conditions that mean the same save for the order of their parts; it keys versions of segments."""
    return _text(_condition(condition))


def _text(json_value: Json) -> str:
    return json.dumps(json_value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _condition(condition: Condition) -> Json:
    if isinstance(condition, AllOf | AnyOf | NoneOf):
        word = {AllOf: "all", AnyOf: "any", NoneOf: "none"}[type(condition)]
        return {word: sorted((_condition(part) for part in condition.conditions), key=_text)}
    if isinstance(condition, Not):
        return {"not": _condition(condition.condition)}
    if isinstance(condition, InSegment):
        return {"in_segment": list[Json](sorted(condition.segments))}
    assert isinstance(condition, Passes)
    return {"test": _check(condition.check), "of": _source(condition.source)}


def _source(source: Source) -> Json:
    if isinstance(source, StepField):
        return {"step": source.step, "of": _source(source.field)}
    if isinstance(source, Attribute | EventField | ItemField):
        word = {Attribute: "attribute", EventField: "field", ItemField: "item"}[type(source)]
        key = {} if isinstance(source, ItemField) or source.key is None else {"key": source.key}
        return {word: source.path, "type": _short(source.type), **key}
    if isinstance(source, Computed):
        return {"compute": _term(source.term)}
    if isinstance(source, Sequence):
        window = sorted((_check(check) for check in source.window), key=_text)
        return {"sequence": [_step(step) for step in source.steps], "window": window}
    return {
        "measure": source.name,
        "of": None if source.of is None else _source(source.of),
        "events": _events(source.events),
    }


def _short(type_text: str) -> str:
    """Fields that an object in an array gets later change no meaning."""
    return "array" if type_text.startswith("array<object") else type_text


def _term(term: Term) -> Json:
    if isinstance(term, Arithmetic):
        return [_term(term.left), term.operator, _term(term.right)]
    return str(term) if isinstance(term, int | Decimal) else _source(term)


def _step(step: Step | Without) -> Json:
    return {
        "types": list(step.types),
        "without": isinstance(step, Without),
        "where": None if step.where is None else _condition(step.where),
        "gap": [step.gap.at_least, step.gap.at_most],
        "name": step.name if isinstance(step, Step) else None,
    }


def _events(events: Events) -> Json:
    return {
        "types": list(events.types),
        "where": None if events.where is None else _condition(events.where),
        "window": sorted((_check(check) for check in events.window), key=_text),
        **({} if events.each is None else {"each": events.each.path}),
    }


def _check(check: Check) -> Json:
    operand = _operand(check.operand)
    if isinstance(operand, list) and check.operator in _UNORDERED_LISTS:
        operand = sorted(operand, key=_text)
    return {check.operator: operand, **({"ignoring_case": True} if check.ignoring_case else {})}


def _operand(operand: object) -> Json:
    """Types that could look alike are marked, so that text `1` and number 1 differ."""
    if isinstance(operand, Check):
        return _check(operand)
    if isinstance(operand, Field):
        return {"side": _source(operand)}
    if isinstance(operand, Condition):
        return {"condition": _condition(operand)}
    if isinstance(operand, tuple):
        return [_operand(item) for item in operand]
    if isinstance(operand, str | bool | int):
        return operand
    if isinstance(operand, datetime):
        return {"time": operand.astimezone(UTC).isoformat()}
    if isinstance(operand, date):
        return {"date": operand.isoformat()}
    return {type(operand).__name__.lower(): str(operand)}
