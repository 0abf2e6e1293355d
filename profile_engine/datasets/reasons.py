"""Reasons for which a row is rejected: code, path and a message that holds no value."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column
from pyspark.sql import functions as F

REASONS_TYPE = "array<struct<code:string,path:string,message:string>>"


def reason(condition: Column, code: str, path: str, message: str) -> Column:
    """The reason where the condition is true, else null."""
    parts = F.struct(F.lit(code).alias("code"), F.lit(path).alias("path"), F.lit(message).alias("message"))
    return F.when(condition, parts)


def reasons(each: Sequence[Column]) -> Column:
    """All reasons that hold, in their order; an empty array where none does."""
    return F.array_compact(F.array(*each)) if each else F.array().cast(REASONS_TYPE)
