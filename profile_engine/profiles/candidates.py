"""Candidates for an attribute: the values that a person's fragments bring, and how one of them comes first.

The columns of a fragment that order candidates are `dataset_no` (the dataset's position in the project, from 0),
`source_time`, `ingested_at`, `batch_id` and `record_id`.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column
from pyspark.sql import functions as F

WINNER_MEMBERS = ("value", "time", "dataset_no", "record_id")


def customer_time() -> Column:
    """When the value was true for the customer, as far as it is known: the source's time, else that of ingestion."""
    return F.coalesce(F.col("source_time"), F.col("ingested_at"))


def leading(value: Column, *, time: Column, before: Sequence[Column] = (), counts: Column | None = None) -> Column:
    """An aggregate: the candidate that comes first, as a struct of WINNER_MEMBERS; all null where there is none.

    Greatest by the columns of `before`, then by `time`; ties go to the dataset that stands earlier in the project, then
    to the greater batch_id and record_id, so that the order is total and the order of rows changes nothing. A missing
    value is no candidate, and neither is a row for which `counts` is not true.
    """
    ranks = [column.alias(f"rank_{position}") for position, column in enumerate(before)]
    candidate = F.struct(
        *ranks,
        time.alias("time"),
        F.negative(F.col("dataset_no")).alias("earlier_dataset"),
        F.col("batch_id"),
        F.col("record_id"),
        value.alias("value"),
    )
    takes_part = value.isNotNull() if counts is None else value.isNotNull() & counts
    first = F.max(F.when(takes_part, candidate))
    return F.struct(
        first.getField("value").alias("value"),
        first.getField("time").alias("time"),
        F.negative(first.getField("earlier_dataset")).alias("dataset_no"),
        first.getField("record_id").alias("record_id"),
    )
