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

    # most values have nothing to trim, and Spark looks each of their characters up to find that out: the first and the last
    # byte tell, as none that is a visible character of ASCII begins or ends a white space
    octets = column.cast("binary")
    visible = [F.substring(octets, place, 1).between(F.lit(b"!"), F.lit(b"~")) for place in (1, -1)]
    trimmed = F.nullif(F.btrim(column, F.lit(WHITE_SPACE)), F.lit(""))
    return F.when(visible[0] & visible[1], column).otherwise(trimmed)


def normalised_value(text: str, option: str | None = None) -> str | None:
    return text.strip(WHITE_SPACE) or None
