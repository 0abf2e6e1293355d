"""How rows are cut into files: by the order of identities, so many rows a file."""

from __future__ import annotations

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F


def in_parts(changes: DataFrame, rows_per_part: int) -> DataFrame:
    """Adds `part_no int`, from 0 within an audience, in the order of identities; null for rows that are only counted.

    changes  `audience_no, identity, attributes, status, sent`
    The order is total, as an identity stands once in an audience, so the same rows are always cut the same way.
    """
    in_order = Window.partitionBy("audience_no", "sent").orderBy("identity")
    place = F.row_number().over(in_order) - F.lit(1)
    part = F.when(F.col("sent"), F.floor(place / F.lit(rows_per_part)).cast("int"))
    return changes.select("audience_no", "identity", "attributes", "status", part.alias("part_no"))


def part_sizes(parts: DataFrame) -> DataFrame:
    """`audience_no, part_no, status, rows`: how many rows of each status a part has."""
    return parts.groupBy("audience_no", "part_no", "status").agg(F.count(F.lit(1)).alias("rows"))
