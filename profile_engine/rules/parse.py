"""Conditions as people write them, read into frozen syntax and typed against what the project's schemas say.

Every problem is collected with its line and column; a part that can't be read does not stop its neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from profile_engine.config.problems import Problems, did_you_mean
from profile_engine.config.yaml_document import Mapping, Node, Scalar, Sequence
from profile_engine.rules.field_types import type_of
from profile_engine.rules.parse_events import parse_events
from profile_engine.rules.parse_tests import parse_tests
from profile_engine.rules.scope import Scope
from profile_engine.rules.syntax import (
    EVENT_TIME,
    EVERYONE,
    AllOf,
    AnyOf,
    Attribute,
    Condition,
    EventField,
    InSegment,
    NoneOf,
    Not,
    Passes,
)

if TYPE_CHECKING:
    from profile_engine.schemas.fields import Field

Place = Literal["person", "event"]
_LISTS: dict[str, type[AllOf | AnyOf | NoneOf]] = {"all": AllOf, "any": AnyOf, "none": NoneOf}
_WORDS: dict[Place, tuple[str, ...]] = {
    "person": ("all", "any", "none", "not", "field", "did", "did_not", "in_segment"),
    "event": ("all", "any", "none", "not", "field"),
}


def parse_condition(node: Node, scope: Scope, problems: Problems) -> Condition | None:
    """The condition over a person, or None when any part of it was refused; then `problems` has grown."""
    return _Reader(scope, problems, "person").condition(node)


def parse_event_filter(node: Node, scope: Scope, problems: Problems) -> Condition | None:
    """The condition over one event's fields, as in `where`."""
    return _Reader(scope, problems, "event").condition(node)


@dataclass(frozen=True)
class _Reader:
    """Reads conditions of one place: `person` (attributes, events, segments) or `event` (fields of one event)."""

    scope: Scope
    problems: Problems
    place: Place

    def condition(self, node: Node) -> Condition | None:
        if not isinstance(node, Mapping):
            shape, hint = (
                ("a list", "write all: [..] or any: [..]") if isinstance(node, Sequence) else ("a value", None)
            )
            self.problems.add("E305", f"{shape} stands where a condition is needed", node.position,
                              hint or "write path: value")  # fmt: skip
            return None
        if "field" in node:
            return self._long_form(node)
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
        if word not in _WORDS[self.place]:
            return self._attribute(key, node)
        if word in _LISTS:
            conditions = self._list(word, node)
            return None if conditions is None else _LISTS[word](conditions, key.position)
        if word == "in_segment":
            return self._in_segment(key, node)
        if word == "not":
            inner = self.condition(node)
            return None if inner is None else Not(inner, key.position)
        events = parse_events(node, self.scope, self.problems, parse_event_filter)
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
        known = self.scope.segments | {EVERYONE}
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
        tests = Mapping(tuple((key, value) for key, value in node if key.text != "field"), node.position)
        return self._attribute(named, tests)

    def _attribute(self, key: Scalar, node: Node) -> Condition | None:
        field_type = self._type_of(key)
        if field_type is None:
            return None
        path = key.text
        checks = parse_tests(node, field_type, path, self.scope.zone, self.problems)
        if checks is None:
            return None
        source = Attribute(path, field_type) if self.place == "person" else EventField(path, field_type)
        parts = tuple(Passes(source, check, key.position) for check in checks)
        return parts[0] if len(parts) == 1 else AllOf(parts, key.position)

    def _type_of(self, key: Scalar) -> str | None:
        """The type of the field that a key names; None, with a problem, when there is no such leaf."""
        union = self.scope.attributes if self.place == "person" else self.scope.events
        if self.place == "event" and key.text == EVENT_TIME:
            return "timestamp"
        found: Field | None = union.leaf(key.text)
        if found is not None:
            return type_of(found)
        what = "field" if self.place == "person" else "event field"
        inside = union.field(key.text)
        if inside is not None:
            self.problems.add("E301", f"'{key.text}' is an object, and a test needs one of its fields", key.position,
                              f"write {key.text}.{next(iter(inside.fields), 'field')}", length=len(key.text))  # fmt: skip
            return None
        names = (*union.leaf_paths(), *_WORDS[self.place])
        hint = did_you_mean(key.text, names) or f"words that may stand here: {', '.join(_WORDS[self.place])}"
        self.problems.add("E301", f"unknown {what} or word '{key.text}'", key.position, hint, length=len(key.text))
        return None
