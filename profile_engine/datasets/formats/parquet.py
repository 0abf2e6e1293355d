"""Parquet files: columns with types of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, BinaryIO

from profile_engine.config.model import ConfigModel
from profile_engine.datasets.formats import BadFileError, Header

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

NAME = "parquet"


class Options(ConfigModel):
    """Parquet describes itself."""


def inspect(head: bytes, open_file: Callable[[], BinaryIO], options: Options) -> Header:
    """Names and types by the footer. Every page is decoded once: a broken one must not end the run halfway."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not head:
        return Header(None, empty=True)
    try:
        with open_file() as stream:
            file = pq.ParquetFile(stream)
            schema = file.schema_arrow
            found = sum(batch.num_rows for batch in file.iter_batches())
            expected = file.metadata.num_rows
    except (pa.ArrowException, OSError, ValueError) as error:
        raise BadFileError("unreadable_file", f"the file is not readable as Parquet ({type(error).__name__})") from None
    if found != expected:
        raise BadFileError("unreadable_file", f"the file promises {expected} rows and holds {found}")
    twice = [name for name, count in Counter(name.lower() for name in schema.names).items() if count > 1]
    if twice:
        raise BadFileError("wrong_header", f"the file names columns more than once: {', '.join(sorted(twice))}")
    return Header(tuple(schema.names), kind=", ".join(f"{field.name} {field.type}" for field in schema))


def rows(
    spark: SparkSession, files: Sequence[str], columns: tuple[str, ...] | None, wanted: frozenset[str], options: Options
) -> DataFrame:
    """The columns as they are typed in the files; the record is shown as JSON."""
    from pyspark.sql import functions as F

    from profile_engine.datasets.source_rows import PROBLEM, RECORD, no_problem, with_places

    read = spark.read.format("parquet").option("mergeSchema", "false").load(list(files))
    names = read.columns
    placed = with_places(read)
    record = F.to_json(F.struct(*(F.col(f"`{name}`") for name in names)), {"ignoreNullFields": "true"})
    return placed.select("*", record.alias(RECORD), no_problem().alias(PROBLEM))
