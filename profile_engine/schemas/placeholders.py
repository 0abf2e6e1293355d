"""Presets of values that stand for "no value" in real data; an identifier made of one would join strangers."""

from __future__ import annotations

_WORDS = (
    "null", "(null)", "<null>", "[null]", "none", "nil", "nan", "n/a", "n.a.", "na", "#n/a", "not available", "not applicable",
    "not provided", "not set", "(not set)", "unknown", "undefined", "unset", "empty", "missing", "anonymous", "anon", "guest",
    "default", "dummy", "test", "tester", "testing", "example", "placeholder", "tbd", "todo", "false", "true", "-", "--", "---",
    ".", "?", "x", "xx", "xxx", "xxxx", "asdf", "qwerty", "{}", "[]", "[object object]", "void", "blank", "no email",
    "noemail", "no phone", "nomail", "no name", "noname", "deleted", "redacted", "optout", "opt-out",
    "test@test.com", "test@example.com", "example@example.com", "none@none.com", "noemail@noemail.com", "no@email.com",
    "noreply@example.com", "null@null.com", "na@na.com", "a@a.com", "user@example.com", "email@example.com",
)  # fmt: skip
_UUIDS = (
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "00000000-0000-0000-0000-000000000001",
    "11111111-1111-1111-1111-111111111111",
)
_REPEATED_TO = 64


def _cases(word: str) -> set[str]:
    return {word, word.upper(), word.capitalize(), word.title()}


def _placeholders() -> frozenset[str]:
    values = {variant for word in (*_WORDS, *_UUIDS) for variant in _cases(word)}
    # a reset device id is zeros of any length, with or without a sign before it
    values |= {"0" * count for count in range(1, _REPEATED_TO + 1)}
    values |= {"+" + "0" * count for count in range(1, 16)}
    values.add("-1")
    return frozenset(values)


PRESETS: dict[str, frozenset[str]] = {"placeholders": _placeholders()}
"""Values by preset, in the cases in which they are met; compared exactly, after normalisation."""
