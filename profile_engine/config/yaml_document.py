"""YAML documents as trees of nodes that know where they stand, read by the rules of YAML 1.2 scalars.

PyYAML's scanner and parser make the events; its resolver is not used, so `NO`, `on`, `010` and `12:30` stay the text
they are: what a plain scalar means is decided by the type of the field it stands against.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from profile_engine.config.problems import Position, Problems

try:
    from yaml import CParser as _EventParser  # ten times faster, the same events
except ImportError:  # pragma: no cover - PyYAML without its C extension
    _EventParser = None  # type: ignore[assignment,misc]

NULLS = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True)
class Scalar:
    """One scalar; `text` is its source text (unescaped where quoted)."""

    text: str
    position: Position
    quoted: bool = False

    @property
    def is_null(self) -> bool:
        return not self.quoted and self.text in NULLS


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list of nodes."""

    items: tuple[Node, ...]
    position: Position


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with their nodes, in the order of the file; duplicate keys were refused when it was read."""

    entries: tuple[tuple[Scalar, Node], ...]
    position: Position
    _index: dict[str, int] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        for number, (key, _) in enumerate(self.entries):
            self._index.setdefault(key.text, number)

    @classmethod
    def empty(cls, position: Position = Position("", 1, 1)) -> Mapping:  # noqa: B008 - frozen
        """What stands where nobody wrote anything."""
        return cls((), position)

    def __iter__(self) -> Iterator[tuple[Scalar, Node]]:
        return iter(self.entries)

    def __contains__(self, key: str) -> bool:
        return key in self._index

    def get(self, key: str) -> Node | None:
        number = self._index.get(key)
        return None if number is None else self.entries[number][1]

    def key(self, key: str) -> Scalar | None:
        number = self._index.get(key)
        return None if number is None else self.entries[number][0]

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(key.text for key, _ in self.entries)


Node = Scalar | Sequence | Mapping


def read_yaml(path: Path, shown_as: str, problems: Problems) -> Node | None:
    """The tree of one file, or None when it can't be read; every problem is added to `problems`."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problems.add("E101", f"not valid UTF-8 at byte {error.start}", Position(shown_as, 1, 1), "save it as UTF-8")
        return None
    return parse_yaml(text, shown_as, problems)


def parse_yaml(text: str, shown_as: str, problems: Problems) -> Node | None:
    """The tree of one document of text; an empty document is an empty mapping."""
    problems.remember_source(shown_as, text)
    builder = _Builder(shown_as, problems)
    try:
        return builder.document(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        position = Position(shown_as, mark.line + 1, mark.column + 1) if mark else Position(shown_as, 1, 1)
        problems.add("E102", _readable(error), position, _quoting_advice(text, position))
    except yaml.YAMLError as error:  # reader errors: control characters
        problems.add("E102", str(error).splitlines()[0], Position(shown_as, 1, 1), None)
    return None


class _Builder:
    """Turns PyYAML's events into nodes."""

    def __init__(self, shown_as: str, problems: Problems) -> None:
        self.shown_as, self.problems = shown_as, problems
        self.anchors: dict[str, Node] = {}

    def document(self, text: str) -> Node | None:
        loader = _EventParser(text) if _EventParser is not None else yaml.SafeLoader(text)
        self.events = loader
        root: Node | None = None
        documents = 0
        while True:
            event = loader.get_event()
            if isinstance(event, yaml.StreamEndEvent):
                break
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.problems.add("E103", "a second document in one file", self._at(event), "use one file a thing")
                    return root
                root = self._node(loader.get_event())
        return root if root is not None else Mapping((), Position(self.shown_as, 1, 1))

    def _at(self, event: yaml.Event) -> Position:
        mark = event.start_mark
        return Position(self.shown_as, mark.line + 1, mark.column + 1)

    def _node(self, event: yaml.Event) -> Node:
        position = self._at(event)
        if isinstance(event, yaml.AliasEvent):
            node = self.anchors.get(event.anchor)
            if node is None:
                self.problems.add("E102", f"alias *{event.anchor} has no anchor", position, None)
                return Scalar("", position)
            return node
        if isinstance(event, yaml.ScalarEvent):
            node = Scalar(event.value, position, quoted=event.style is not None and event.style != "")
        elif isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not isinstance(inner := self.events.get_event(), yaml.SequenceEndEvent):
                items.append(self._node(inner))
            node = Sequence(tuple(items), position)
        else:
            node = self._mapping(position)
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def _mapping(self, position: Position) -> Mapping:
        entries: list[tuple[Scalar, Node]] = []
        seen: dict[str, Position] = {}
        while not isinstance(event := self.events.get_event(), yaml.MappingEndEvent):
            key = self._node(event)
            value = self._node(self.events.get_event())
            if not isinstance(key, Scalar):
                self.problems.add("E104", "a key must be a word, not a list or a mapping", key.position, None)
                continue
            if key.text in seen:
                self.problems.add(
                    "E105", f"key '{key.text}' is given twice", key.position,
                    f"it stands first at line {seen[key.text].line}", length=len(key.text),
                )  # fmt: skip
                continue
            seen[key.text] = key.position
            entries.append((key, value))
        return Mapping(tuple(entries), position)


def _readable(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or "not valid YAML"
    return f"{problem} ({error.context})" if error.context else problem


def _quoting_advice(text: str, position: Position) -> str | None:
    """The corrected line, where a value starts with a character that YAML keeps for itself."""
    lines = text.splitlines()
    if not 0 < position.line <= len(lines):
        return None
    line = lines[position.line - 1]
    head, rest = line[: position.column - 1], line[position.column - 1 :].rstrip()
    if rest[:1] in {"@", "`", "%", "*", "&", "!", "|", ">", "[", "{"}:
        end = len(rest)
        for closer in ("}", "]", ","):
            if head.count("{" if closer == "}" else "[") and rest.endswith(closer) and rest[0] not in "[{":
                end = len(rest) - 1
        return f'put it in quotes: {head.strip()} "{rest[:end]}"{rest[end:]}'
    return None
