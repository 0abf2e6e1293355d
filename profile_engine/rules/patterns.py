"""Patterns of text: SQL's LIKE, and the regular expressions that Java, Python and RE2 understand alike."""

from __future__ import annotations

import re

_SHARED_ESCAPES = frozenset("dDwWsStnrf")
_PUNCTUATION = frozenset("\\.[]{}()*+?^$|/-#&~!\"'%,:;<=>@_` ")
_HINT = "use letters, classes such as [a-z] or \\d, groups, |, *, +, ?, {n,m}, ^ and $"


def like_pattern(pattern: str) -> str:
    """A LIKE pattern as a regular expression for the whole text; a backslash takes the next character as it is."""
    parts, index = [], 0
    while index < len(pattern):
        character = pattern[index]
        if character == "\\" and index + 1 < len(pattern):
            index += 1
            parts.append(re.escape(pattern[index]))
        else:
            parts.append({"%": ".*", "_": "."}.get(character) or re.escape(character))
        index += 1
    return "".join(parts)


def reason_against(pattern: str) -> tuple[str, str] | None:
    """Why a regular expression is not of the shared subset, and what to do; None when it is.

    Left out are look-around, named groups, back-references, possessive quantifiers, flags and \\b, which the three
    engines lack or read differently.
    """
    try:
        re.compile(pattern)
    except (re.error, OverflowError) as error:
        return str(error), _HINT
    outside = re.sub(r"\\.", "", re.sub(r"\[\^?\]?(?:\\.|[^\]\\])*\]", "", pattern, flags=re.DOTALL), flags=re.DOTALL)
    for escape in re.findall(r"\\(.)", pattern, flags=re.DOTALL):
        if escape not in _SHARED_ESCAPES and escape not in _PUNCTUATION:
            return f"\\{escape} does not mean the same everywhere", _HINT
    if re.search(r"\(\?(?!:)", outside):
        return (
            "look-around, named groups and flags are not shared by all engines",
            _HINT + "; for case write ignoring_case: true",
        )
    if re.search(r"[*+?}]\+", outside):
        return "a possessive quantifier is not shared by all engines", _HINT
    if any(int(count) > 1000 for count in re.findall(r"\{(?:\d*,)?(\d+)\}", outside)):
        return "a repetition above 1000 is not shared by all engines", _HINT
    if re.search(r"\[\^?\]|\[[^\]\\]*(?:\[|&&)", pattern):
        return "a bracket or && inside a class does not mean the same everywhere", "put a backslash before it"
    return None
