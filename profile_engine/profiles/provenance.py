"""Where each attribute of a profile comes from: dataset, time and record of the winning value."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import Column
from pyspark.sql import functions as F

PROVENANCE_TYPE = "array<struct<path:string,dataset:string,time:timestamp,record_id:string>>"


def provenance(winners: Mapping[str, Column], datasets: tuple[str, ...]) -> Column:
    """One entry a leaf that has a value, sorted by path; `winners` are the winners' structs by leaf path.

    `time` is the one that the strategy ordered by: the customer's, or that of ingestion.
    """
    names = F.array(*[F.lit(dataset) for dataset in datasets]).cast("array<string>")
    entries = [_entry(path, winners[path], names) for path in sorted(winners)]
    return F.array_compact(F.array(*entries)).cast(PROVENANCE_TYPE)


def _entry(path: str, winner: Column, names: Column) -> Column:
    return F.when(
        winner.getField("value").isNotNull(),
        F.struct(
            F.lit(path).alias("path"),
            F.get(names, winner.getField("dataset_no")).alias("dataset"),
            winner.getField("time").alias("time"),
            winner.getField("record_id").alias("record_id"),
        ),
    )
