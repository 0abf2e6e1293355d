"""Rules that can be read and are odd: always or never true, asking for what no schema allows, dear."""

from __future__ import annotations

import pytest

from profile_engine.config.problems import Problems
from profile_engine.config.yaml_document import parse_yaml
from profile_engine.rules.lint import oddities
from profile_engine.rules.parse import parse_condition
from profile_engine.rules.scope import Scope
from profile_engine.schemas.fields import Field
from profile_engine.schemas.union_schema import UnionSchema
from tests.support.rule_people import parsed, scope

CASES = [
    ("{all: [{age: {above: 5}}, {age: {below: 3}}]}", "E317", "no value passes all"),
    ("{age: {above: 5, at_most: 5}}", "E317", "no value passes all"),
    ("{all: [{name: a}, {name: [b, c]}]}", "E317", "no value passes all"),
    ("{all: [{vip: true}, {not: {vip: true}}]}", "E317", "never true"),
    ("{any: [{age: 1}, {not: {age: 1}}]}", "E317", "always true"),
    ("{did: {event: order, times: {at_least: 0}}}", "E317", "always true"),
    ("{did: {event: order, times: {below: 0}}}", "E317", "never true"),
    ("{not: {in_segment: everyone}}", "E317", "everyone"),
    ("{sequence: {steps: [{event: order}, {event: visit}]}}", "E319", "no window"),
    ("{sequence: {steps: [{event: visit, as: v}, {event: order, where: {products: {any_item: {sku: {equals: {step: v, field: category}}}}}}]}}", "E319", "for every pair of steps"),
    ("{cards: {any_item: {points: {above: 5, below: 3}}}}", "E317", "no value passes all"),
    ("{age: {one_of: [" + ", ".join(str(number) for number in range(101)) + "]}}", "E319", "101 values"),
    ("{did: {event: order, where: {pieces: {above: 2, below: 2}}}}", "E317", "no value"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "code", "part"), CASES, ids=[rule[:60] for rule, *_ in CASES])
def test_an_odd_rule(rule: str, code: str, part: str):
    found = list(oddities(parsed(rule), scope()))
    assert [one.code for one in found] == [code]
    assert part in found[0].message
    assert found[0].position.line == 1


@pytest.mark.parametrize(
    "rule",
    [
        "{all: [{age: {above: 5}}, {age: {below: 7}}]}",
        "{any: [{age: {above: 5}}, {age: {below: 3}}]}",
        "{did: {event: order, times: {at_most: 2}}}",
        "{all: [{name: [a, b]}, {name: b}]}",
    ],
)
def test_a_sound_rule_gets_no_warning(rule: str):
    assert list(oddities(parsed(rule), scope())) == []


def test_a_value_that_the_schema_does_not_allow():
    # given a field with a list of values, and an event field with another
    union = UnionSchema("record", {"status": Field("status", "string", one_of=("active", "closed"))})
    events = UnionSchema("event", {"size": Field("size", "string", one_of=("S", "M"))}, frozenset({"order"}))
    here = Scope(union, events, frozenset(), "UTC")

    def told(text: str) -> list[tuple[str, str]]:
        problems = Problems()
        node = parse_yaml(text, "rule.yaml", problems)
        assert node is not None
        condition = parse_condition(node, here, problems)
        assert condition is not None
        return [(one.code, one.message) for one in oddities(condition, here)]

    # then
    assert told("{status: actve}") == [("E318", "'actve' is no value that the schema allows for 'status'")]
    assert told("{status: [active, gone, lost]}") == [
        ("E318", f"'{value}' is no value that the schema allows for 'status'") for value in ("gone", "lost")
    ]
    assert told("{did: {event: order, where: {size: XL}}}") == [
        ("E318", "'XL' is no value that the schema allows for 'size'")
    ]
    assert told("{status: {equals: ACTIVE, ignoring_case: true}}") == []
    assert told("{status: [active, closed]}") == []
