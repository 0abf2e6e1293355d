"""Text as Python folds it, in Spark: Unicode's full case folding, of which Spark's own `lower` is only a part."""

from __future__ import annotations

import sys
from functools import cache

from pyspark.sql import Column
from pyspark.sql import functions as F

from profile_engine.schemas.patterns import LETTER_END

_ENTRY, _ARROW = "\x1e", "\x1f"
_SURROGATES = range(0xD800, 0xE000)


@cache
def _foldings() -> tuple[dict[str, str], dict[str, str]]:
    """Characters that fold to another one, and those that fold to several (ß to ss)."""
    single: dict[str, str] = {}
    several: dict[str, str] = {}
    for number in range(sys.maxunicode + 1):
        if number not in _SURROGATES and (folded := chr(number).casefold()) != chr(number):
            (single if len(folded) == 1 else several)[chr(number)] = folded
    return single, several


def folded(text: Column) -> Column:
    """The text case-folded, as `str.casefold` does it; plain ASCII takes the short way."""
    _, several = _foldings()
    return (
        F.when(~text.rlike("[^\\x00-\\x7F]"), F.lower(text))
        .when(~text.rlike(f"[{''.join(several)}]"), _one_by_one(text))
        .otherwise(F.array_join(_letters(text), ""))
    )


def folded_apart(text: Column) -> Column:
    """The same with LETTER_END after what each character was folded to."""
    return F.array_join(F.transform(_letters(text), lambda letter: F.concat(letter, F.lit(LETTER_END))), "")


def _one_by_one(text: Column) -> Column:
    """With the characters folded that fold to one."""
    single, _ = _foldings()
    return F.translate(text, "".join(single), "".join(single.values()))


def _letters(text: Column) -> Column:
    """What each character is folded to."""
    _, several = _foldings()
    pairs = _ENTRY.join(f"{one}{_ARROW}{many}" for one, many in several.items())
    of_several = F.str_to_map(F.lit(pairs), F.lit(_ENTRY), F.lit(_ARROW))
    return F.transform(
        F.filter(F.split(_one_by_one(text), ""), lambda letter: letter != ""),
        lambda letter: F.coalesce(F.try_element_at(of_several, letter), letter),
    )
