"""Columns as they are handed over to Arrow batches: of nested values only what rules look at."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from profile_engine.rules.field_types import SCALAR_KINDS, item_type, kind_of, object_leaves
from profile_engine.rules.syntax import Attribute, EventField


def handed_over(column: Column, source: Attribute | EventField) -> Column:
    """As `arrow_type` says: of maps the keys, or the value under one; of objects in arrays the plain leaves by path; of
    other items that are no plain values only how many there are."""
    if source.key is not None:
        return value_under(column, source.key)
    kind = kind_of(source.type)
    if kind == "map":
        return keys_of(column)
    if kind != "array" or kind_of(item_type(source.type)) in SCALAR_KINDS:
        return column
    if kind_of(item_type(source.type)) != "object":
        return F.transform(column, lambda _: F.lit(None).cast("boolean"))
    leaves = object_leaves(item_type(source.type))
    return F.transform(
        column,
        lambda item: F.when(item.isNotNull(), F.struct(*(_leaf(item, path).alias(path) for path in leaves))),
    )


def value_under(entries: Column, key: str) -> Column:
    """The value under a key of a map as tables keep it, an array of key and value; null where there is none."""
    return F.get(F.filter(entries, lambda entry: entry["key"].eqNullSafe(F.lit(key))), F.lit(0))["value"]


def keys_of(entries: Column) -> Column:
    """The keys of such a map."""
    return F.transform(entries, lambda entry: entry["key"])


def _leaf(item: Column, path: str) -> Column:
    for step in path.split("."):
        item = item.getField(step)
    return item
