"""`> 3` is how other languages compare; here it is `{above: 3}`."""

from __future__ import annotations

import re

_SIGNED = re.compile(r"^(>=|<=|!=|>|<)\s*([+-]?\d+(?:\.\d+)?|\d{4}-\d{2}-\d{2}\S*)$")
_OF_NUMBERS = {">": "above", ">=": "at_least", "<": "below", "<=": "at_most", "!=": "differs_from"}
_OF_TIMES = {">": "after", "<": "before", "!=": "differs_from"}


def as_test(text: str) -> str | None:
    """`> 3` as `{above: 3}`; None where a text is no number or date after a sign."""
    match = _SIGNED.match(text.strip())
    if match is None:
        return None
    test = (_OF_TIMES if match[2][4:5] == "-" else _OF_NUMBERS).get(match[1])
    return None if test is None else f"{{{test}: {match[2]}}}"
