"""Whether a frame fits its table: same columns, same types; nullability does not count."""

from __future__ import annotations

from functools import cache

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DataType, MapType, StructField, StructType

from profile_engine.errors import LakeError
from profile_engine.lake.tables import TableEntry


class FrameMisfit(LakeError):
    """A frame was about to be written that is not what its table holds; each problem names both sides."""

    def __init__(self, table: str, problems: list[str]) -> None:
        self.table, self.problems = table, tuple(problems)
        super().__init__(
            f"the frame does not fit table {table}: {'; '.join(problems)}; change the frame, or the table's entry in "
            "profile_engine/lake/tables.py"
        )


@cache
def declared_columns(entry_columns: str) -> StructType:
    """The columns of a table's entry; needs a session, as Spark itself reads the DDL."""
    columns = StructType.fromDDL(entry_columns)
    assert isinstance(columns, StructType)
    return columns


def fitted(rows: DataFrame, entry: TableEntry, stored: StructType | None) -> DataFrame:
    """The frame with the table's columns in the table's order; raises FrameMisfit.

    `stored` is the table's schema, None before its first write. Columns that the entry declares must all be there. In a
    table with open columns a column more is added to the table, and one that the project no longer has becomes null
    (members of structs likewise); in any other table a column more is refused.
    """
    given = {field.name: field for field in rows.schema.fields}
    declared = {field.name: field for field in declared_columns(entry.columns).fields}
    known = {field.name: field for field in stored.fields} if stored is not None else {}
    problems = []
    for name, field in declared.items():
        if name not in given:
            problems.append(
                f"column {name} ({field.dataType.simpleString()}) is missing, the frame has {', '.join(given)}"
            )
        elif nullable(given[name].dataType) != nullable(field.dataType):
            problems.append(_other_type(name, given[name].dataType, field.dataType))
    for name, field in given.items():
        if name in declared:
            continue
        if not entry.open_columns:
            problems.append(
                f"column {name} ({field.dataType.simpleString()}) is not in the table, which has {', '.join(declared)}"
            )
        elif name in known and merged_type(known[name].dataType, field.dataType) is None:
            problems.append(_other_type(name, field.dataType, known[name].dataType))
    if problems:
        raise FrameMisfit(entry.name, problems)
    if not entry.open_columns:
        return rows.select(*declared)
    return rows.select(*_open_columns(rows, known))


def with_declared_columns(rows: DataFrame, entry: TableEntry) -> DataFrame:
    """Stored rows with every column that the entry declares: one that it has gained since they were written is null.

    The table itself gains it by the next write (`widens`), so that an entry may grow without a step of migration.
    """
    there = set(rows.columns)
    missing = [field for field in declared_columns(entry.columns).fields if field.name not in there]
    return rows.withColumns({f.name: F.lit(None).cast(f.dataType) for f in missing}) if missing else rows


def _open_columns(rows: DataFrame, known: dict[str, StructField]) -> list[Column]:
    given = {field.name: field.dataType for field in rows.schema.fields}
    columns = []
    for name in [*known, *(name for name in given if name not in known)]:
        if name not in given:
            columns.append(F.lit(None).cast(known[name].dataType).alias(name))
        elif name not in known or nullable(given[name]) == nullable(known[name].dataType):
            columns.append(F.col(f"`{name}`"))
        else:
            wanted = merged_type(known[name].dataType, given[name])
            assert wanted is not None
            columns.append(_shaped(F.col(f"`{name}`"), given[name], wanted).alias(name))
    return columns


def widens(rows: StructType, stored: StructType) -> bool:
    """Whether writing rows of this shape adds columns or members to the table."""
    return nullable(rows) != nullable(stored)


def nullable(kind: DataType) -> DataType:
    """The type with everything in it nullable and without metadata, so that types compare by what they hold."""
    if isinstance(kind, StructType):
        return StructType([StructField(field.name, nullable(field.dataType), True) for field in kind.fields])
    if isinstance(kind, ArrayType):
        return ArrayType(nullable(kind.elementType), True)
    if isinstance(kind, MapType):
        return MapType(nullable(kind.keyType), nullable(kind.valueType), True)
    return kind


def merged_type(stored: DataType, given: DataType) -> DataType | None:
    """The type that holds both (structs take the members of both), or None where they can't be one."""
    stored, given = nullable(stored), nullable(given)
    if stored == given:
        return stored
    if isinstance(stored, ArrayType) and isinstance(given, ArrayType):
        element = merged_type(stored.elementType, given.elementType)
        return None if element is None else ArrayType(element, True)
    if not (isinstance(stored, StructType) and isinstance(given, StructType)):
        return None
    members = {field.name: field.dataType for field in stored.fields}
    for field in given.fields:
        member = merged_type(members[field.name], field.dataType) if field.name in members else nullable(field.dataType)
        if member is None:
            return None
        members[field.name] = member
    return StructType([StructField(name, kind, True) for name, kind in members.items()])


def _shaped(column: Column, given: DataType, wanted: DataType) -> Column:
    if nullable(given) == wanted:
        return column
    if isinstance(given, ArrayType) and isinstance(wanted, ArrayType):
        element_given, element_wanted = given.elementType, wanted.elementType
        return F.transform(column, lambda element: _shaped(element, element_given, element_wanted))
    assert isinstance(given, StructType)
    assert isinstance(wanted, StructType)
    members = {field.name: field.dataType for field in given.fields}
    parts = [
        (
            _shaped(column.getField(field.name), members[field.name], field.dataType)
            if field.name in members
            else F.lit(None).cast(field.dataType)
        ).alias(field.name)
        for field in wanted.fields
    ]
    return F.when(column.isNotNull(), F.struct(*parts))


def _other_type(name: str, given: DataType, wanted: DataType) -> str:
    return f"column {name} is {given.simpleString()} in the frame and {wanted.simpleString()} in the table"
