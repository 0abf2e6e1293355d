"""Comma-separated files as RFC 4180 reads them: quotes doubled, a header in every part, null told from empty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from profile_engine.config.model import ConfigModel

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

NAME = "csv"
END = None
_FORMULA = r"^[=+\-@\t\r]"
_PLAIN_NUMBER = r"^[+-][0-9][0-9 .,]*$"


class Options(ConfigModel):
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    compression: Literal["gzip", "none"] = "gzip"
    null_value: str = ""
    """How a missing value is written, without quotes; empty text is written as two quotes."""
    header: bool = True
    quote_all: bool = False
    """All values in quotes, missing ones too, so that null and empty look alike where `null_value` is empty."""
    escape_formulas: bool = False
    """An apostrophe before text that a spreadsheet would run (= + - @ tab return); numbers with a sign stay."""


def suffix(options: Options) -> str:
    return "csv.gz" if options.compression == "gzip" else "csv"


def spark_options(options: Options) -> Mapping[str, str]:
    return {
        "header": str(options.header).lower(),
        "sep": options.delimiter,
        "quote": '"',
        "escape": '"',  # with the quote itself, quotes are doubled and a backslash is a plain character
        "quoteAll": str(options.quote_all).lower(),
        "nullValue": options.null_value,
        "emptyValue": "" if options.quote_all else '""',
        "lineSep": "\n",
        "encoding": "UTF-8",
        "ignoreLeadingWhiteSpace": "false",  # Spark's writer trims otherwise
        "ignoreTrailingWhiteSpace": "false",
        "compression": options.compression,
    }


def laid_out(rows: DataFrame, options: Options) -> DataFrame:
    """All values as text: times in ISO 8601 and UTC, lists and objects as JSON."""
    from profile_engine.destinations.payload import INTERNAL_COLUMNS, text_of

    columns: list[Column] = []
    for column in rows.schema.fields:
        text = rows[f"`{column.name}`"]
        if column.name not in INTERNAL_COLUMNS:
            text = text_of(text, column.dataType)
            text = _defused(text) if options.escape_formulas else text
        columns.append(text.alias(column.name))
    return rows.select(*columns)


def dialect(options: Options) -> Mapping[str, str | bool | None]:
    return {
        "delimiter": options.delimiter, "quote": '"', "quote_in_text": "doubled", "null": options.null_value,
        "header": options.header, "line_end": "\n", "encoding": "utf-8", "compression": options.compression,
    }  # fmt: skip


def _defused(text: Column) -> Column:
    from pyspark.sql import functions as F

    runs = text.rlike(_FORMULA) & ~text.rlike(_PLAIN_NUMBER)
    return F.when(runs, F.concat(F.lit("'"), text)).otherwise(text)
