"""Literals of rules: the source text of a scalar, read by the type of the field it stands against."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import TypeVar

from profile_engine.config.comparison_signs import as_test
from profile_engine.config.problems import Problems
from profile_engine.config.variables import filled_in
from profile_engine.config.yaml_document import Node, Scalar, Sequence
from profile_engine.rules.field_types import NAMED_KINDS, kind_of

Literal = str | bool | int | float | Decimal | date | datetime

_WHOLE = re.compile(r"^[+-]?\d+$")
_NUMBER = re.compile(r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$")
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_TIME = re.compile(r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?$")
_EXAMPLES = {"number": "20 or 19.99", "boolean": "true or false", "date": "2026-05-31", "time": "2026-05-31T12:00:00Z"}

Read = TypeVar("Read")


def scalar_text(node: Node, problems: Problems, wanted: str) -> str | None:
    """The text of a scalar with its `${VARIABLES}` filled in; a list, a mapping or null is a problem."""
    if not isinstance(node, Scalar):
        shape = "a list" if isinstance(node, Sequence) else "a mapping"
        problems.add("E303", f"{shape} stands where {wanted} is needed", node.position)
        return None
    if node.is_null:
        problems.add("E304", "null is no value to compare with", node.position,
                     "to test that nothing is there, write {exists: false}", length=max(1, len(node.text)))  # fmt: skip
        return None
    return str(filled_in(node, problems)) if "${" in node.text else node.text


def read_literal(node: Node, type_text: str, zone: tzinfo, problems: Problems) -> Literal | None:
    """A literal of a scalar type, or None with a problem. A date may stand against a timestamp: it means that day here."""
    kind = kind_of(type_text)
    text = scalar_text(node, problems, NAMED_KINDS[kind])
    if text is None or not isinstance(node, Scalar):
        return None
    if kind == "text":
        if text == "":
            problems.add("E304", "empty text is missing, so nothing can be compared with it", node.position,
                         "to test that nothing is there, write {exists: false}", length=2)  # fmt: skip
            return None
        return text
    signed, example = as_test(text), f"write it like {_EXAMPLES[kind]}"
    if node.quoted:
        bare = f"leave the quotes away: {text}" if text else example
        problems.add("E303", f"text in quotes stands against a field of type {type_text}", node.position,
                     bare if signed is None else f"write {signed}", length=len(text) + 2)  # fmt: skip
        return None
    try:
        found = _parse(text.strip(), kind, type_text, zone)
    except (ValueError, OverflowError):
        found = None
    if found is None:
        problems.add("E303", f"'{text}' is not {NAMED_KINDS[kind]}, and the field is of type {type_text}", node.position,
                     example if signed is None else f"write {signed}", length=len(text))  # fmt: skip
    return found


def _parse(text: str, kind: str, type_text: str, zone: tzinfo) -> Literal | None:
    if kind == "number":
        return _number(text, type_text)
    if kind == "boolean":
        return {"true": True, "false": False}.get(text)
    if _DATE.match(text):
        return date.fromisoformat(text)
    if kind == "date" or not _TIME.match(text):
        return None
    when = datetime.fromisoformat(text)
    return when if when.tzinfo is not None else when.replace(tzinfo=zone)


def _number(text: str, type_text: str) -> int | float | Decimal | None:
    """Whole numbers stay whole; against a double a fraction is the double it would be stored as."""
    if _WHOLE.match(text):
        return int(text)
    if not _NUMBER.match(text):
        return None
    if type_text == "double":
        number = float(text)
        return number if abs(number) != float("inf") else None
    return Decimal(text)


def read_list(
    node: Node, problems: Problems, wanted: str, read_item: Callable[[Node], Read | None]
) -> tuple[Read, ...] | None:
    """Every item of a list, read; None when one can't be, or when there is none."""
    if not isinstance(node, Sequence):
        problems.add("E303", f"{wanted} needs a list", node.position, "write [first, second]")
        return None
    if not node.items:
        problems.add("E303", f"{wanted} needs at least one item", node.position)
        return None
    items = [read_item(item) for item in node.items]
    read = tuple(item for item in items if item is not None)
    return read if len(read) == len(items) else None


def read_words(node: Node, problems: Problems, wanted: str, parse: Callable[[str], Read]) -> Read | None:
    """A span, a period or another phrase; `parse` raises ValueError with what to write."""
    text = scalar_text(node, problems, wanted)
    if text is None:
        return None
    try:
        return parse(text)
    except ValueError as error:
        problems.add("E312", f"'{text}' is not {wanted}", node.position, str(error), length=len(text))
        return None
