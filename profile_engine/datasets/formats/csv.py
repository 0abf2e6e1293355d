"""Files of comma-separated values (RFC 4180, and what people make of it), plain or packed."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO

from pydantic import Field, model_validator

from profile_engine.config.model import ConfigModel
from profile_engine.datasets.formats import BadFileError, Header

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

NAME = "csv"
_BYTES_AS_TEXT = "ISO-8859-1"
_RAGGED = "__ragged"


class Options(ConfigModel):
    """How the files are written."""

    delimiter: str = Field(default=",", min_length=1)
    quote: str = Field(default='"', max_length=1)
    escape: str = Field(default='"', max_length=1)
    """What stands before a quote inside a quoted value."""
    header: bool = True
    columns: tuple[str, ...] | None = None
    """Names in order, for files without a header."""
    encoding: str = "UTF-8"
    multi_line: bool = True
    """Whether quoted values may hold line ends; `false` lets Spark split big files."""
    null_values: tuple[str, ...] = ()
    """Texts that mean missing, besides empty ones."""

    @model_validator(mode="after")
    def _names_once(self) -> Options:
        if self.header and self.columns is not None:
            raise ValueError("'columns' names the columns of files without a header; say 'header: false' too")
        return self

    @property
    def is_utf8(self) -> bool:
        return self.encoding.upper().replace("_", "-") in {"UTF-8", "UTF8"}


def inspect(head: bytes, open_file: Callable[[], BinaryIO], options: Options) -> Header:
    """The names of the first record; an empty file has none and is no error."""
    if not head.strip():
        return Header(None, empty=True)
    try:
        # the head may end inside a character, the header must not
        text = head.decode(options.encoding, errors="replace").removeprefix("\ufeff")
        first = next(_records(text, options))
    except (LookupError, csv.Error, StopIteration) as error:
        raise BadFileError(
            "wrong_header", f"the first line can't be read as a CSV header ({type(error).__name__})"
        ) from None
    if not options.header:
        names = options.columns if options.columns else tuple(f"_c{n}" for n in range(len(first)))
        return Header(names)
    if any("\ufffd" in name for name in first):
        raise BadFileError("wrong_header", f"the header is not in {options.encoding}")
    names = tuple(name.strip() or f"_c{n}" for n, name in enumerate(first))
    twice = [name for name, count in Counter(name.lower() for name in names).items() if count > 1]
    if twice:
        raise BadFileError("wrong_header", f"the header names columns more than once: {', '.join(sorted(twice))}")
    return Header(names)


def rows(
    spark: SparkSession, files: Sequence[str], columns: tuple[str, ...] | None, wanted: frozenset[str], options: Options
) -> DataFrame:
    """Every column as text, empty text as null. A record with more or fewer values than the header is a problem."""
    from pyspark.sql import functions as F

    from profile_engine.datasets.source_rows import PROBLEM, RECORD, no_problem, problem, with_places

    assert columns is not None
    reader = spark.read.format("csv").schema(", ".join(f"`{_quoted(c)}` string" for c in (*columns, _RAGGED)))
    delimiter = options.delimiter
    if options.is_utf8:
        # bytes pass through as Latin-1 and are checked below: Spark's own decoder would hide what is not UTF-8
        delimiter = delimiter.encode().decode(_BYTES_AS_TEXT)
    read = reader.options(
        header=options.header, sep=delimiter, quote=options.quote, escape=options.escape, multiLine=options.multi_line,
        encoding=_BYTES_AS_TEXT if options.is_utf8 else options.encoding, mode="PERMISSIVE",
        columnNameOfCorruptRecord=_RAGGED, emptyValue="", nullValue="", maxCharsPerColumn=-1, enforceSchema=True,
    ).load(list(files))  # fmt: skip
    placed = with_places(read)
    texts = {name: _text(F.col(f"`{_quoted(name)}`"), options) for name in (*columns, _RAGGED)}
    placed = placed.withColumns(texts)
    if not options.header and columns:
        placed = placed.withColumn(columns[0], F.ltrim(F.col(f"`{_quoted(columns[0])}`"), F.lit("\ufeff")))
    valid = F.lit(True)
    for name in (*columns, _RAGGED):
        valid = valid & F.coalesce(F.is_valid_utf8(F.col(f"`{_quoted(name)}`")), F.lit(True))
    found = (
        F.when(~valid, problem("invalid_utf8", "the record is not in UTF-8"))
        .when(
            F.col(_RAGGED).isNotNull(), problem("ragged_row", f"the record has not {len(columns)} values as the header")
        )
        .otherwise(no_problem())
    )
    as_object = F.to_json(F.struct(*(F.make_valid_utf8(F.col(f"`{_quoted(name)}`")).alias(name) for name in columns)))
    record = F.coalesce(F.make_valid_utf8(F.col(_RAGGED)), as_object)
    system = [name for name in placed.columns if name not in {*columns, _RAGGED}]
    return placed.select(
        *(_missing(F.col(f"`{_quoted(name)}`"), options).alias(name) for name in columns),
        *system,
        record.alias(RECORD),
        found.alias(PROBLEM),
    )


def _text(column: Column, options: Options) -> Column:
    from pyspark.sql import functions as F

    return F.encode(column, _BYTES_AS_TEXT).cast("string") if options.is_utf8 else column


def _missing(column: Column, options: Options) -> Column:
    from pyspark.sql import functions as F

    return F.when(~column.isin(["", *options.null_values]), column)


def _records(text: str, options: Options) -> Iterator[list[str]]:
    delimiter = options.delimiter
    if len(delimiter) > 1:
        # Python's reader knows one character; a header rarely holds the replacement
        text, delimiter = text.replace(delimiter, "\x1f"), "\x1f"
    doubled = options.escape == options.quote
    return csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter,
        quotechar=options.quote or None,
        doublequote=doubled,
        escapechar=None if doubled else options.escape or None,
        quoting=csv.QUOTE_MINIMAL if options.quote else csv.QUOTE_NONE,
    )


def _quoted(name: str) -> str:
    return name.replace("`", "``")
