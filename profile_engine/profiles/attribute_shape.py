"""The shape in which a person's attributes are stored: objects as structs, maps as entries sorted by key.

Maps can't be compared in Spark, and what is merged into a table has to be. So a map is kept as
`array<struct<key, value>>` in the order of its keys (Arrow's own layout of a map); readers get a map back with
`map_from_entries`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DataType, MapType, StructField, StructType


@dataclass(frozen=True)
class Leaf:
    """One value of a person: a dotted path and its stored type. Arrays and maps are leaves, objects are descended."""

    path: str
    type: DataType

    @property
    def steps(self) -> list[str]:
        return self.path.split(".")


def leaves_of(attributes: StructType, above: str = "") -> tuple[Leaf, ...]:
    """All leaves of a struct type in the order of its fields."""
    found: list[Leaf] = []
    for member in attributes.fields:
        path = above + member.name
        if isinstance(member.dataType, StructType):
            found.extend(leaves_of(member.dataType, path + "."))
        else:
            found.append(Leaf(path, member.dataType))
    return tuple(found)


def stored_type(type_: DataType) -> DataType:
    """The type as tables keep it: every map, at any depth, as an array of entries; nothing is required."""
    if isinstance(type_, MapType):
        entry = [StructField("key", stored_type(type_.keyType)), StructField("value", stored_type(type_.valueType))]
        return ArrayType(StructType(entry))
    if isinstance(type_, ArrayType):
        return ArrayType(stored_type(type_.elementType))
    if isinstance(type_, StructType):
        return StructType([StructField(member.name, stored_type(member.dataType)) for member in type_.fields])
    return type_


def stored(column: Column, have: DataType, want: DataType) -> Column:
    """A column of type `have` in the stored shape of `want`; members that it does not have are null.

    `have` is a dataset's own type, `want` the union's: the union may have more members. A null object stays null.
    """
    if isinstance(want, StructType) and isinstance(have, StructType):
        members = [_member(column.getField, have, member).alias(member.name) for member in want.fields]
        return F.when(column.isNotNull(), F.struct(*members))
    if isinstance(want, MapType):
        return _entries(column, have, want)
    if isinstance(want, ArrayType) and isinstance(have, ArrayType):
        if have == stored_type(want):
            return column
        items = have.elementType
        return F.transform(column, lambda item: stored(item, items, want.elementType))
    return column if have == want else column.cast(stored_type(want))


def stored_columns(have: StructType, want: StructType) -> list[Column]:
    """The top-level fields of `want`, in its order and stored shape, over a frame whose schema is `have`."""
    return [_member(lambda name: F.col(f"`{name}`"), have, member).alias(member.name) for member in want.fields]


def value_at(leaf: Leaf) -> Column:
    """The value at a leaf of a frame in stored shape."""
    first, *rest = leaf.steps
    return reduce(lambda column, step: column.getField(step), rest, F.col(f"`{first}`"))


def nested(attributes: StructType, values: Mapping[str, Column], above: str = "") -> list[Column]:
    """Top-level columns of `attributes` put together from their leaf values; an object without any value is null."""
    columns: list[Column] = []
    for member in attributes.fields:
        path = above + member.name
        if isinstance(member.dataType, StructType):
            inside = leaves_of(member.dataType, path + ".")
            there = _any_of([values[leaf.path].isNotNull() for leaf in inside])
            whole = F.struct(*nested(member.dataType, values, path + "."))
            columns.append(F.when(there, whole).alias(member.name))
        else:
            columns.append(values[path].alias(member.name))
    return columns


def _member(at: Callable[[str], Column], have: StructType, member: StructField) -> Column:
    if member.name not in have.fieldNames():
        return F.lit(None).cast(stored_type(member.dataType))
    return stored(at(member.name), have[member.name].dataType, member.dataType)


def _entries(column: Column, have: DataType, want: MapType) -> Column:
    if isinstance(have, MapType):
        value, entries = have.valueType, F.map_entries(column)
    elif isinstance(have, ArrayType) and isinstance(have.elementType, StructType):
        value, entries = have.elementType["value"].dataType, column
    else:
        return column.cast(stored_type(want))

    def entry(item: Column) -> Column:
        return F.struct(
            item.getField("key").alias("key"), stored(item.getField("value"), value, want.valueType).alias("value")
        )

    return F.array_sort(F.transform(entries, entry))


def _any_of(conditions: Sequence[Column]) -> Column:
    return reduce(or_, conditions)
