"""How identity writes its tables."""

from __future__ import annotations

from pyspark.sql import DataFrame

from profile_engine.lake.merging import MergeCounts
from profile_engine.lake.runs import Run


def written(
    run: Run, table: str, rows: DataFrame, *, delete_missing: bool = False, instead_of: DataFrame | None = None
) -> MergeCounts:
    """`Run.merge`; but a first write is a plain one: the rows have one key each by construction, and a MERGE would look
    for that."""
    if run.exists(table):
        return run.merge(table, rows, delete_missing=delete_missing, instead_of=instead_of)
    return MergeCounts(inserted=run.append(table, rows))
