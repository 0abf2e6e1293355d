"""What is odd about a rule that can be read: it is always or never true, asks for what no schema allows, or is dear."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from profile_engine.config.problems import Position
from profile_engine.config.units import Span
from profile_engine.rules import lint_times, lint_values
from profile_engine.rules.field_types import kind_of
from profile_engine.rules.fields import filters_of, step_fields
from profile_engine.rules.lint_values import INFINITE, interval, options_of
from profile_engine.rules.measure_kinds import ZERO_OVER_NONE
from profile_engine.rules.scope import Scope
from profile_engine.rules.syntax import (
    EVERYONE,
    AllOf,
    AnyOf,
    Attribute,
    Check,
    Condition,
    EventField,
    InSegment,
    Measure,
    NoneOf,
    Not,
    Passes,
    Sequence,
    Source,
    parts,
)

ALWAYS_OR_NEVER, NEVER_SEEN, DEAR = "E317", "E318", "E319"
MANY_VALUES = 100


@dataclass(frozen=True)
class Oddity:
    """`code` as in the table of codes; always a warning, never an error."""

    code: str
    message: str
    position: Position
    hint: str


def oddities(condition: Condition, scope: Scope) -> Iterator[Oddity]:
    """Everything odd about a rule, at its place."""
    yield from _of_itself(condition, scope)
    if isinstance(condition, Passes):
        yield from _of_test(condition, scope)
        for where in filters_of(condition.source):
            yield from oddities(where, scope)
        if isinstance(condition.check.operand, Condition):
            yield from oddities(condition.check.operand, scope)
    for part in parts(condition):
        yield from oddities(part, scope)


def _of_itself(condition: Condition, scope: Scope) -> Iterator[Oddity]:
    if isinstance(condition, AllOf | AnyOf):
        told = set(condition.conditions)
        for part in condition.conditions:
            if isinstance(part, Not) and part.condition in told:
                word = "never" if isinstance(condition, AllOf) else "always"
                yield _told(f"is {word} true: a condition stands beside its own complement", part.position)
    inner = condition.condition if isinstance(condition, Not) else None
    if isinstance(inner, InSegment) and EVERYONE in inner.segments:
        yield _told("is never true: everyone is in the built-in segment everyone", condition.position)
    if isinstance(condition, NoneOf) and any(
        isinstance(p, InSegment) and EVERYONE in p.segments for p in condition.conditions
    ):
        yield _told("is never true: everyone is in the built-in segment everyone", condition.position)
    if isinstance(condition, AllOf):
        tests: dict[Source, list[Passes]] = defaultdict(list)
        for part in condition.conditions:
            if isinstance(part, Passes):
                tests[part.source].append(part)
        for found in tests.values():
            yield from _contradictions(found, scope)


def _contradictions(tests: list[Passes], scope: Scope) -> Iterator[Oddity]:
    """Tests of one value that no value passes, though each of them alone is passed by some."""
    checks, type_text = [test.check for test in tests], tests[0].source.type
    if all(_can_pass((check,), type_text, scope) for check in checks) and not _can_pass(checks, type_text, scope):
        yield _told("is never true: no value passes all of these tests", tests[-1].position)


def _can_pass(checks: Collection[Check], type_text: str, scope: Scope) -> bool:
    kind = kind_of(type_text)
    if kind in {"date", "time"} and not lint_times.can_pass(checks, kind, scope.time_zone):
        return False
    return lint_values.can_pass(checks, type_text)


def _of_test(test: Passes, scope: Scope) -> Iterator[Oddity]:
    check, source = test.check, test.source
    if (
        not _can_pass((check,), source.type, scope)
        or not lint_values.can_pass_inside(check)
        or _never_comes_round(check)
    ):
        yield _told("is never true: no value passes this test", check.position, "look at its value again")
    if isinstance(source, Measure) and source.name in {"count", "distinct"}:
        first, last = interval(check)
        if last < 0:
            yield _told("is never true: a number of events is never below 0", test.position)
        elif first <= 0 and last == INFINITE and check.operator in {"at_least", "above"}:
            yield _told("is always true: a number of events is never below 0", test.position)
    if isinstance(source, Measure) and source.name in ZERO_OVER_NONE and check.operator == "exists":
        word = "always" if check.operand is True else "never"
        yield _told(f"is {word} true: a {source.name} is 0 where there is no event, and so always known", test.position,
                    "test the number itself")  # fmt: skip
    if isinstance(source, Measure | Sequence):
        yield from _of_window(source, test.position, scope)
    if check.operator in {"equals", "one_of"} and isinstance(source, Attribute | EventField):
        union = scope.attributes if isinstance(source, Attribute) else scope.events
        field = union.leaf(source.path)
        options = options_of(check) or set()
        if field is not None and field.one_of and not check.ignoring_case:
            for value in sorted(str(one) for one in options if isinstance(one, str) and one not in field.one_of):
                yield Oddity(NEVER_SEEN, f"'{value}' is no value that the schema allows for '{source.path}'", check.position,
                             f"it allows {', '.join(field.one_of)}")  # fmt: skip
    if isinstance(check.operand, tuple) and len(check.operand) > MANY_VALUES:
        yield Oddity(DEAR, f"the list has {len(check.operand)} values", check.position,
                     "keep such a list as an attribute of the person, and test that")  # fmt: skip
    if isinstance(source, Sequence) and not source.window:
        varies = any(list(step_fields(step.where)) for step in source.steps)
        yield Oddity(DEAR, "the sequence has no window, so all events ever are looked through"
                     + (" for every pair of steps" if varies else ""), test.position, "write within_last: 30 days")  # fmt: skip


def _of_window(source: Measure | Sequence, at: Position, scope: Scope) -> Iterator[Oddity]:
    window = source.window if isinstance(source, Sequence) else source.events.window
    if not lint_times.can_pass(window, "time", scope.time_zone):
        yield Oddity(ALWAYS_OR_NEVER, "no time is ever in the window of these events", window[0].position,
                     "write within_last: 90 days, or window: {from: 90 days ago, to: 30 days ago}")  # fmt: skip
    elif not lint_times.can_hold_events(window, scope.time_zone):
        yield Oddity(ALWAYS_OR_NEVER, "no event is ever in this window: it lies after as_of, where windows end",
                     window[0].position, "write within_last for what has happened")  # fmt: skip
    elif isinstance(source, Sequence) and not lint_times.can_happen(source, scope.time_zone):
        yield Oddity(ALWAYS_OR_NEVER, "the sequence can never be there: its gaps take longer than its window", at,
                     "write a longer window, or shorter gaps")  # fmt: skip


def _never_comes_round(check: Check) -> bool:
    """Whether an anniversary is asked for in no days at all."""
    inner = check.operand if check.operator == "anniversary" and isinstance(check.operand, tuple) else ()
    return any(isinstance(one, Check) and isinstance(one.operand, Span) and one.operand.count == 0 for one in inner)


def _told(message: str, position: Position, hint: str = "take one of the conditions out") -> Oddity:
    return Oddity(ALWAYS_OR_NEVER, f"the condition {message}", position, hint)
