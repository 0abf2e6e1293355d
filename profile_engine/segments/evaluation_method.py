"""How a segment can be evaluated: in `batch`, by `streaming` or at the `edge`, and why not faster.

The rules are those of Adobe's documentation of 20 May 2025; where that is silent or speaks twice, the slower way is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from profile_engine.config.units import Span
from profile_engine.rules.fields import filters_of, sources
from profile_engine.rules.measure_kinds import holds_for_none
from profile_engine.rules.periods import Ago, Period
from profile_engine.rules.program import types_of
from profile_engine.rules.references import named_segments
from profile_engine.rules.syntax import (
    Attribute,
    Check,
    Condition,
    Measure,
    NoneOf,
    Not,
    Passes,
    Sequence,
    parts,
)

Method = Literal["batch", "streaming", "edge"]
_DAY_IN_SECONDS = 86_400


@dataclass(frozen=True)
class EvaluationMethod:
    """`reason` says why no faster method is possible, or, at the edge, why it is."""

    method: Method
    reason: str


NOT_LOOKED_AT = EvaluationMethod("batch", "it has not been looked at beside the other segments")


@dataclass(frozen=True)
class _EventRule:
    """One `did` or `sequence`, and whether it is asked for or against."""

    source: Measure | Sequence
    negated: bool
    check: Check

    @property
    def window(self) -> tuple[Check, ...]:
        return self.source.window if isinstance(self.source, Sequence) else self.source.events.window

    @property
    def asks_for_none(self) -> bool:
        """Whether those without such an event are in: a negated event, however it is written."""
        if isinstance(self.source, Sequence):
            return self.negated
        return self.negated != holds_for_none(self.source, self.check)

    @property
    def asks_for_one(self) -> bool:
        """Whether a single event tells all; a sequence of one step is such a rule."""
        if isinstance(self.source, Sequence):
            return len(self.source.steps) == 1
        return self.source.name == "count" and self.check == Check("at_least", 1)


def evaluation_method(
    condition: Condition,
    conditions: Mapping[str, Condition],
    *,
    identity_graph: bool = True,
    event_feeds: Mapping[str, frozenset[str]] | None = None,
) -> EvaluationMethod:
    """The fastest method that a rule allows.

    conditions      the rules of all segments, for those that it names
    identity_graph  whether its merge policy is the project's active one, which joins people by the graph
    event_feeds     how the events of each type come in: `batch`, `stream` or both
    """
    events = list(_event_rules(condition, negated=False))
    inner = sorted(named_segments(condition))
    if not identity_graph:
        return _batch("its merge policy does not use the identity graph, which streaming and edge need")
    if _ignores_year(condition):
        return _batch("an anniversary ignores the year, and can be evaluated once a day only")
    if any(path.startswith("computed.") for path in _attribute_paths(condition)):
        return _batch("it reads a computed attribute, which is worked out once a run")
    if not events:
        return _without_events(condition, conditions, inner, event_feeds or {})
    if inner:
        return _batch(
            "an event rule stands beside a reference to a segment; split it into two segments and join them by a third"
        )
    types = {name for rule in events for name in types_of(rule.source)}
    if len({feed for name in types for feed in (event_feeds or {}).get(name, ())}) > 1:
        return _batch("its events come in batches and as a stream; split it into two segments and join them by a third")
    for rule in events:
        if not rule.window:
            return _batch("an event rule has no time window; streaming needs one of at most 24 hours")
        if not _within_a_day(rule.window):
            return _batch("the time window of an event rule is longer than 24 hours, or not a rolling one")
    if all(rule.asks_for_none for rule in events):
        return _batch("it has negated event rules only, and no event can tell that another has not come")
    if any(rule.asks_for_none for rule in events):
        return EvaluationMethod(
            "streaming", "a negated event rule stands beside a positive one, which the edge can't tell"
        )
    if any(isinstance(rule.source, Sequence) and not rule.asks_for_one for rule in events):
        return EvaluationMethod(
            "streaming", "it asks for several events in their order, and the edge keeps one at a time"
        )
    if len(events) > 1 or not events[0].asks_for_one:
        return EvaluationMethod("streaming", "it needs more than one event, and the edge keeps one at a time")
    beside = " and attributes" if any(True for _ in _attribute_paths(condition)) else ""
    return EvaluationMethod("edge", f"one event within 24 hours{beside}")


def _without_events(
    condition: Condition,
    conditions: Mapping[str, Condition],
    inner: list[str],
    event_feeds: Mapping[str, frozenset[str]],
) -> EvaluationMethod:
    if not inner:
        return EvaluationMethod("edge", "attributes of the profile only; evaluated again daily where no event comes")
    if any(True for _ in _attribute_paths(condition)):
        return _batch(
            "attributes stand beside a reference to a segment; split it into segments and join them by another"
        )
    for name in inner:
        if name not in conditions:
            continue
        under = evaluation_method(conditions[name], conditions, event_feeds=event_feeds)
        if under.method == "streaming":
            return EvaluationMethod("streaming", f"it names {name}, which streams: {under.reason}")
    return EvaluationMethod(
        "edge", f"references to segments only ({', '.join(inner)}); a loss is checked every 24 hours"
    )


def _batch(reason: str) -> EvaluationMethod:
    return EvaluationMethod("batch", reason)


def _event_rules(condition: Condition, *, negated: bool) -> Iterator[_EventRule]:
    if isinstance(condition, Passes) and isinstance(condition.source, Measure | Sequence):
        yield _EventRule(condition.source, negated, condition.check)
    for part in parts(condition):
        yield from _event_rules(part, negated=negated != isinstance(condition, Not | NoneOf))


def _attribute_paths(condition: Condition) -> Iterator[str]:
    yield from (source.path for source in sources(condition) if isinstance(source, Attribute))


def _ignores_year(condition: Condition) -> bool:
    if isinstance(condition, Passes):
        if condition.check.operator == "anniversary":
            return True
        of_items = (condition.check.operand,) if isinstance(condition.check.operand, Condition) else ()
        return any(_ignores_year(inner) for inner in (*filters_of(condition.source), *of_items))
    return any(_ignores_year(part) for part in parts(condition))


def _within_a_day(window: tuple[Check, ...]) -> bool:
    """Whether one of the tests holds events of the last 24 hours only; calendar days are at most a day long."""
    return any(_shorter_than_a_day(check) for check in window)


def _shorter_than_a_day(check: Check) -> bool:
    operand = check.operand
    if check.operator == "within_last" and isinstance(operand, Span):
        return _seconds(operand) <= _DAY_IN_SECONDS
    if check.operator == "during" and isinstance(operand, Period):
        return operand.unit == "day" and operand.first is None and operand.offset == 0
    if check.operator == "window" and isinstance(operand, tuple):
        return any(
            isinstance(edge, Check)
            and edge.operator == "from"
            and isinstance(edge.operand, Ago)
            and _seconds(edge.operand.span) <= _DAY_IN_SECONDS
            for edge in operand
        )
    return False


def _seconds(span: Span) -> float:
    return float("inf") if span.is_calendar else span.duration.total_seconds()
