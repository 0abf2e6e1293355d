"""Which column of a source fills which field of the schema, and what is wrong with a header."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pyspark.errors import AnalysisException
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructType

from profile_engine.datasets.config import ColumnMapping, SourceConfig
from profile_engine.datasets.conversion import converted, type_in_words
from profile_engine.datasets.reasons import REASONS_TYPE, reason, reasons
from profile_engine.datasets.source_rows import BLOCK, LINE, PATH, PROBLEM, RECORD, source_column
from profile_engine.errors import ConfigurationError
from profile_engine.schemas.fields import Field
from profile_engine.schemas.normalisers import DEFAULT, normaliser
from profile_engine.schemas.schema import Schema
from profile_engine.schemas.spark_types import spark_type

WRONG = "__wrong"
"""array<struct<code, path, message>>: what could not be read as its field's type, or was not expected."""
_SQL_TEXT = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.)*\"")
_SQL_NAME = re.compile(r"(?:`[^`]+`|[A-Za-z_]\w*)(?:\.(?:`[^`]+`|[A-Za-z_]\w*))*(?!\w)(?!\s*\()")


@dataclass(frozen=True)
class Origin:
    """How one leaf of the schema is filled."""

    path: str
    field: Field
    mapping: ColumnMapping
    by_name: bool = False
    """True where nobody mapped the leaf and a column of its own name fills it, if there is one."""


def origins(schema: Schema, source: SourceConfig) -> tuple[Origin, ...]:
    """One for each leaf that the source fills, in the schema's order."""
    found = []
    for path, field in schema.leaf_paths().items():
        if path in source.mapping:
            found.append(Origin(path, field, source.mapping[path]))
        elif source.unmapped != "drop":
            found.append(Origin(path, field, ColumnMapping.model_validate({"from": path}), by_name=True))
    return tuple(found)


def wanted_columns(filled: tuple[Origin, ...]) -> frozenset[str]:
    """Names of source columns that the mapping speaks of; of SQL, every word that may be a column."""
    return frozenset(name for origin in filled for name in _columns_of(origin.mapping))


def header_problem(columns: tuple[str, ...], filled: tuple[Origin, ...], source: SourceConfig) -> str | None:
    """Why a header is not what was agreed, or None: a mapped or required column is missing, or one too many is there."""
    present = {name.lower() for name in columns}
    # a dotted path may lead into a column that is an object
    present_or_inside = present | {name.split(".")[0] for name in present}

    def there(name: str) -> bool:
        return name.lower() in present or ("." in name and name.split(".")[0].lower() in present_or_inside)

    named = [(origin, origin.mapping.from_) for origin in filled if origin.mapping.from_ is not None]
    missing = [name for origin, name in named if not there(name) and (not origin.by_name or origin.field.required)]
    if missing:
        return f"columns are missing: {', '.join(dict.fromkeys(missing))}; the file has {', '.join(columns)}"
    if named and not any(there(name) for _, name in named):
        return f"no column is named like a field; the file has {', '.join(columns)}"
    if source.unmapped == "refuse":
        known = {name.lower() for name in wanted_columns(filled)}
        strange = [name for name in columns if name.lower() not in known]
        if strange:
            return f"columns are not expected: {', '.join(strange)}; map them, or say what to do with 'unmapped'"
    return None


def mapped_rows(rows: DataFrame, filled: tuple[Origin, ...], schema: Schema, time_zone: str) -> DataFrame:
    """Source rows as the schema's fields.

    rows     a format's rows: the source's columns and those of `source_rows`
    returns  the schema's top-level fields, nested and typed; PATH, BLOCK, LINE, RECORD, PROBLEM; WRONG
    raises   ConfigurationError for SQL that can't be analysed over these columns
    """
    system = [PATH, BLOCK, LINE, RECORD, PROBLEM]
    raw = {f"__raw_{n}": _origin_column(rows.schema, origin.mapping) for n, origin in enumerate(filled)}
    given = _analysed(rows, system, {name: column for name, column in raw.items() if column is not None}, filled)
    values: dict[str, Column] = {}
    wrong: list[Column] = []
    for n, origin in enumerate(filled):
        name = f"__raw_{n}"
        if raw[name] is None:
            continue
        column, kind = F.col(name), given.schema[name].dataType
        if origin.mapping.normalise is not None:
            by = normaliser(origin.mapping.normalise)
            text = column.cast("string")
            column, kind = by.normalised(text), StringType()
            blank = normaliser(DEFAULT).normalised(text).isNull()
            unknown = f"not a value that the normaliser {by.name} knows"
            wrong.append(reason(~blank & column.isNull(), "invalid", origin.path, unknown))
        made = converted(column, kind, origin.field, time_zone, origin.mapping.date_format)
        values[origin.path] = made.value
        wrong.append(reason(made.failed, "wrong_type", origin.path, f"not {type_in_words(origin.field)}"))
    fields = [_nested(field, name, values).alias(name) for name, field in schema.fields.items()]
    return given.select(*fields, *system, reasons(wrong).cast(REASONS_TYPE).alias(WRONG))


def refusing_unmapped(rows: DataFrame, filled: tuple[Origin, ...]) -> DataFrame:
    """Mapped rows of records that name their own columns; one with a key that nothing maps gets a reason in WRONG.

    A header is judged once for its file (`header_problem`); here each record is judged by its own keys.
    """
    known = sorted({step for name in wanted_columns(filled) for step in (name, name.split(".")[0])})
    strange = F.array_except(F.json_object_keys(RECORD), F.array(*map(F.lit, known)))
    told = F.concat(F.lit("keys are not expected: "), F.array_join(F.array_sort(strange), ", "))
    unexpected = F.struct(F.lit("unexpected_key").alias("code"), F.lit("").alias("path"), told.alias("message"))
    found = F.when(F.size(strange) > 0, F.array(unexpected)).otherwise(F.array())
    return rows.withColumn(WRONG, F.concat(WRONG, found.cast(REASONS_TYPE)))


def _analysed(rows: DataFrame, system: list[str], raw: dict[str, Column], filled: tuple[Origin, ...]) -> DataFrame:
    try:
        return rows.select(*system, *(column.alias(name) for name, column in raw.items()))
    except AnalysisException as error:
        expressions = "; ".join(f"{o.path}: {o.mapping.sql}" for o in filled if o.mapping.sql is not None)
        raise ConfigurationError(
            f"the sql of a mapping to schema fields can't be analysed over the columns {', '.join(rows.columns)}: "
            f"{error.getCondition()}; look at {expressions}"
        ) from error


def _origin_column(columns: StructType, mapping: ColumnMapping) -> Column | None:
    if mapping.constant is not None:
        return F.lit(mapping.constant)
    if mapping.sql is not None:
        return F.expr(mapping.sql)
    assert mapping.from_ is not None
    found = source_column(columns, mapping.from_)
    return found[0] if found is not None else None


def _nested(field: Field, path: str, values: dict[str, Column]) -> Column:
    """A field out of its leaves; an object without any value is null, as it is in a record that lacks it."""
    if field.type != "object":
        return values.get(path, F.lit(None)).cast(spark_type(field))
    parts = {name: _nested(part, f"{path}.{name}", values) for name, part in field.fields.items()}
    return _object(parts)


def _object(parts: dict[str, Column]) -> Column:
    there = F.lit(False)
    for part in parts.values():
        there = there | part.isNotNull()
    return F.when(there, F.struct(*(part.alias(name) for name, part in parts.items())))


def _columns_of(mapping: ColumnMapping) -> Iterator[str]:
    if mapping.from_ is not None:
        yield mapping.from_
    elif mapping.sql is not None:
        for found in _SQL_NAME.findall(_SQL_TEXT.sub("''", mapping.sql)):
            yield found.replace("`", "")
