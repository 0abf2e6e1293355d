"""Conditions as people write them, read into frozen syntax and typed against what the project's schemas say.

Every problem is collected with its line and column; a part that can't be read does not stop its neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass

from profile_engine.config.problems import Problems, did_you_mean
from profile_engine.config.yaml_document import Mapping, Node, Scalar, Sequence
from profile_engine.rules.names import ITEM, WORDS, Names
from profile_engine.rules.parse_events import parse_events
from profile_engine.rules.parse_formula import parse_formula
from profile_engine.rules.parse_sequence import parse_sequence
from profile_engine.rules.parse_tests import Around, parse_tests
from profile_engine.rules.scope import Scope
from profile_engine.rules.syntax import (
    EVERYONE,
    AllOf,
    AnyOf,
    Condition,
    Field,
    InSegment,
    ItemField,
    NoneOf,
    Not,
    Passes,
    Source,
)

_LISTS: dict[str, type[AllOf | AnyOf | NoneOf]] = {"all": AllOf, "any": AnyOf, "none": NoneOf}


def parse_condition(node: Node, scope: Scope, problems: Problems) -> Condition | None:
    """The condition over a person, or None when any part of it was refused; then `problems` has grown."""
    return _Reader(Names(scope, "person"), problems).condition(node)


def parse_event_filter(node: Node, names: Names, problems: Problems) -> Condition | None:
    """The condition over one event's fields, as in `where`; `names` says what may be named there."""
    return _Reader(names, problems).condition(node)


@dataclass(frozen=True)
class _Reader:
    """Reads conditions of one place."""

    names: Names
    problems: Problems

    def condition(self, node: Node) -> Condition | None:
        if self.names.are_of_a_value and not _names_something(node):
            return self._tested(ItemField("", self.names.items or ""), ITEM, node, node)
        if not isinstance(node, Mapping):
            shape, hint = (
                ("a list", "write all: [..] or any: [..]") if isinstance(node, Sequence) else ("a value", None)
            )
            self.problems.add("E305", f"{shape} stands where a condition is needed", node.position,
                              hint or "write path: value")  # fmt: skip
            return None
        if "field" in node:
            return self._long_form(node)
        if "compute" in node:
            return self._computed(node)
        if not node.keys:
            self.problems.add(
                "E305", "the condition is empty", node.position, "to hold everyone write in_segment: everyone"
            )
            return None
        read = [self._entry(key, value) for key, value in node]
        if any(part is None for part in read):
            return None
        parts = tuple(part for part in read if part is not None)
        return parts[0] if len(parts) == 1 else AllOf(parts, node.position)

    def _entry(self, key: Scalar, node: Node) -> Condition | None:
        word = key.text
        if word not in WORDS[self.names.place]:
            return self._attribute(key, node)
        if word in _LISTS:
            conditions = self._list(word, node)
            return None if conditions is None else _LISTS[word](conditions, key.position)
        if word == "in_segment":
            return self._in_segment(key, node)
        if word == "not":
            inner = self.condition(node)
            return None if inner is None else Not(inner, key.position)
        if word == "sequence":
            return parse_sequence(node, self.names.scope, self.problems, parse_event_filter)
        events = parse_events(node, self.names.scope, self.problems, parse_event_filter)
        if events is None:
            return None
        return events if word == "did" else Not(events, key.position)

    def _list(self, word: str, node: Node) -> tuple[Condition, ...] | None:
        if not isinstance(node, Sequence):
            shape = "a mapping" if isinstance(node, Mapping) else "a value"
            self.problems.add("E305", f"'{word}' takes a list, and here is {shape}", node.position,
                              f"write {word}: with one '- ' before each condition")  # fmt: skip
            return None
        if not node.items:
            self.problems.add("E305", f"'{word}' has an empty list", node.position, "give at least one condition")
            return None
        read = [self.condition(item) for item in node.items]
        conditions = tuple(condition for condition in read if condition is not None)
        return conditions if len(conditions) == len(read) else None

    def _in_segment(self, key: Scalar, node: Node) -> Condition | None:
        names = node.items if isinstance(node, Sequence) else (node,)
        if not names:
            self.problems.add("E305", "'in_segment' has an empty list", node.position, "give at least one segment")
            return None
        known = self.names.scope.segments | {EVERYONE}
        found: list[str] = []
        for name in names:
            if not isinstance(name, Scalar) or name.is_null:
                self.problems.add("E305", "'in_segment' takes the id of a segment, or a list of ids", name.position)
            elif name.text not in known:
                self.problems.add("E308", f"unknown segment '{name.text}'", name.position,
                                  did_you_mean(name.text, sorted(known)), length=len(name.text))  # fmt: skip
            else:
                found.append(name.text)
        return InSegment(tuple(dict.fromkeys(found)), key.position) if len(found) == len(names) else None

    def _long_form(self, node: Mapping) -> Condition | None:
        named = node.get("field")
        if not isinstance(named, Scalar) or named.is_null:
            self.problems.add("E305", "'field' takes the path of a field", named.position if named else node.position)
            return None
        return self._attribute(named, node.without("field"))

    def _computed(self, node: Mapping) -> Condition | None:
        formula = node.get("compute")
        assert formula is not None
        source = parse_formula(formula, self.names, self.problems)
        return None if source is None else self._tested(source, "compute", formula, node.without("compute"))

    def _attribute(self, key: Scalar, node: Node) -> Condition | None:
        if isinstance(node, Mapping) and list(node.keys) == ["exists"]:
            fields = self.names.fields_of_object(key.text)
            if fields:
                return self._object_exists(fields, key, node)
        source = self.names.source(key.text, key.position, self.problems)
        return None if source is None else self._tested(source, key.text, key, node)

    def _object_exists(self, fields: tuple[Field, ...], key: Scalar, node: Mapping) -> Condition | None:
        """An object is there where one of its fields is."""
        checks = parse_tests(node, fields[0].type, key.text, self.names.scope.zone, self.problems)
        if checks is None:
            return None
        (check,) = checks
        tests = tuple(Passes(field, check, key.position) for field in fields)
        return AnyOf(tests, key.position) if check.operand is True else AllOf(tests, key.position)

    def _tested(self, source: Source, subject: str, at: Node, node: Node) -> Condition | None:
        around = Around(self.names, lambda inner, names: items_condition(inner, names, self.problems))
        checks = parse_tests(node, source.type, subject, self.names.scope.zone, self.problems, around)
        if checks is None:
            return None
        parts = tuple(Passes(source, check, at.position) for check in checks)
        return parts[0] if len(parts) == 1 else AllOf(parts, at.position)


def items_condition(node: Node, names: Names, problems: Problems) -> Condition | None:
    """What the items of an array are put to: a condition, which for plain values can be a test without a name before it."""
    return _Reader(names, problems).condition(node)


def _names_something(node: Node) -> bool:
    """Whether the item, or a word of conditions, stands before a test of an item that is a plain value."""
    return isinstance(node, Mapping) and any(key in (ITEM, *WORDS["item"]) for key in node.keys)
