"""What matching compares: a few attributes of the records of some datasets, one row a record with an owner."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from profile_engine.identity.config import FuzzyConfig

ATTRIBUTES = "attributes"
"""The struct that holds a raw row's columns, so that none has the name of one of ours."""


def compared_records(raw: Mapping[str, DataFrame], config: FuzzyConfig) -> DataFrame:
    """The records of all datasets in one form.

    raw      by dataset (owner_id bigint, seen_at timestamp, attributes struct of a raw row's columns)
    returns  (owner_id bigint, seen_at timestamp, and a string column for each field of `config.compare`), one row for each
             owner: where several records have one, each field is that of the newest that has it

    Text is trimmed and in lower case; empty text is null. Records without an owner are left out, as nothing can be linked
    to them.
    """
    found = []
    for dataset, rows in raw.items():
        paths = config.records[dataset]
        fields = [_text(paths.get(field)).alias(field) for field in config.compare]
        found.append(rows.filter(F.col("owner_id").isNotNull()).select("owner_id", "seen_at", *fields))
    newest_first = F.struct("seen_at", *config.compare)
    return (
        reduce(DataFrame.unionByName, found)
        .groupBy("owner_id")
        .agg(
            F.max("seen_at").alias("seen_at"),
            *(F.max_by(field, F.when(F.col(field).isNotNull(), newest_first)).alias(field) for field in config.compare),
        )
    )


def _text(path: str | None) -> Column:
    if path is None:
        return F.lit(None).cast("string")
    column = F.col(".".join(f"`{part}`" for part in (ATTRIBUTES, *path.split("."))))
    return F.nullif(F.lower(F.trim(column.cast("string"))), F.lit(""))
