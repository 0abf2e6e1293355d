"""Presets of values that stand for "no value" in real data; an identifier made of one would join strangers."""

from __future__ import annotations

import hashlib

_WORDS = (
    "nil", "nan", "-nan", "n.a.", "n\\a", "#n/a", "#na", "#null!", "#value!", "#ref!", "#name?", "#div/0!",
    "#num!", "#error!", "1.#ind", "1.#qnan", "-1.#ind", "inf", "-inf", "infinity", "-infinity", "\\n", "\\\\n", "nul", "void",
    "undefined", "unset", "missing", "anonymous", "anon", "guest", "default", "dummy", "test", "tester", "testing", "example",
    "placeholder", "tbd", "todo", "false", "true", "-", "--", "---", "_", ".", "..", "...", "?", "??", "???", "*", "x", "xx",
    "xxx", "xxxx", "asdf", "qwerty", "{}", "[]", "()", "<>", "''", '""', "[object object]", "[object undefined]",
    "[object null]", "system.object", "nomail", "deleted", "redacted", "optout", "k.a.", "n.v.t.", "unbekannt", "onbekend",
    "inconnu", "desconocido", "test@test.com", "test@example.com", "example@example.com", "none@none.com",
    "noemail@noemail.com", "no@email.com", "noreply@example.com", "null@null.com", "na@na.com", "a@a.com", "user@example.com",
    "email@example.com",
)  # fmt: skip
_SEVERAL_WORDS = (
    "not available", "not applicable", "not provided", "not given", "not known", "not set", "no email", "no e-mail", "no phone",
    "no name", "no value", "no data", "opt out", "keine angabe",
)  # fmt: skip
_BRACKETED = (
    "null", "none", "empty", "blank", "unknown", "na", "n/a", "not set", "not provided", "not available",
)  # fmt: skip
_UUIDS = (
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "00000000-0000-0000-0000-000000000001",
    "11111111-1111-1111-1111-111111111111",
)
_REPEATED_TO = 64
_IN_OTHER_CASE = {"nan": ("NaN",), "[object object]": ("[object Object]",), "noemail": ("NoEmail",)}


def _placeholders() -> frozenset[str]:
    values = {*_WORDS, *_BRACKETED, *_UUIDS, "-1", "-1.0", "0.0", "0,0"}
    values |= {words.replace(" ", between) for words in _SEVERAL_WORDS for between in (" ", "_", "-", "")}
    values |= {f"{left}{word}{right}" for word in _BRACKETED for left, right in (("(", ")"), ("<", ">"), ("[", "]"))}
    # a reset device id is zeros of any length, with or without a sign before it
    values |= {"0" * count for count in range(1, _REPEATED_TO + 1)}
    values |= {"+" + "0" * count for count in range(1, 16)}
    return frozenset(values)


def _as_written(word: str) -> set[str]:
    return {word, word.upper(), word.capitalize(), word.title(), *_IN_OTHER_CASE.get(word, ())}


PRESETS: dict[str, frozenset[str]] = {"placeholders": _placeholders()}
"""Values by preset, in lower case; a value in normal form is one of them whatever its case."""

HASHES_OF_NOTHING = frozenset(hashlib.sha256(text.encode()).hexdigest() for text in ("", " ", "\n", "\r\n"))
"""SHA-256 (hex) of what a blank field becomes when it is hashed."""

HASHED_PRESETS: dict[str, frozenset[str]] = {
    name: frozenset(hashlib.sha256(form.encode()).hexdigest() for word in words for form in _as_written(word))
    for name, words in PRESETS.items()
}
"""SHA-256 (hex) of the values by preset, in the cases in which they are met: not everybody lowers before hashing."""
