"""Trimmed and in lower case, for ids that some system writes in capitals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profile_engine.schemas.normalisers import trim

if TYPE_CHECKING:
    from pyspark.sql import Column

NAME = "lower_case"
EXAMPLES = {None: {" Ab-1 ": "ab-1", "ÄÖ": "äö", "": None}}


def normalised(column: Column, option: str | None = None) -> Column:
    from pyspark.sql import functions as F

    return F.lower(trim.normalised(column))


def normalised_value(text: str, option: str | None = None) -> str | None:
    trimmed = trim.normalised_value(text)
    return trimmed.lower() if trimmed is not None else None
