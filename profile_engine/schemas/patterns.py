"""Patterns of text: SQL's LIKE, and the regular expressions that Java, Python and RE2 understand alike."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator

_SHARED_ESCAPES = frozenset("dDwWsStnrf")
_PUNCTUATION = frozenset("\\.[]{}()*+?^$|/-#&~!\"'%,:;<=>@_` ")
_HINT = "use letters, classes such as [a-z] or \\d, groups, |, *, +, ?, {n,m}, ^ and $"


LETTER_END = "\uffff"
"""Ends what one character was folded to (of ß: ss), so that `_` is still one character; it is no character itself."""


def like_pattern(pattern: str, *, folded_apart: bool = False) -> str:
    """A LIKE pattern as a regular expression for the whole text; a backslash takes the next character as it is.

    folded_apart  whether the text has LETTER_END after what each of its characters was folded to
    """
    parts, index = [], 0
    after, one = (f"{LETTER_END}?", f"(?<![^{LETTER_END}])[^{LETTER_END}]+{LETTER_END}") if folded_apart else ("", ".")
    while index < len(pattern):
        character = pattern[index]
        if character == "\\" and index + 1 < len(pattern):
            index += 1
            parts.append(re.escape(pattern[index]) + after)
        else:
            parts.append({"%": ".*", "_": one}.get(character) or re.escape(character) + after)
        index += 1
    return "".join(parts)


def java_like(pattern: str, *, folded_apart: bool = False) -> str:
    """A LIKE pattern as a regular expression of Java for the whole text."""
    return f"(?s)\\A(?:{like_pattern(pattern, folded_apart=folded_apart)})\\z"


def java_pattern(pattern: str, *, ignoring_case: bool = False) -> str:
    """A regular expression of the shared subset, as Java has to be told it to mean what RE2 means.

    Java's `$` also stands before a last line break, its `.` stops at more kinds of line breaks, and its `\\s` holds one
    character more (the vertical tab).
    """
    return ("(?diu)" if ignoring_case else "(?d)") + _as_in_re2(pattern, text_end=r"\z")


@lru_cache
def python_pattern(pattern: str) -> re.Pattern[str]:
    """A regular expression of the shared subset, as Python has to be told it to mean what RE2 means."""
    return re.compile(_as_in_re2(pattern, text_end=r"\Z"), re.ASCII)


def _as_in_re2(pattern: str, text_end: str) -> str:
    parts, in_class = [], False
    for token in re.findall(r"\\.|.", pattern, flags=re.DOTALL):
        if token == "\\s":
            parts.append(r"\t\n\f\r " if in_class else r"[\t\n\f\r ]")
        elif token == "\\S":
            parts.append(r"\S\x0B" if in_class else r"[\S\x0B]")
        else:
            parts.append(text_end if token == "$" and not in_class else token)
        in_class = token == "[" or (in_class and token != "]")
    return "".join(parts)


def with_named_group(pattern: str) -> str:
    """A regular expression of the shared subset whose first group is named `part`, and whose other groups cut nothing out."""
    parts, in_class, named = [], False, False
    for token in re.findall(r"\\.|\(\?|.", pattern, flags=re.DOTALL):
        opens = token == "(" and not in_class
        parts.append(("(?:" if named else "(?P<part>") if opens else token)
        named = named or opens
        in_class = token == "[" or (in_class and token != "]")
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
    if "{" in re.sub(r"\{\d+(?:,\d*)?\}", "", outside):
        return "a { that begins no {n} or {n,m} does not mean the same everywhere", "put a backslash before it"
    if any(int(count) > 1000 for count in re.findall(r"\{(?:\d*,)?(\d+)\}", outside)):
        return "a repetition above 1000 is not shared by all engines", _HINT
    if re.search(r"\[\^?\]|\[[^\]\\]*(?:\[|&&)", pattern):
        return "a bracket or && inside a class does not mean the same everywhere", "put a backslash before it"
    return None


def _of_shared_subset(pattern: str) -> str:
    if (reason := reason_against(pattern)) is not None:
        raise ValueError(f"not a regular expression that all engines read alike: {'; '.join(reason)}")
    return pattern


Pattern = Annotated[str, AfterValidator(_of_shared_subset)]
"""A regular expression of the shared subset, for a whole value."""
