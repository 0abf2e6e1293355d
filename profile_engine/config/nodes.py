"""Nodes of a YAML document: scalars as they were written, lists and mappings, each with its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from profile_engine.config.problems import Position

NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_NOWHERE = Position("", 1, 1)


@dataclass(frozen=True, slots=True)
class Scalar:
    """One scalar; `text` is its source text (unescaped where quoted). A quoted scalar is text, whatever it looks like."""

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
    def empty(cls, position: Position = _NOWHERE) -> Mapping:
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

    def without(self, key: str) -> Mapping:
        """The other entries."""
        return Mapping(tuple(entry for entry in self.entries if entry[0].text != key), self.position)

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(key.text for key, _ in self.entries)


Node = Scalar | Sequence | Mapping
