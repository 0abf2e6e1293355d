"""People, events and rules of tests: small unions, and tables as an evaluation gets them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyarrow as pa

from profile_engine.config.problems import Problems
from profile_engine.config.yaml_document import parse_yaml
from profile_engine.rules.arrow_columns import arrow_type
from profile_engine.rules.explain import value_at
from profile_engine.rules.fields import sources
from profile_engine.rules.parse import parse_condition
from profile_engine.rules.scope import Scope
from profile_engine.rules.syntax import Attribute, Condition, EventField
from profile_engine.schemas.fields import Field
from profile_engine.schemas.union_schema import UnionSchema
from tests.support.oracle_tests import at_path

ATTRIBUTES = UnionSchema("record", {
    field.name: field
    for field in (
        Field("name", "string"), Field("age", "integer"), Field("score", "double"), Field("balance", "decimal(12,2)"),
        Field("big", "decimal(30,4)"), Field("vip", "boolean"), Field("born", "date"), Field("seen_at", "timestamp"),
        Field("tags", "array", items=Field("item", "string")), Field("codes", "array", items=Field("item", "integer")),
        Field("address", "object", fields={"country": Field("country", "string"), "city": Field("city", "string")}),
        Field("all", "string"), Field("limits", "map", values=Field("value", "integer")),
        Field("cards", "array", items=Field("item", "object", fields={"kind": Field("kind", "string"), "points": Field("points", "integer")})),
        Field("joined_at", "timestamp"), Field("days", "array", items=Field("item", "date")),
    )
})  # fmt: skip
EVENTS = UnionSchema("event", {
    field.name: field
    for field in (
        Field("category", "string"), Field("amount", "decimal(12,2)"), Field("weight", "double"), Field("pieces", "integer"),
        Field("gift", "boolean"), Field("due", "date"), Field("shipped_at", "timestamp"),
        Field("labels", "array", items=Field("item", "string")),
        Field("products", "array", items=Field("item", "object", fields={"sku": Field("sku", "string"), "price": Field("price", "decimal(12,2)")})),
        Field("shop", "object", fields={"city": Field("city", "string")}),
        Field("days", "array", items=Field("item", "date")),
    )
}, frozenset({"order", "visit", "refund"}))  # fmt: skip
EVENT_COLUMNS = {path: field.type for path, field in EVENTS.leaf_paths().items()}


def scope(*segments: str, time_zone: str = "UTC") -> Scope:
    return Scope(ATTRIBUTES, EVENTS, frozenset(segments), time_zone)


def parsed(text: str, *segments: str, time_zone: str = "UTC") -> Condition:
    """The condition of a YAML text that has no problem."""
    problems = Problems()
    node = parse_yaml(text, "rule.yaml", problems)
    assert node is not None
    condition = parse_condition(node, scope(*segments, time_zone=time_zone), problems)
    problems.raise_if_any()
    assert condition is not None
    return condition


def problems_of(text: str, *segments: str) -> list[tuple[str, int, int, str]]:
    """(code, line, column, message with hint) of every problem of a YAML text."""
    problems = Problems()
    node = parse_yaml(text, "rule.yaml", problems)
    if node is not None:
        parse_condition(node, scope(*segments), problems)
    return [
        (found.code, found.position.line, found.position.column, f"{found.message}; {found.hint}")
        for found in problems.errors
    ]


def tables(
    conditions: list[Condition], profiles: list[dict[str, Any]], people_events: list[list[dict[str, Any]]]
) -> tuple[pa.Table, pa.Table]:
    """Profiles and events with the columns that the conditions read; people are p0, p1 .. in order."""
    read = {source for condition in conditions for source in sources(condition)}
    attributes = {source for source in read if isinstance(source, Attribute)}
    fields = {source for source in read if isinstance(source, EventField) and source.path != "occurred_at"}
    people = pa.table({
        "profile_id": pa.array([f"p{number}" for number in range(len(profiles))], pa.string()),
        **{one.column: pa.array([value_at(at_path(profile, one.path), one) for profile in profiles], arrow_type(one.type)) for one in attributes},
    })  # fmt: skip
    rows = [(f"p{number}", event) for number, events in enumerate(people_events) for event in events]
    events = pa.table({
        "profile_id": pa.array([person for person, _ in rows], pa.string()),
        "event_type": pa.array([event["event_type"] for _, event in rows], pa.string()),
        "occurred_at": pa.array([event["occurred_at"] for _, event in rows], pa.timestamp("us", "UTC")),
        **{f"fields.{one.column}": pa.array([value_at(event.get(one.path), one) for _, event in rows], arrow_type(one.type)) for one in fields},
    })  # fmt: skip
    return people, events


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)
