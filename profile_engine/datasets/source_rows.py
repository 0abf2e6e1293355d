"""Rows of source files before mapping: what every format adds to the source's own columns."""

from __future__ import annotations

import re

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, StructType

PATH, BLOCK, LINE = "__path", "__block", "__line"
"""File (as it was listed), start of the split in it, and a number that rises within a split: for ordering only."""
SOURCE = "__source"
"""Name of the source, once files are joined to their batches."""
RECORD = "__record"
"""The record as it came, for quarantine."""
PROBLEM = "__problem"
"""struct<code, message> where the record can't be read at all, else null."""

_GLOB_LETTERS = re.compile(r"([\\{}\[\]*?])")


def as_spark_path(path: str) -> str:
    """A listed path in the form that Spark's readers take: letters that mean something in globs are escaped."""
    return _GLOB_LETTERS.sub(r"\\\1", path)


def with_places(rows: DataFrame) -> DataFrame:
    """Adds PATH, BLOCK and LINE to rows that were just read from files."""
    uri = F.url_decode(F.replace(F.col("_metadata.file_path"), F.lit("+"), F.lit("%2B")))
    # local files are listed by their plain path, which Hadoop shows as file:/path or file:///path
    path = F.regexp_replace(uri, r"^file:(//)?/", "/")
    return rows.select(
        "*",
        path.alias(PATH),
        F.col("_metadata.file_block_start").alias(BLOCK),
        F.monotonically_increasing_id().alias(LINE),
    )


def problem(code: str, message: str | Column) -> Column:
    """A value of PROBLEM; the message holds no value of the record."""
    text = F.lit(message) if isinstance(message, str) else message
    return F.struct(F.lit(code).alias("code"), text.alias("message"))


def no_problem() -> Column:
    return F.lit(None).cast("struct<code:string,message:string>")


def source_column(schema: StructType, name: str) -> tuple[Column, DataType] | None:
    """A source's column by its name, or, where the name has dots, by the path into its structs; None if there is none."""
    by_name = {field.name.lower(): field for field in schema.fields}
    if name.lower() in by_name:
        field = by_name[name.lower()]
        return F.col(f"`{field.name.replace('`', '``')}`"), field.dataType
    column: Column | None = None
    kind: DataType = schema
    for step in name.split("."):
        members = {field.name: field.dataType for field in kind.fields} if isinstance(kind, StructType) else {}
        if step not in members:
            return None
        column = F.col(f"`{step}`") if column is None else column.getField(step)
        kind = members[step]
    assert column is not None
    return column, kind
