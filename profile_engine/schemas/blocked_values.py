"""Which values in normal form are no identifiers, the twin in Spark of `Namespaces.is_blocked`."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection

from pyspark.sql import Column
from pyspark.sql import functions as F

from profile_engine.schemas.namespace_rules import Namespaces

_SHORT = 24
"""Bytes; hashes, UUIDs and cookies are longer, and most words for "nothing" are not."""
_MOST_FIRST_BYTES = 10
_ALSO_LOWERED = {"k": "\N{KELVIN SIGN}"}
"""The one character besides a capital that becomes an ASCII letter in lower case, and so a whole text of such letters."""
_IsOneOf = Callable[[Collection[str], bool], Column]
"""Whether a value, in lower case where the second argument says so, is one of these texts."""


def is_blocked(form: str, namespace: str, namespaces: Namespaces) -> Column | None:
    """Whether the text in the column of this name is blocked; None where nothing is."""

    # as SQL of hex digits, which takes any text: hundreds of literals made one by one take a second to hand over
    def is_one_of(texts: Collection[str], in_lower_case: bool) -> Column:
        listed = ", ".join(f"CAST(X'{text.encode().hex()}' AS STRING)" for text in sorted(texts))
        value = f"lower(`{form}`)" if in_lower_case else f"`{form}`"
        return F.expr(f"({_can_be_one_of(f'`{form}`', texts)}) AND {value} IN ({listed})")

    return _condition(namespace, namespaces, is_one_of)


def is_blocked_item(value: Column, namespace: str, namespaces: Namespaces) -> Column | None:
    """The same for the variable of a Spark lambda, which has no name in SQL."""

    # one literal that Spark unfolds once
    def is_one_of(texts: Collection[str], in_lower_case: bool) -> Column:
        listed = F.from_json(F.lit(json.dumps(sorted(texts))), "array<string>")
        return F.array_contains(listed, F.lower(value) if in_lower_case else value)

    return _condition(namespace, namespaces, is_one_of)


def _can_be_one_of(form: str, texts: Collection[str]) -> str:
    """A cheap look at a value before it is held against all texts, which takes as long as the rest of hygiene: most identifiers
    are longer than most of the texts, and the few long ones begin with a few bytes, in whatever case.
    """
    long = {text[0] for text in texts if len(text.encode()) > _SHORT}
    first = {
        each.encode()[:1].hex() for one in long for each in (one, one.lower(), one.upper(), _ALSO_LOWERED.get(one, one))
    }
    if len(first) > _MOST_FIRST_BYTES:
        return "TRUE"
    is_short = f"octet_length({form}) <= {_SHORT}"
    if not first:
        return is_short
    listed = ", ".join(f"X'{byte}'" for byte in sorted(first))
    return f"{is_short} OR substring(CAST({form} AS BINARY), 1, 1) IN ({listed})"


def _condition(namespace: str, namespaces: Namespaces, is_one_of: _IsOneOf) -> Column | None:
    given, kept = namespaces.blocked(namespace), namespaces.kept(namespace)
    placeholders = namespaces.placeholders(namespace)
    is_given = is_one_of(given, False) if given else None
    if not placeholders:
        return is_given
    is_placeholder = is_one_of(placeholders, True)
    if kept:
        is_placeholder &= ~is_one_of(kept, False)
    return is_placeholder if is_given is None else is_given | is_placeholder
