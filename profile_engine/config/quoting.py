"""Advice for values that YAML keeps for itself: the line as it should stand, with the value in quotes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from profile_engine.config.comparison_signs import as_test
from profile_engine.config.problems import Position

_BLOCK_VALUE = re.compile(
    r"""^(?P<head>\s*(?:-\s+)*(?:[^\s"'{\[#-][^:{\["']*:\s+|"[^"]*":\s+|(?<=-\s)))(?P<value>\S.*)$"""
)
_FLOW_ENDS = ",}]"
_FLOW_BEGINS = re.compile(r"[:,]\s+|[\[{]\s*")
_COMMENT = re.compile(r"\s+#.*$")


def quoting_advice(text: str, position: Position, parses_past: Callable[[str, int], bool]) -> str | None:
    """`put it in quotes:` and the corrected line, or None where quotes would not help; `> 3` becomes a test.

    position     where the parser gave up; the line at fault is that one or the one before it
    parses_past  whether a text is valid YAML at least up to a line; a correction is only given when it really is one
    """
    lines = text.splitlines()
    if not 0 < position.line <= len(lines):
        return None
    for before, value, after in _values(lines[position.line - 1], position.column):
        test = as_test(value)
        corrected = f"{before}{_quoted(value) if test is None else test}{after}"
        changed = [*lines[: position.line - 1], corrected, *lines[position.line :]]
        if parses_past("\n".join(changed) + "\n", position.line):
            return f"{'put it in quotes' if test is None else 'write it as a test'}: {corrected.strip()}"
    return None


def _values(line: str, column: int) -> Iterator[tuple[str, str, str]]:
    """Values of the line that may be at fault, each with what stands before and after it: inside braces or brackets the one
    at the column, then those that begin before it (`[A-Z]+` is given up at its `+`); else all after `key: `."""
    head, rest = line[: column - 1], line[column - 1 :]
    ends = [place for place, letter in enumerate(rest) if letter in _FLOW_ENDS]
    if rest[:1] not in ("", '"', "'") and ("{" in head or "[" in head):
        for end in ends:
            value = rest[:end].rstrip()
            yield head, value, rest[len(value) :]
        for begin in (match.end() for match in reversed(list(_FLOW_BEGINS.finditer(head)))):
            for end in ends:
                value = line[begin : column - 1 + end].rstrip()
                if value[:1] not in ("", '"', "'") and _is_closed(value):
                    yield line[:begin], value, line[begin + len(value) :]
    match = _BLOCK_VALUE.match(line)
    if match is not None:
        value = _COMMENT.sub("", match["value"]).rstrip()
        yield match["head"], value, match["value"][len(value) :]


def _is_closed(value: str) -> bool:
    """Whether every bracket and brace that is opened in a value is closed in it, and no other."""
    open_ones: list[str] = []
    for letter in value:
        if letter in "[{":
            open_ones.append("]" if letter == "[" else "}")
        elif letter in "]}" and (not open_ones or open_ones.pop() != letter):
            return False
    return not open_ones


def _quoted(value: str) -> str:
    """In double quotes; in single ones where it holds a backslash or a double quote, so that nothing needs an escape."""
    if "\\" in value or '"' in value:
        return "'" + value.replace("'", "''") + "'"
    return f'"{value}"'
