"""Which columns a mapping asks for, and which headers it refuses. No Spark."""

from __future__ import annotations

from profile_engine.datasets.config import SourceConfig
from profile_engine.datasets.mapping import header_problem, origins, wanted_columns
from profile_engine.schemas.fields import Field
from profile_engine.schemas.schema import Schema

SCHEMA = Schema(
    "customer", "record",
    {
        "id": Field("id", "string", required=True),
        "mail": Field("mail", "string"),
        "address": Field("address", "object", fields={"city": Field("city", "string")}),
    },
)  # fmt: skip


def source(**settings: object) -> SourceConfig:
    return SourceConfig.model_validate({"files": "*", "format": "csv", "mode": "append", **settings})


def test_a_mapping_names_columns_also_in_sql() -> None:
    sql = "CASE WHEN `First Name` LIKE 'not a column' THEN upper(device.kind) ELSE \"x\" END"
    filled = origins(SCHEMA, source(mapping={"mail": {"sql": sql}, "address.city": "City"}))
    wanted = wanted_columns(filled)
    assert {"id", "First Name", "device.kind", "City"} <= wanted
    assert not {"not", "a", "column", "upper", "x", "mail"} & wanted
    assert [(origin.path, origin.by_name) for origin in filled] == [
        ("id", True),
        ("mail", False),
        ("address.city", False),
    ]
    assert [o.path for o in origins(SCHEMA, source(unmapped="drop", mapping={"mail": "m"}))] == ["mail"]


def test_headers_are_refused_for_what_is_missing_or_too_much() -> None:
    def wrong(columns: str, **settings: object) -> str | None:
        given = source(**settings)
        return header_problem(tuple(columns.split()), origins(SCHEMA, given), given)

    assert wrong("id mail other") is None
    assert wrong("ID address") is None
    assert wrong("id address.city", mapping={"mail": {"constant": "x"}}) is None
    assert wrong("mail other") == "columns are missing: id; the file has mail, other"
    assert wrong("id", mapping={"mail": "Email", "address.city": "City"}).startswith("columns are missing: Email, City")  # type: ignore[union-attr]
    assert wrong("x", mapping={"id": {"constant": "1"}}) == "no column is named like a field; the file has x"
    assert wrong("id mail x", unmapped="refuse") == (
        "columns are not expected: x; map them, or say what to do with 'unmapped'"
    )
