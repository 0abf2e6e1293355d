"""What is new: the files of all sources that no settled batch holds, looked into on the executors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC

from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from profile_engine.datasets.batches import Batch, known_files
from profile_engine.datasets.files import ListedFile
from profile_engine.datasets.inspection import InspectedFile, inspected, inspected_file

_LISTED = "dataset string, source string, path string, size bigint, modified_at timestamp"


@dataclass(frozen=True)
class Inbox:
    """New files, and which contents (dataset, source, SHA-256) the lake has already."""

    files: tuple[InspectedFile, ...]
    seen: frozenset[tuple[str, str, str]]


def inbox(
    spark: SparkSession,
    listed: Sequence[ListedFile],
    settled: DataFrame | None,
    formats: Mapping[tuple[str, str], tuple[str, Mapping[str, object]]],
    replacing: frozenset[tuple[str, str]],
) -> Inbox:
    """Files whose path, size and time of modification are known stay unread; the others are hashed.

    settled    batches of published runs, None for a lake without any
    formats    by dataset and source: the format's name and its options
    replacing  sources whose batches replace each other: only the content of their latest batch counts as seen, as an
               older state may rightly come back
    """
    if not listed:
        return Inbox((), frozenset())
    known = None if settled is None else known_files(settled)
    new = list(listed) if known is None else _unknown(spark, listed, known)
    if not new:
        return Inbox((), frozenset())
    found = inspected(spark, new, formats)
    if known is not None:
        seen = _contents(known, replacing).withColumn("seen", F.lit(True))
        found = found.join(F.broadcast(seen), on=["dataset", "source", "sha256"], how="left")
    rows = found.collect()
    contents = {(row["dataset"], row["source"], row["sha256"]) for row in rows if known is not None and row["seen"]}
    files = sorted((inspected_file(row) for row in rows), key=lambda file: (file.listed.dataset, file.listed.path))
    return Inbox(tuple(files), frozenset(contents))


def collected_batches(batches: DataFrame) -> list[Batch]:
    """Rows of the table `batch`, with their files as they were listed then."""
    return [
        Batch(
            row["batch_id"], row["dataset"], row["source"], row["status"],
            tuple(_file(row, file) for file in row["files"]), row["planned_as_of"].astimezone(UTC), row["reason"],
        )
        for row in batches.collect()
    ]  # fmt: skip


def _file(batch: Row, file: Row) -> InspectedFile:
    modified_at = file["modified_at"].astimezone(UTC)
    listed = ListedFile(batch["dataset"], batch["source"], file["path"], file["size"], modified_at)
    return InspectedFile(listed, file["sha256"], None, "", False)


def _unknown(spark: SparkSession, listed: Sequence[ListedFile], known: DataFrame) -> list[ListedFile]:
    rows = [(number, f.dataset, f.source, f.path, f.size, f.modified_at) for number, f in enumerate(listed)]
    frame = spark.createDataFrame(rows, f"number int, {_LISTED}")
    same = ["dataset", "source", "path", "size", "modified_at"]
    new = frame.join(known.select(*same), on=same, how="left_anti").select("number").collect()
    return [listed[row["number"]] for row in sorted(new, key=lambda row: row["number"])]


def _contents(known: DataFrame, replacing: frozenset[tuple[str, str]]) -> DataFrame:
    """dataset, source, sha256, once each."""
    latest = known.groupBy("dataset", "source").agg(F.max("planned_as_of").alias("latest"))
    replaces = F.lit(False)
    for dataset, source in sorted(replacing):
        replaces = replaces | ((F.col("dataset") == dataset) & (F.col("source") == source))
    told = known.join(F.broadcast(latest), on=["dataset", "source"], how="inner")
    counts = ~replaces | (F.col("planned_as_of") == F.col("latest"))
    return told.where(counts).select("dataset", "source", "sha256").distinct()
