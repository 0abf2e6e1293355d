"""Schemas with their field groups, their leaves and identities, and the union of a class."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profile_engine.schemas.config import FieldConfig, FieldGroupConfig, SchemaConfig
from profile_engine.schemas.fields import Field, misfit
from profile_engine.schemas.schema import IdentityPath, Schema, combined_fields
from profile_engine.schemas.union_schema import union_of

CONTACT = FieldGroupConfig.model_validate(
    {
        "fields": {
            "email": {"type": "string", "identity": {"namespace": "email"}},
            "address": {"type": "object", "fields": {"city": {"type": "string"}}},
        }
    }
)
CUSTOMER = {
    "class": "record",
    "includes": ["contact"],
    "fields": {
        "crm_id": {"type": "string", "identity": {"namespace": "crm_id", "primary": True}},
        "address": {"type": "object", "fields": {"country": {"type": "string", "pattern": "[A-Z]{2}"}}},
        "interests": {"type": "array", "items": {"type": "string"}},
        "ids": {"type": "map", "values": {"type": "array", "items": {"type": "string"}}},
        "spent": {"type": "decimal(10, 2)", "required": True, "at_least": "0"},
    },
    "profile": "enabled",
}


def schema(name: str = "customer", **changes: object) -> Schema:
    return Schema.of(name, SchemaConfig.model_validate({**CUSTOMER, **changes}), {"contact": CONTACT})


def record(name: str, fields: dict[str, object]) -> Schema:
    return Schema.of(name, SchemaConfig.model_validate({"class": "record", "fields": fields, "profile": "enabled"}), {})


def test_groups_and_own_fields_are_united_part_by_part() -> None:
    customer = schema()
    assert list(customer.leaf_paths()) == [
        "email", "address.city", "address.country", "crm_id", "interests", "ids", "spent",
    ]  # fmt: skip
    assert customer.leaf_paths()["address.country"].pattern == "[A-Z]{2}"
    assert customer.field("address").type == "object"  # type: ignore[union-attr]
    assert customer.field("address.street") is None
    assert customer.field("interests.item") is None


def test_identities_are_found_in_objects_too() -> None:
    customer = schema()
    assert customer.identities == (IdentityPath("email", "email", False), IdentityPath("crm_id", "crm_id", True))
    assert customer.primary == IdentityPath("crm_id", "crm_id", True)


def test_types_are_told_whole() -> None:
    leaves = schema().leaf_paths()
    assert leaves["ids"].whole_type == "map<string,array<string>>"
    assert leaves["spent"].type == "decimal(10,2)"


def test_a_schema_may_say_more_about_a_field_of_its_group_but_not_another_type() -> None:
    more = {"email": {"type": "string", "required": True}}
    fields, conflicts = combined_fields(SchemaConfig.model_validate({**CUSTOMER, "fields": more}), {"contact": CONTACT})
    assert conflicts == []
    assert fields["email"].required

    other = {"address": {"type": "object", "fields": {"city": {"type": "integer"}}}}
    _, conflicts = combined_fields(SchemaConfig.model_validate({**CUSTOMER, "fields": other}), {"contact": CONTACT})
    assert [(each.path, each.first_part, each.part) for each in conflicts] == [("address.city", "contact", "")]


def test_event_schemas_know_their_types() -> None:
    event = {
        "class": "event",
        "occurred_at": "ts",
        "event_id": {"generated": "row"},
        "fields": {"ts": {"type": "timestamp"}},
    }
    constant = Schema.of("o", SchemaConfig.model_validate({**event, "event_type": {"constant": "order"}}), {})
    listed = SchemaConfig.model_validate({**event, "event_type": {"field": "t"}, "event_types": ["a", "b"]})
    assert constant.event_types == ("order",)
    assert constant.event_id is None
    assert Schema.of("w", listed, {}).event_types == ("a", "b")


def test_the_union_has_every_field_of_every_enabled_schema_and_no_constraint() -> None:
    card = record(
        "card",
        {
            "address": {"type": "object", "fields": {"zip": {"type": "string"}}},
            "tier": {"type": "string", "one_of": ["a", "b"]},
        },
    )
    other = record("other", {"tier": {"type": "string", "one_of": ["b", "c"]}})
    hidden = schema("hidden", profile="disabled", fields={"secret": {"type": "string"}})
    union, retypes = union_of("record", [schema(), card, other, hidden])
    assert retypes == []
    assert "secret" not in union.leaf_paths()
    assert set(union.field("address").fields) == {"city", "country", "zip"}  # type: ignore[union-attr]
    assert union.leaf("address") is None
    assert union.leaf("address.country").pattern is None  # type: ignore[union-attr]
    assert not union.leaf("spent").required  # type: ignore[union-attr]
    assert union.leaf("tier").one_of == ("a", "b", "c")  # type: ignore[union-attr]
    assert union.leaf("email").identity is not None  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"type": "string"}, {"type": "integer"}),
        ({"type": "decimal(10,2)"}, {"type": "decimal(12,2)"}),
        ({"type": "object", "fields": {"a": {"type": "string"}}}, {"type": "string"}),
        ({"type": "array", "items": {"type": "string"}}, {"type": "array", "items": {"type": "integer"}}),
        (
            {"type": "object", "fields": {"a": {"type": "string"}}},
            {"type": "object", "fields": {"a": {"type": "date"}}},
        ),
    ],
)
def test_a_retype_is_found_at_its_path(first: dict[str, object], second: dict[str, object]) -> None:
    _, retypes = union_of("record", [record("one", {"x": first}), record("two", {"x": second})])
    assert [(each.path.split(".")[0], each.first_schema, each.schema) for each in retypes] == [("x", "one", "two")]


TYPES = st.sampled_from(["string", "integer", "date", "decimal(9,2)"])
FIELDS = st.recursive(
    TYPES.map(lambda name: {"type": name}),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, min_size=1, max_size=3).map(
        lambda f: {"type": "object", "fields": f}
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from("abcd"), FIELDS, min_size=1, max_size=4), min_size=2, max_size=3))
def test_the_union_of_schemas_that_agree_does_not_depend_on_their_order(contents: list[dict[str, object]]) -> None:
    schemas = [record(f"s{number}", content) for number, content in enumerate(contents)]
    orders = list(itertools.permutations(schemas))
    results = [union_of("record", order) for order in orders]
    assert len({bool(retypes) for _, retypes in results}) == 1
    if not results[0][1]:
        expected = {path: leaf.whole_type for each in schemas for path, leaf in each.leaf_paths().items()}
        for union, _ in results:
            assert {path: leaf.whole_type for path, leaf in union.leaf_paths().items()} == expected


@pytest.mark.parametrize(
    ("kind", "text", "fits"),
    [
        ("integer", "010", True), ("integer", "9223372036854775808", False), ("integer", "1.0", False),
        ("double", "1e3", True), ("double", "x", False), ("decimal(10,2)", "1.10", True), ("decimal(10,2)", "NaN", False),
        ("boolean", "true", True), ("boolean", "yes", False), ("date", "2026-02-29", False), ("date", "2024-02-29", True),
        ("timestamp", "2026-05-31T12:00:00Z", True), ("timestamp", "noon", False), ("string", "anything", True),
        ("object", "x", False),
    ],
)  # fmt: skip
def test_literals_fit_their_type_or_say_why_not(kind: str, text: str, fits: bool) -> None:
    assert (misfit(kind, text) is None) == fits


def test_fields_know_what_they_are() -> None:
    money = Field.of("m", FieldConfig.model_validate({"type": "decimal(5,1)"}))
    day = Field.of("d", FieldConfig.model_validate({"type": "date"}))
    assert (money.is_number, money.is_moment, day.is_number, day.is_moment) == (True, False, False, True)


@pytest.mark.parametrize("length", [{"at_least": 50, "at_most": 10}, {"at_most": 0}, {"at_least": -1}])
def test_a_length_that_no_text_has_is_refused(length: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="no text"):
        FieldConfig(type="string", length=length)  # type: ignore[arg-type]
