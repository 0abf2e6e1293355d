"""Text and typed columns become a field's type exactly, or not at all."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from profile_engine.datasets.conversion import converted
from profile_engine.schemas.fields import Field

FAILS = object()
AMSTERDAM = "Europe/Amsterdam"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


STRINGS = Field("a", "array", items=Field("item", "string"))
NUMBERS = Field("a", "array", items=Field("item", "integer"))
PRICES = Field("a", "map", values=Field("value", "decimal(6,2)"))
PEOPLE = Field(
    "a", "array",
    items=Field("item", "object", fields={"id": Field("id", "string"), "born": Field("born", "date")}),
)  # fmt: skip
CASES: list[tuple[Field, str | None, str | None, object]] = [
    (Field("x", "string"), None, "", None),
    (Field("x", "string"), None, " a ", " a "),
    (Field("x", "integer"), None, " 42 ", 42),
    (Field("x", "integer"), None, "-9223372036854775808", -(2**63)),
    (Field("x", "integer"), None, "9223372036854775808", FAILS),
    (Field("x", "integer"), None, "1.0", FAILS),
    (Field("x", "integer"), None, "1e3", FAILS),
    (Field("x", "double"), None, "1e-3", 0.001),
    (Field("x", "double"), None, ".5", 0.5),
    (Field("x", "double"), None, "NaN", FAILS),
    (Field("x", "double"), None, "1d", FAILS),
    (Field("x", "double"), None, "1e999", FAILS),
    (Field("x", "decimal(6,2)"), None, "1234.50", Decimal("1234.50")),
    (Field("x", "decimal(6,2)"), None, "1234.500", Decimal("1234.50")),
    (Field("x", "decimal(6,2)"), None, "1234.505", FAILS),
    (Field("x", "decimal(6,2)"), None, "12345.5", FAILS),
    (Field("x", "decimal(6,2)"), None, "1.25e2", Decimal("125.00")),
    (Field("x", "decimal(6,2)"), None, "1.25e-1", FAILS),
    (Field("x", "decimal(6,2)"), None, "1,5", FAILS),
    (Field("x", "boolean"), None, "TRUE", True),
    (Field("x", "boolean"), None, "1", FAILS),
    (Field("x", "date"), None, "2024-02-29", date(2024, 2, 29)),
    (Field("x", "date"), None, "2023-02-29", FAILS),
    (Field("x", "date"), None, "2023-2-1", FAILS),
    (Field("x", "date"), "dd/MM/yyyy", "31/12/2020", date(2020, 12, 31)),
    (Field("x", "date"), "dd/MM/yyyy", "12/31/2020", FAILS),
    (Field("x", "timestamp"), None, "2020-07-01T12:00:00Z", at("2020-07-01T12:00:00Z")),
    (Field("x", "timestamp"), None, "2020-07-01T12:00:00", at("2020-07-01T10:00:00Z")),
    (Field("x", "timestamp"), None, "2020-01-01 12:00", at("2020-01-01T11:00:00Z")),
    (Field("x", "timestamp"), None, "2020-01-01", at("2019-12-31T23:00:00Z")),
    (Field("x", "timestamp"), None, "2020-07-01T12:00:00.123456+02:00", at("2020-07-01T10:00:00.123456Z")),
    (Field("x", "timestamp"), None, "2020-07-01T12:00-05:00", at("2020-07-01T17:00:00Z")),
    (Field("x", "timestamp"), None, "2020-07-01T12:00:00 America/New_York", at("2020-07-01T16:00:00Z")),
    (Field("x", "timestamp"), None, "2020-03-29T02:30:00", at("2020-03-29T01:30:00Z")),
    (Field("x", "timestamp"), None, "2020-07-01T25:00:00Z", FAILS),
    (Field("x", "timestamp"), None, "yesterday", FAILS),
    (Field("x", "timestamp"), "dd.MM.yyyy HH:mm", "31.12.2020 10:00", at("2020-12-31T09:00:00Z")),
    (Field("x", "timestamp"), "dd.MM.yyyy HH:mm XXX", "31.12.2020 10:00 -01:00", at("2020-12-31T11:00:00Z")),
    (STRINGS, None, '["a", "b", null, 1]', ["a", "b", None, "1"]),
    (STRINGS, None, "[]", []),
    (STRINGS, None, '{"a": 1}', FAILS),
    (STRINGS, None, "a,b", FAILS),
    (STRINGS, None, '["a"', FAILS),
    (NUMBERS, None, "[1, 2]", [1, 2]),
    (NUMBERS, None, '[1, "two"]', FAILS),
    (PRICES, None, '{"a": 1.5, "b": "2.25"}', {"a": Decimal("1.50"), "b": Decimal("2.25")}),
    (PRICES, None, '{"a": 1.555}', FAILS),
    (PEOPLE, None, '[{"id": "p", "born": "2000-01-31"}, {"id": 7}]', [("p", date(2000, 1, 31)), ("7", None)]),
    (PEOPLE, None, '[{"id": "p", "born": "31/01/2000"}]', FAILS),
]  # fmt: skip


def test_text_is_read_by_the_type_of_its_field(spark: SparkSession) -> None:
    # given one row that holds the text of every case in a column of its own
    rows = spark.createDataFrame([tuple(text for _, _, text, _ in CASES)], [f"c{n}" for n in range(len(CASES))])
    # when each is read by its field's type
    made = [
        converted(F.col(f"c{n}"), rows.schema[f"c{n}"].dataType, field, AMSTERDAM, pattern)
        for n, (field, pattern, _, _) in enumerate(CASES)
    ]
    columns = [
        F.struct(each.value.alias("value"), each.failed.alias("failed")).alias(f"c{n}") for n, each in enumerate(made)
    ]
    row = rows.select(*columns).collect()[0]
    # then it is exactly the value, or has failed
    found = [
        (field.type, text, FAILS if cell.failed else _plain(cell.value))
        for (field, _, text, _), cell in zip(CASES, row, strict=True)
    ]
    assert found == [(field.type, text, expected) for field, _, text, expected in CASES]


def test_typed_columns_are_kept_where_nothing_is_lost(spark: SparkSession) -> None:
    cases: list[tuple[str, str, object]] = [
        ("cast(7 as int)", "integer", 7),
        ("cast(0.1 as float)", "double", 0.1),
        ("cast(0.1 as double)", "decimal(6,2)", Decimal("0.10")),
        ("cast(0.125 as double)", "decimal(6,2)", FAILS),
        ("cast(1.250 as decimal(10,3))", "decimal(6,2)", Decimal("1.25")),
        ("cast(1.255 as decimal(10,3))", "decimal(6,2)", FAILS),
        ("cast(12 as bigint)", "string", "12"),
        ("timestamp_ntz'2020-07-01 12:00:00'", "timestamp", at("2020-07-01T10:00:00Z")),
        ("date'2020-07-01'", "timestamp", at("2020-06-30T22:00:00Z")),
        ("timestamp'2020-07-01T12:00:00Z'", "date", FAILS),
        ("array(1, 2)", "string", "[1,2]"),
        ("cast('é' as binary)", "string", "é"),
        ("X'FF'", "string", FAILS),
        ("cast(3.5 as double)", "integer", FAILS),
        ("true", "boolean", True),
        ("cast(null as double)", "integer", None),
    ]
    rows = spark.range(1).selectExpr(*(f"{sql} as c{n}" for n, (sql, _, _) in enumerate(cases)))
    made = [
        converted(F.col(f"c{n}"), rows.schema[f"c{n}"].dataType, Field("x", kind), AMSTERDAM)
        for n, (_, kind, _) in enumerate(cases)
    ]
    columns = [
        F.struct(each.value.alias("value"), each.failed.alias("failed")).alias(f"c{n}") for n, each in enumerate(made)
    ]
    row = rows.select(*columns).collect()[0]
    found = [(sql, FAILS if cell.failed else _plain(cell.value)) for (sql, _, _), cell in zip(cases, row, strict=True)]
    assert found == [(sql, expected) for sql, _, expected in cases]


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, list):
        return [tuple(item) if isinstance(item, tuple) else item for item in value]
    return value
