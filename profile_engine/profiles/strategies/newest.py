"""`newest` (Adobe's timestampOrdered): the latest value wins, by the customer's own time or by that of ingestion."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from profile_engine.profiles.candidates import customer_time, leading

NAME = "newest"


def winner(value: Column, setting: str | tuple[str, ...], datasets: tuple[str, ...]) -> Column:
    """`source_time` falls back to the time of ingestion for records that have no time of their own."""
    return leading(value, time=F.col("ingested_at") if setting == "ingested_at" else customer_time())
