"""Advice for values that YAML keeps for itself: the line as it should stand, with the value in quotes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from profile_engine.config.problems import Position

_BLOCK_VALUE = re.compile(
    r"""^(?P<head>\s*(?:-\s+)*(?:[^\s"'{\[#-][^:{\["']*:\s+|"[^"]*":\s+|(?<=-\s)))(?P<value>\S.*)$"""
)
_FLOW_ENDS = ",}]"
_COMMENT = re.compile(r"\s+#.*$")


def quoting_advice(text: str, position: Position, parses_past: Callable[[str, int], bool]) -> str | None:
    """`put it in quotes:` and the corrected line, or None where quotes would not help.

    position     where the parser gave up; the line at fault is that one or the one before it
    parses_past  whether a text is valid YAML at least up to a line; a correction is only given when it really is one
    """
    lines = text.splitlines()
    if not 0 < position.line <= len(lines):
        return None
    for corrected in _corrections(lines[position.line - 1], position.column):
        changed = [*lines[: position.line - 1], corrected, *lines[position.line :]]
        if parses_past("\n".join(changed) + "\n", position.line):
            return f"put it in quotes: {corrected.strip()}"
    return None


def _corrections(line: str, column: int) -> Iterator[str]:
    """Ways to quote one value of the line: the one at the column inside braces or brackets, or all after `key: `."""
    head, rest = line[: column - 1], line[column - 1 :]
    if rest[:1] not in ("", '"', "'") and ("{" in head or "[" in head):
        for end in (place for place, letter in enumerate(rest) if letter in _FLOW_ENDS):
            yield f"{head}{_quoted(rest[:end].rstrip())}{rest[end:]}"
    match = _BLOCK_VALUE.match(line)
    if match is None:
        return
    value = _COMMENT.sub("", match["value"]).rstrip()
    yield f"{match['head']}{_quoted(value)}{match['value'][len(value) :]}"


def _quoted(value: str) -> str:
    """In double quotes; in single ones where it holds a backslash or a double quote, so that nothing needs an escape."""
    if "\\" in value or '"' in value:
        return "'" + value.replace("'", "''") + "'"
    return f'"{value}"'
