"""A condition as an English sentence, which says exactly what the rule means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from profile_engine.rules.field_types import kind_of
from profile_engine.rules.fields import sources
from profile_engine.rules.measure_kinds import MEASURE_KINDS, ZERO_OVER_NONE, holds_for_none
from profile_engine.rules.operators.operator import of_type
from profile_engine.rules.operators.registry import operators
from profile_engine.rules.syntax import (
    EVERYONE,
    AllOf,
    AnyOf,
    Attribute,
    Check,
    Computed,
    Condition,
    EventField,
    Events,
    Field,
    Gap,
    InSegment,
    ItemField,
    Measure,
    NoneOf,
    Not,
    Passes,
    Sequence,
    Step,
    StepField,
    Without,
)
from profile_engine.rules.words import clauses, either, field_name

_PAST = frozenset({"equals", "one_of", "between"})
"""Tests that say `was` of a date or a time."""
_OF_MANY = {"one_of": "one of", "none_of": "one of", "includes_any": "one of", "includes_all": "each of"}
"""How tests that take a list say that another field holds it."""
_COUNTS = frozenset({"equals", "one_of", "above", "at_least", "below", "at_most", "between"})
"""Tests of a count that can be said as `.. times`."""


def sentence(condition: Condition, names: Mapping[str, str]) -> str:
    """Such as "People whose country is DE or FR, who had an order at least 2 times in the last 365 days, and ..."

    names  what people call each segment, by id; an id without a name stands for itself
    """
    teller = _Teller(names, _names_of_paths(condition))
    return f"People {teller.clause(condition, top=True)}."


def clause(condition: Condition, names: Mapping[str, str]) -> str:
    """The same without the frame: "whose country is DE or FR"; it tells one line of an explanation."""
    return _Teller(names, _names_of_paths(condition)).clause(condition, top=True)


class _Teller:
    def __init__(self, names: Mapping[str, str], paths: Mapping[tuple[type, str], str]) -> None:
        self.names, self.paths = names, paths
        self.in_events = False

    def clause(self, condition: Condition, *, top: bool = False) -> str:
        if isinstance(condition, AllOf | AnyOf):
            told = [self.clause(part) for part in condition.conditions]
            joined = clauses(told, "and" if isinstance(condition, AllOf) else "or")
            return joined if top or len(told) == 1 else f"({joined})"
        if isinstance(condition, NoneOf):
            told = [self.clause(part, top=len(condition.conditions) == 1) for part in condition.conditions]
            return f"who are not among those {clauses(told, 'or')}"
        if isinstance(condition, Not):
            return self._complement(condition.condition)
        if isinstance(condition, InSegment):
            return f"who are in {self._segments(condition)}"
        return self._passes(condition)

    def _complement(self, condition: Condition) -> str:
        if isinstance(condition, InSegment):
            return f"who are not in {self._segments(condition)}"
        if isinstance(condition, Passes) and isinstance(condition.source, Measure) and _asks_for_any(condition):
            return f"who had no {self._events(condition.source.events)}"
        return f"who are not among those {self.clause(condition, top=True)}"

    def _segments(self, condition: InSegment) -> str:
        return either("the built-in segment everyone" if name == EVERYONE else self.names.get(name, name)
                      for name in condition.segments)  # fmt: skip

    def _passes(self, condition: Passes) -> str:
        source, check = condition.source, condition.check
        if isinstance(source, Measure):
            return self._measured(source, check)
        if isinstance(source, Sequence):
            return f"who had {self._sequence(source)}"
        return f"whose {self._name(source)} {self.predicate(check, source.type)}"

    def _name(self, source: Field | Computed) -> str:
        if isinstance(source, Computed):
            return f"figure ({source.text})"
        if isinstance(source, StepField):
            return f"{self._name(source.field)} of the {source.step.replace('_', ' ')}"
        return (
            self.paths[type(source), source_key(source)] if not isinstance(source, ItemField) or source.path else "item"
        )

    def predicate(self, check: Check, type_text: str) -> str:
        """What a test says of a value, with other fields and conditions on items told by their names."""
        operand = check.operand
        if isinstance(operand, Field):
            whose = "the person's" if isinstance(operand, Attribute) and self.in_events else "the"
            side = f"{whose} {self._name(operand)}"
            of_many = _OF_MANY.get(check.operator)
            said = _Said(side) if of_many is None else (_Said(f"{of_many} {side}"),)
            return predicate(replace(check, operand=said), type_text)  # type: ignore[arg-type]
        if operators()[check.operator].takes_condition:
            return f"{operators()[check.operator].words(check)} {self._where(operand)}"  # type: ignore[arg-type]
        return predicate(check, type_text)

    def _sequence(self, sequence: Sequence) -> str:
        told = []
        last = len(sequence.steps) - 1
        for number, step in enumerate(sequence.steps):
            where = "" if step.where is None else f" {self._where(step.where)}"
            what = either(name.replace("_", " ") for name in step.types) + where
            if isinstance(step, Step):
                called = f" (the {step.name.replace('_', ' ')})" if step.name else ""
                told.append(f"{'then ' if number else ''}{_article(what)} {what}{called}{_gap(step.gap)}")
            elif all(isinstance(later, Without) for later in sequence.steps[number:]):
                until = (
                    "since"
                    if step.gap.at_most is None
                    else f"in the {_length(step.gap.at_most)} after it, which have passed"
                )
                told.append(f"{'and ' if number == last else ''}no {what} {until}")
            else:
                told.append(f"with no {what} before the next step")
        return ", ".join(told) + self._window(Events((), None, sequence.window))

    def _measured(self, measure: Measure, check: Check) -> str:
        events = self._events(measure.events)
        if measure.name == "count":
            if check == Check("at_least", 1):
                return f"who had {_article(events)} {events}"
            if check.operator in _COUNTS:
                return f"who had {self._counted(measure, check)}"
            return f"whose number of events ({events}) {_of_figure(measure, check)}"
        if measure.name == "every":
            where = "" if measure.events.where is None else self._where(measure.events.where)
            plain = self._events(replace(measure.events, where=None))
            return f"who had {_article(plain)} {plain}, and every one {where}"
        assert measure.of is not None
        field = self._name(measure.of)
        words = MEASURE_KINDS[measure.name].words
        test = _of_figure(measure, check)
        if measure.name in {"first", "latest"}:
            return f"whose {words} {events} has {_article(field)} {field} that {test}"
        return f"whose {words} {field} over every {events} {test}"

    def _counted(self, measure: Measure, check: Check) -> str:
        events = measure.events
        how_often = predicate(check, "integer").removeprefix("is ")
        how_often = f"exactly {how_often}" if check.operator in {"equals", "one_of"} else how_often
        never = " (or never)" if holds_for_none(measure, check) else ""
        what = self._events(replace(events, window=()))
        window = self._window(events)
        return f"{_article(what)} {what} {how_often} times{never}{window}"

    def _events(self, events: Events) -> str:
        where = "" if events.where is None else f" {self._where(events.where)}"
        types = either(name.replace("_", " ") for name in events.types)
        if events.each is not None:
            types = f"item of {self._name(events.each)} of an event {types}"
        return types + where + self._window(events)

    def _where(self, condition: Condition) -> str:
        if isinstance(condition, Passes) and not isinstance(condition.source, Measure):
            assert not isinstance(condition.source, Sequence)
            name = self._name(condition.source)
            self.in_events, outside = True, self.in_events
            test = self.predicate(condition.check, condition.source.type)
            self.in_events = outside
            return f"with {name} {test.removeprefix('is ')}" if test.startswith("is ") else f"whose {name} {test}"
        if isinstance(condition, AllOf | AnyOf):
            told = [self._where(part) for part in condition.conditions]
            joined = (" and " if isinstance(condition, AllOf) else " or ").join(told)
            return joined if isinstance(condition, AllOf) or len(told) == 1 else f"({joined})"
        if isinstance(condition, NoneOf):
            return "but not (" + " or ".join(self._where(part) for part in condition.conditions) + ")"
        assert isinstance(condition, Not)
        return f"but not ({self._where(condition.condition)})"

    def _window(self, events: Events) -> str:
        told = (predicate(check, "timestamp") for check in events.window)
        return "".join(f" {words.removeprefix('was ')}" for words in told)


def predicate(check: Check, type_text: str) -> str:
    """What a test says of a value: `is at least 2`, `was in the last 90 days`."""
    operator = operators()[check.operator]
    words = operator.words(check)
    if kind_of(type_text) in {"date", "time"} and check.operator in _PAST:
        words = words.replace("is ", "was ", 1)
    if operator.takes_inner:
        inner = (predicate(part, "integer") for part in of_type(check.operand, tuple))
        words = f"{words} {' and '.join(inner)}"
    return f"{words} (in capitals or not)" if check.ignoring_case else words


def _of_figure(measure: Measure, check: Check) -> str:
    """What a test says of a figure, and that people without any such event pass, where they do."""
    words = predicate(check, measure.type)
    if measure.name not in ZERO_OVER_NONE:
        return f"{words} (or who had none)" if holds_for_none(measure, check) else words
    words = words.replace("is known and is", "is", 1)  # as 0 over no event it always is
    return f"{words} (0 for those with none)" if holds_for_none(measure, check) else words


def _asks_for_any(condition: Passes) -> bool:
    assert isinstance(condition.source, Measure)
    return condition.source.name == "count" and condition.check == Check("at_least", 1)


def _article(words: str) -> str:
    return "an" if words[:1].lower() in "aeiou" else "a"


class _Said:
    """The words for another field, in the place of a literal."""

    def __init__(self, words: str) -> None:
        self.words = words

    def __str__(self) -> str:
        return self.words


def _gap(gap: Gap) -> str:
    least = f" at least {_length(gap.at_least)}" if gap.at_least else ""
    most = "" if gap.at_most is None else f" at most {_length(gap.at_most)}"
    return f"{least}{' and' if least and most else ''}{most} later" if least or most else ""


def _length(microseconds: int) -> str:
    for unit, length in (
        ("day", 86_400_000_000),
        ("hour", 3_600_000_000),
        ("minute", 60_000_000),
        ("second", 1_000_000),
    ):
        if microseconds % length == 0:
            return f"{microseconds // length} {unit}{'' if microseconds == length else 's'}"
    return f"{microseconds} microseconds"


def source_key(source: Attribute | EventField | ItemField) -> str:
    """By what a field is told apart from others of its kind."""
    return source.path if isinstance(source, ItemField) else source.column


def _names_of_paths(condition: Condition) -> dict[tuple[type, str], str]:
    """A short name for each path; where two paths of one rule share one, each shows its whole path."""
    short: dict[tuple[type, str], dict[str, None]] = defaultdict(dict)
    types: dict[tuple[type, str], str] = {}
    for source in sources(condition):
        if isinstance(source, Attribute | EventField | ItemField):
            types[type(source), source_key(source)] = source.type
    for (kind, path), type_text in types.items():
        short[kind, field_name(path.replace('"', ""), type_text)][path] = None
    return {
        (kind, path): name if len(paths) == 1 else path.replace(".", " ").replace("_", " ").replace('"', "")
        for (kind, name), paths in short.items()
        for path in paths
    }
