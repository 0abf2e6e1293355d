"""White space at both ends is removed; what is then empty is missing. The default of every namespace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profile_engine.schemas.normalisers.white_space import WHITE_SPACE

if TYPE_CHECKING:
    from pyspark.sql import Column

NAME = "trim"
EXAMPLES = {None: {"  C100 ": "C100", "C100\u00a0": "C100", " ": None, "a b": "a b"}}


def normalised(column: Column, option: str | None = None) -> Column:
    from pyspark.sql import functions as F

    return F.nullif(F.btrim(column, F.lit(WHITE_SPACE)), F.lit(""))


def normalised_value(text: str, option: str | None = None) -> str | None:
    return text.strip(WHITE_SPACE) or None
