"""Only the digits 0 to 9 of a value, for card and account numbers that are written in groups."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import Column

NAME = "digits"
EXAMPLES = {None: {"1234 5678-90": "1234567890", "L-007": "007", "none": None}}
_OTHERS = "[^0-9]+"


def normalised(column: Column, option: str | None = None) -> Column:
    from pyspark.sql import functions as F

    return F.nullif(F.regexp_replace(column, _OTHERS, ""), F.lit(""))


def normalised_value(text: str, option: str | None = None) -> str | None:
    return re.sub(_OTHERS, "", text) or None
