"""A SHA-256 hash in hexadecimal, compared in lower case; anything that is not 64 hexadecimal digits is no hash."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from profile_engine.schemas.normalisers import lower_case

if TYPE_CHECKING:
    from pyspark.sql import Column

NAME = "sha256_hex_lower"
_HASH = "[0-9a-f]{64}"
_OF_TEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
EXAMPLES = {None: {f" {_OF_TEST.upper()} ": _OF_TEST, "9f86": None, "": None}}


def normalised(column: Column, option: str | None = None) -> Column:
    from pyspark.sql import functions as F

    lowered = lower_case.normalised(column)
    return F.when(lowered.rlike(rf"\A{_HASH}\z"), lowered)


def normalised_value(text: str, option: str | None = None) -> str | None:
    lowered = lower_case.normalised_value(text)
    return lowered if lowered is not None and re.fullmatch(_HASH, lowered) else None
