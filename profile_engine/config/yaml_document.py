"""YAML documents as trees of nodes that know where they stand, read by the rules of YAML 1.2 scalars.

PyYAML's scanner and parser make the events; its resolver is not used, so `NO`, `on`, `010` and `12:30` stay the text
they are: what a plain scalar means is decided by the type of the field it stands against.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from profile_engine.config.nodes import NULLS, Mapping, Node, Scalar, Sequence
from profile_engine.config.problems import Place, Position, Problems
from profile_engine.config.quoting import quoting_advice

__all__ = ["NULLS", "Mapping", "Node", "Scalar", "Sequence", "parse_yaml", "read_yaml"]

_EventParser: Any = getattr(yaml, "CParser", None) or yaml.SafeLoader
"""libyaml's parser is ten times faster and gives the same events; PyYAML may be built without it."""
_NOT_IN_YAML = re.compile(
    "[^\\t\\n\\r\\x20-\\x7e\\x85\\xa0-\\ud7ff\\ue000-\\ufefe\\uff00-\\ufffd\\U00010000-\\U0010ffff]"
)
_DEEPEST = 60
_MOST_NODES = 1_000_000


def read_yaml(path: Path, shown_as: str, problems: Problems) -> Node | None:
    """The tree of one file, or None when it can't be read; every problem is added to `problems`."""
    start = Position(shown_as, 1, 1)
    try:
        content = path.read_bytes()
    except OSError as error:
        problems.add("E100", f"the file can't be read: {error.strerror}", start, "mend its permissions or its link")
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", errors="replace")
        place = _place_after(before.removeprefix("\ufeff"), shown_as)
        problems.add("E101", f"not valid UTF-8: byte {content[error.start]:#04x}", place, "save the file as UTF-8")
        return None
    return parse_yaml(text, shown_as, problems)


def parse_yaml(text: str, shown_as: str, problems: Problems) -> Node | None:
    """The tree of one document of text; an empty document is an empty mapping."""
    problems.remember_source(shown_as, text)
    strange = _NOT_IN_YAML.search(text)
    if strange is not None:
        where = _place_after(text[: strange.start()], shown_as)
        hint = f'in a text in double quotes, write "\\u{ord(strange[0]):04x}"'
        problems.add("E102", f"the control character {ord(strange[0]):#04x} can't stand in YAML", where, hint)
        return None
    builder = _Builder(text, shown_as, problems)
    try:
        return builder.document()
    except _Refused:
        return None
    except yaml.MarkedYAMLError as error:
        _add_syntax_problem(error, text, shown_as, problems)
    return None


def _add_syntax_problem(error: yaml.MarkedYAMLError, text: str, shown_as: str, problems: Problems) -> None:
    opened, found = error.context_mark, error.problem_mark
    message = error.problem or "not valid YAML"
    never_closed = "stream end" in message or "end of stream" in message or message.startswith("expected ',' or")
    if never_closed and opened is not None and (found is None or found.line > opened.line):
        position = Position(shown_as, opened.line + 1, opened.column + 1)
        problems.add(
            "E102", "what is opened here is never closed", position, "close the bracket, the brace or the quote"
        )
        return
    mark = found or opened
    position = Position(shown_as, mark.line + 1, mark.column + 1) if mark else Position(shown_as, 1, 1)
    if "\\t" in message or "tab" in message:
        message = "a tab can't indent or start a value; use spaces"
    advice = quoting_advice(text, position, parses_past)
    if advice is not None and not problems.quotes(shown_as):
        advice = "put the value in quotes"
    problems.add("E102", message, position, advice)


def parses_past(text: str, line: int) -> bool:
    """Whether a text is valid YAML, or fails only after a line."""
    try:
        for _ in iter(_EventParser(text).get_event, None):
            pass
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return mark is not None and mark.line + 1 > line
    return True


class _Refused(Exception):
    """The document is not read on."""


class _Builder:
    """Turns PyYAML's events into nodes."""

    def __init__(self, text: str, shown_as: str, problems: Problems) -> None:
        self.events, self.shown_as, self.problems = _EventParser(text), shown_as, problems
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.nodes = 0

    def document(self) -> Node:
        root: Node | None = None
        while not isinstance(event := self.events.get_event(), yaml.StreamEndEvent):
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    raise self._refused(
                        "E103", "a second document in one file", self._at(event), "one file describes one thing"
                    )
                root = self._node(self.events.get_event(), 1)
        return root if root is not None else Mapping.empty(Position(self.shown_as, 1, 1))

    def _at(self, event: Any) -> Position:
        mark = event.start_mark
        return Position(self.shown_as, mark.line + 1, mark.column + 1)

    def _refused(self, code: str, message: str, position: Position, hint: str | None) -> _Refused:
        self.problems.add(code, message, position, hint)
        return _Refused()

    def _node(self, event: Any, depth: int) -> Node:
        position = self._at(event)
        before = self.nodes
        self.nodes += 1
        if depth > _DEEPEST or self.nodes > _MOST_NODES:
            raise self._refused(
                "E107",
                f"nested deeper than {_DEEPEST} levels, or more than {_MOST_NODES:,} parts",
                position,
                "write it flatter",
            )
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, position)
        if getattr(event, "tag", None) not in (None, "!"):
            written = event.tag.replace("tag:yaml.org,2002:", "!!")
            hint = f"a text that starts with '!' stands in quotes: \"{written} ...\""
            self.problems.add_at(
                Place(position, len(written)), "E108", f"tags such as {written} are not used here", hint
            )
        node: Node
        if isinstance(event, yaml.ScalarEvent):
            node = Scalar(event.value, position, quoted=event.style is not None and event.style != "")
        elif isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not isinstance(inner := self.events.get_event(), yaml.SequenceEndEvent):
                items.append(self._node(inner, depth + 1))
            node = Sequence(tuple(items), position)
        else:
            node = self._mapping(position, depth)
        if event.anchor:
            self.anchors[event.anchor] = (node, self.nodes - before)
        return node

    def _alias(self, event: Any, position: Position) -> Node:
        known = self.anchors.get(event.anchor)
        if known is None:
            hint = f"a text that starts with '*' stands in quotes: \"*{event.anchor}\""
            self.problems.add_at(
                Place(position, len(event.anchor) + 1),
                "E108",
                f"*{event.anchor} repeats something that nothing before it names",
                hint,
            )
            return Scalar("", position, quoted=True)
        self.nodes += known[1]
        return known[0]

    def _mapping(self, position: Position, depth: int) -> Mapping:
        entries: list[tuple[Scalar, Node]] = []
        seen: dict[str, Position] = {}
        while not isinstance(event := self.events.get_event(), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            value = self._node(self.events.get_event(), depth + 1)
            if not isinstance(key, Scalar):
                hint = "a value that starts with { or [ stands in quotes"
                raise self._refused("E104", "a key must be a word, not a list or a mapping", key.position, hint)
            place = Place(key.position, max(1, len(key.text)))
            if key.text == "<<" and not key.quoted:
                self.problems.add_at(place, "E108", "merge keys (<<) are not used here", "write the keys out")
            elif key.text in seen:
                first = seen[key.text]
                self.problems.add_at(
                    place, "E105", f"key '{key.text}' is given twice", f"it stands first at line {first.line}"
                )
            else:
                seen[key.text] = key.position
                entries.append((key, value))
        return Mapping(tuple(entries), position)


def _place_after(text: str, shown_as: str) -> Position:
    lines = text.split("\n")
    return Position(shown_as, len(lines), len(lines[-1]) + 1)
