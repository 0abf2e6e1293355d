"""Rejected records as they came, with all their reasons: nothing that was read is lost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from profile_engine.datasets.batches import Batch
from profile_engine.datasets.reasons import REASONS_TYPE, reason
from profile_engine.datasets.source_rows import BLOCK, LINE, PATH, RECORD, SOURCE
from profile_engine.datasets.validation import REASONS
from profile_engine.lake.tables import table_entry


def rejected_rows(rows: DataFrame, dataset: str, refused: Sequence[str], as_of: datetime) -> DataFrame:
    """Rows of the table `quarantine` out of a dataset's judged rows.

    rows     judged rows with SOURCE and batch_id
    refused  ids of batches above their error threshold: their good rows are kept here too, with the reason batch_refused
    """
    of_refused = F.col("batch_id").isin(list(refused)) if refused else F.lit(False)
    whole = F.array(
        reason(F.lit(True), "batch_refused", "", "the batch has more rejected rows than its error threshold")
    )
    reasons = F.when(F.size(REASONS) > 0, F.col(REASONS)).when(of_refused, whole.cast(REASONS_TYPE))
    hashed = rows.where((F.size(REASONS) > 0) | of_refused).select(
        F.lit(dataset).alias("dataset"), F.col(SOURCE).alias("source"), "batch_id", F.col(PATH).alias("file"),
        F.sha2(F.coalesce(RECORD, F.lit("")), 256).alias("row_sha256"), F.col(RECORD).alias("record"),
        reasons.alias("reasons"), _time(as_of).alias("rejected_at"), BLOCK, LINE,
    )  # fmt: skip
    same = Window.partitionBy("batch_id", "file", "row_sha256").orderBy(BLOCK, LINE)
    return hashed.withColumn("occurrence", F.row_number().over(same)).select(*_columns(rows.sparkSession))


def rejected_files(spark: SparkSession, batches: Iterable[Batch], as_of: datetime) -> DataFrame | None:
    """A row of `quarantine` for each file that could not be read: the file's hash, its reason, and no record."""
    rows = [
        (batch.dataset, batch.source, batch.batch_id, file.listed.path, file.sha256, 1, None,
         [(batch.code, "", batch.reason)], as_of)
        for batch in batches
        if batch.is_refused_file
        for file in batch.files
    ]  # fmt: skip
    return spark.createDataFrame(rows, table_entry("quarantine").columns).coalesce(1) if rows else None


def _columns(spark: SparkSession) -> list[str]:
    return spark.createDataFrame([], table_entry("quarantine").columns).columns


def _time(as_of: datetime) -> Column:
    return F.lit(as_of).cast("timestamp")
