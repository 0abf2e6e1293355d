"""What a schema asks of its values: required, one of, pattern, bounds, length and format, with all reasons of a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from profile_engine.datasets.mapping import WRONG
from profile_engine.datasets.reasons import REASONS_TYPE, reason, reasons
from profile_engine.datasets.source_rows import PROBLEM
from profile_engine.schemas.fields import Field
from profile_engine.schemas.patterns import java_pattern
from profile_engine.schemas.schema import Schema
from profile_engine.schemas.spark_types import spark_type

REASONS = "__reasons"
_FORMATS = {
    "email": r"\A[^@\s]+@[^@\s]+\.[^@\s.]+\z",
    "phone": r"\A\+?[0-9 ()./-]{5,25}\z",
    "uri": r"\A[A-Za-z][A-Za-z0-9+.-]*:\S+\z",
    "uuid": r"\A[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\z",
}


@dataclass(frozen=True)
class Check:
    """A test of one field: `fails` gives true for a value (never null) that must not be."""

    path: str
    code: str
    message: str
    fails: Callable[[Column], Column]


def judged_rows(rows: DataFrame, schema: Schema) -> DataFrame:
    """Mapped rows with REASONS: everything that is wrong with a row; empty for one that may land.

    A record that can't be read at all has that one reason. A value of a wrong type is not also called missing.
    """
    found = [
        reason(check.fails(F.col(f"`{name}`")), check.code, check.path, check.message)
        for name, field in schema.fields.items()
        for check in _checks(field, name)
    ]
    found += [_missing(schema, path, field) for path, field in _required(schema)]
    if schema.event_type_field is not None:
        unknown = ~F.col(schema.event_type_field).isin(list(schema.event_types))
        found.append(
            reason(unknown, "unknown_value", schema.event_type_field, "not one of the event types of the schema")
        )
    everything = F.array_distinct(F.concat(F.col(WRONG), reasons(found).cast(REASONS_TYPE)))
    problem = F.struct(
        F.col(f"{PROBLEM}.code").alias("code"), F.lit("").alias("path"), F.col(f"{PROBLEM}.message").alias("message")
    )
    judged = F.when(F.col(PROBLEM).isNotNull(), F.array(problem).cast(REASONS_TYPE)).otherwise(everything)
    return rows.select(*(f"`{name}`" for name in rows.columns if name not in (PROBLEM, WRONG)), judged.alias(REASONS))


def _required(schema: Schema) -> Iterator[tuple[str, Field]]:
    of_event = {schema.occurred_at, schema.event_id, schema.event_type_field} - {None}
    yield from _required_in(schema.fields, "", of_event)


def _required_in(fields: Mapping[str, Field], prefix: str, also: set[str | None]) -> Iterator[tuple[str, Field]]:
    for name, field in fields.items():
        path = prefix + name
        if field.required or path in also:
            yield path, field
        yield from _required_in(field.fields, f"{path}.", also)


def _missing(schema: Schema, path: str, field: Field) -> Column:
    """A required part of an object is asked for where the object is there."""
    missing = F.col(path).isNull()
    parent = path.rpartition(".")[0]
    if parent and path not in {schema.occurred_at, schema.event_id, schema.event_type_field}:
        missing = missing & F.col(parent).isNotNull()
    unreadable = F.exists(F.col(WRONG), lambda wrong: wrong["path"] == path)
    return reason(missing & ~unreadable, "missing_required", path, "a required field is missing")


def _checks(field: Field, path: str) -> Iterator[Check]:
    yield from _own_checks(field, path)
    if field.type == "object":
        for name, part in field.fields.items():
            for check in _checks(part, f"{path}.{name}"):
                yield _inside(check, lambda value, name=name: value.getField(name))  # type: ignore[misc]
    for inner, of in ((field.items, lambda value: value), (field.values, F.map_values)):
        if inner is not None:
            for check in _checks(inner, f"{path}[]"):
                yield _of_items(check, of)


def _inside(check: Check, part: Callable[[Column], Column]) -> Check:
    return Check(check.path, check.code, check.message, lambda value: check.fails(part(value)))


def _of_items(check: Check, items: Callable[[Column], Column]) -> Check:
    def fails(value: Column) -> Column:
        return F.exists(items(value), lambda item: F.coalesce(check.fails(item), F.lit(False)))

    return Check(check.path, check.code, check.message, fails)


def _own_checks(field: Field, path: str) -> Iterator[Check]:
    if field.one_of is not None:
        allowed = [F.lit(text).cast(spark_type(field)) for text in field.one_of]
        yield Check(path, "unknown_value", "not one of the values that the schema lists", lambda v: ~v.isin(*allowed))
    if field.pattern is not None:
        pattern = java_pattern(rf"^(?:{field.pattern})$")
        yield Check(path, "pattern", "does not match the pattern of the field", lambda v: ~v.rlike(pattern))
    if field.at_least is not None:
        least = F.lit(field.at_least).cast(spark_type(field))
        yield Check(path, "out_of_range", f"below {field.at_least}", lambda v: v < least)
    if field.at_most is not None:
        most = F.lit(field.at_most).cast(spark_type(field))
        yield Check(path, "out_of_range", f"above {field.at_most}", lambda v: v > most)
    if field.length is not None:
        size = F.size if field.type in ("array", "map") else F.char_length
        least_length, most_length = field.length.get("at_least"), field.length.get("at_most")
        if least_length is not None:
            yield Check(path, "length", f"shorter than {least_length}", lambda v: size(v) < least_length)
        if most_length is not None:
            yield Check(path, "length", f"longer than {most_length}", lambda v: size(v) > most_length)
    if field.format is not None:
        shape = _FORMATS[field.format]
        yield Check(path, "format", f"not in the form of {field.format}", lambda v: ~v.rlike(shape))
