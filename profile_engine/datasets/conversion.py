"""From a source's column to a field's type, exactly or with a reason: nothing is rounded, cut off or guessed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.types import (
    ArrayType,
    BinaryType,
    ByteType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    MapType,
    ShortType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
)

from profile_engine.schemas.fields import Field
from profile_engine.schemas.spark_types import decimal_of, spark_type

_WHOLE = (ByteType, ShortType, IntegerType, LongType)
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_DATE = r"^\d{4}-\d{2}-\d{2}$"
_TIME = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?)?$"
_ZONE = r"(Z|[+-]\d{2}:?\d{2}|[+-]\d{2}|[A-Za-z]+(/[A-Za-z_]+)+)$"
_ZONE_LETTERS = frozenset("VzOXxZ")


@dataclass(frozen=True)
class Converted:
    """`value` in the field's type (null where it can't be), and whether there was something that could not be."""

    value: Column
    failed: Column


def converted(
    column: Column, given: DataType, field: Field, time_zone: str, date_format: str | None = None
) -> Converted:
    """A column of a source as a field's type.

    given        the column's own type; text is read by the field's type, other types are kept where they hold the same
    time_zone    of times that carry none
    date_format  pattern of dates and times in Spark's letters; without it ISO 8601
    """
    wanted = spark_type(field)
    if isinstance(given, StringType):
        text = column if field.type == "string" else F.btrim(column)
        text = F.nullif(text, F.lit(""))
        value = _of_text(text, field, time_zone, date_format)
        return Converted(value, text.isNotNull() & value.isNull() if field.type != "string" else F.lit(False))
    if given == wanted:
        return Converted(column, F.lit(False))
    kept = _same_value(column, given, field, time_zone)
    if kept is not None:
        return Converted(kept, column.isNotNull() & kept.isNull())
    text = _as_text(column, given)
    value = _of_text(F.nullif(text, F.lit("")), field, time_zone, date_format)
    return Converted(value, column.isNotNull() & value.isNull() & (F.coalesce(text, F.lit("?")) != ""))


def type_in_words(field: Field) -> str:
    """How a message names the type: 'a decimal(12,2)', 'an integer'."""
    return f"{'an' if field.type[0] in 'aeio' else 'a'} {field.whole_type}"


def _of_text(text: Column, field: Field, time_zone: str, date_format: str | None) -> Column:
    """Null for what is not a value of the type."""
    if field.type == "decimal" or field.is_decimal:
        return _decimal(text, *decimal_of(field.type))
    if field.type in ("array", "map", "object"):
        return _of_json(text, field, time_zone, date_format)
    if field.type == "date":
        return _date(text, date_format)
    if field.type == "timestamp":
        return _timestamp(text, time_zone, date_format)
    return _SCALARS[field.type](text)


def _integer(text: Column) -> Column:
    return F.when(text.rlike(r"^[+-]?\d+$"), text.try_cast("bigint"))


def _double(text: Column) -> Column:
    # Java would also take '1d', 'NaN' and hexadecimal numbers
    value = text.try_cast("double")
    return F.when(text.rlike(_NUMBER) & (F.abs(value) < float("inf")), value)


def _boolean(text: Column) -> Column:
    return F.when(F.lower(text) == "true", F.lit(True)).when(F.lower(text) == "false", F.lit(False))


_SCALARS: dict[str, Callable[[Column], Column]] = {
    "string": lambda text: text,
    "integer": _integer,
    "double": _double,
    "boolean": _boolean,
}


def _decimal(text: Column, precision: int, scale: int) -> Column:
    # a cast rounds, so the digits after the point are counted first: those of the mantissa less the exponent
    digits = F.length(F.regexp_extract(text, r"\.(\d*?)0*(?:[eE]|$)", 1))
    exponent = F.coalesce(F.regexp_extract(text, r"[eE]([+-]?\d+)$", 1).try_cast("int"), F.lit(0))
    return F.when(text.rlike(_NUMBER) & (digits - exponent <= scale), text.try_cast(f"decimal({precision},{scale})"))


def _date(text: Column, date_format: str | None) -> Column:
    if date_format is not None:
        return F.try_to_timestamp(text, F.lit(date_format)).cast("date")
    return F.when(text.rlike(_DATE), text.try_cast("date"))


def _timestamp(text: Column, time_zone: str, date_format: str | None) -> Column:
    if date_format is not None:
        letters = set("".join(date_format.split("'")[::2]))
        if letters & _ZONE_LETTERS:
            return F.try_to_timestamp(text, F.lit(date_format))
        return F.try_to_timestamp(F.concat(text, F.lit(f" {time_zone}")), F.lit(f"{date_format} VV"))
    zone = F.regexp_extract(text, r"[T ]\d{2}:.*?" + _ZONE, 1)
    bare = F.btrim(F.substr(text, F.lit(1), F.length(text) - F.length(zone)))
    # Spark reads a zone only after seconds
    whole = (
        F.when(F.length(bare) == 10, F.concat(bare, F.lit("T00:00:00")))
        .when(F.length(bare) == 16, F.concat(bare, F.lit(":00")))
        .otherwise(F.translate(bare, ",", "."))
    )
    with_zone = F.concat(whole, F.lit(" "), F.coalesce(F.nullif(zone, F.lit("")), F.lit(time_zone)))
    return F.when(bare.rlike(_TIME), with_zone.try_cast("timestamp"))


def _of_json(text: Column, field: Field, time_zone: str, date_format: str | None) -> Column:
    """An array, map or object out of its JSON; null as a whole when any part is not of its type."""
    parsed = F.from_json(text, _all_text(field).simpleString(), {"allowSingleQuotes": "false", "mode": "PERMISSIVE"})
    # from_json makes an object of nulls out of anything, so what the text starts with is looked at as well
    opened = text.startswith("[" if field.type == "array" else "{")
    parts, failed = _parts(parsed, field, time_zone, date_format)
    return F.when(opened & ~F.coalesce(failed, F.lit(True)), parts)


def _all_text(field: Field) -> DataType:
    if field.type == "array" and field.items is not None:
        return ArrayType(_all_text(field.items))
    if field.type == "map" and field.values is not None:
        return MapType(StringType(), _all_text(field.values))
    if field.type == "object":
        struct = StructType()
        for name, part in field.fields.items():
            struct = struct.add(name, _all_text(part))
        return struct
    return StringType()


def _parts(column: Column, field: Field, time_zone: str, date_format: str | None) -> tuple[Column, Column]:
    """A column of the shape of `_all_text` in the field's own types, and whether any part could not be read."""
    if field.type == "array" and field.items is not None:
        items = field.items
        values = F.transform(column, lambda item: _parts(item, items, time_zone, date_format)[0])
        failed = F.exists(column, lambda item: F.coalesce(_parts(item, items, time_zone, date_format)[1], F.lit(False)))
        return values, failed
    if field.type == "map" and field.values is not None:
        inner = field.values
        values = F.transform_values(column, lambda _, value: _parts(value, inner, time_zone, date_format)[0])
        failed = F.exists(
            F.map_values(column),
            lambda value: F.coalesce(_parts(value, inner, time_zone, date_format)[1], F.lit(False)),
        )
        return values, failed
    if field.type == "object":
        made = {
            name: _parts(column.getField(name), part, time_zone, date_format) for name, part in field.fields.items()
        }
        struct = F.struct(*(value.alias(name) for name, (value, _) in made.items()))
        any_failed = F.lit(False)
        for _, part_failed in made.values():
            any_failed = any_failed | F.coalesce(part_failed, F.lit(False))
        return F.when(column.isNotNull(), struct), any_failed
    text = F.nullif(column, F.lit("")) if field.type == "string" else F.nullif(F.btrim(column), F.lit(""))
    value = _of_text(text, field, time_zone, date_format)
    return value, text.isNotNull() & value.isNull()


def _same_value(column: Column, given: DataType, field: Field, time_zone: str) -> Column | None:
    """A typed column in the field's type where that loses nothing (null where it would); None for types that differ in kind."""
    if field.type == "integer" and isinstance(given, _WHOLE):
        return column.cast("bigint")
    if field.type == "double" and isinstance(given, (FloatType, DoubleType, *_WHOLE)):
        # a float's own digits, not those of its binary neighbour in 64 bits
        return (column.cast("string") if isinstance(given, FloatType) else column).try_cast("double")
    if field.is_decimal and isinstance(given, (DecimalType, *_WHOLE)):
        exact = column.try_cast(spark_type(field))
        return F.when(exact == column, exact)
    if field.type == "timestamp" and isinstance(given, TimestampNTZType):
        return F.concat(column.cast("string"), F.lit(f" {time_zone}")).try_cast("timestamp")
    if field.type == "timestamp" and isinstance(given, DateType):
        return F.concat(column.cast("string"), F.lit(f" 00:00:00 {time_zone}")).try_cast("timestamp")
    return None


def _as_text(column: Column, given: DataType) -> Column:
    """A typed column as the text that its values would have in a file."""
    if isinstance(given, (ArrayType, MapType, StructType)):
        return F.to_json(column, {"timestampFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX"})
    if isinstance(given, BinaryType):
        return F.try_validate_utf8(column.cast("string"))
    if isinstance(given, TimestampType):
        return F.date_format(column, "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX")
    return column.cast("string")
