"""Frames that are sent to every executor, so that the rows which they are joined with stay where they are."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

ROWS_SENT_AROUND = 3_000_000
"""Up to so many rows of an id or two, some 100 bytes each."""


def sent_around(rows: DataFrame, count: int) -> DataFrame:
    """The same rows, of which there are `count`. Spark itself sends around far fewer, and sorts both sides of a join by key
    otherwise: memberships with all their arrays, for the sake of a list of ids."""
    return F.broadcast(rows) if count <= ROWS_SENT_AROUND else rows
