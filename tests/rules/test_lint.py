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
    ("{cards: {any_item: {points: {above: 2, below: 2}}}}", "E317", "no value passes all"),
    # a value that is not there passes no other test
    ("{all: [{name: {exists: false}}, {name: a}]}", "E317", "no value passes all"),
    ("{name: {exists: false, starts_with: a}}", "E317", "no value passes all"),
    ("{vip: {equals: true, differs_from: true}}", "E317", "no value passes all"),
    ("{vip: {differs_from: true, none_of: [false]}}", "E317", "no value passes all"),
    ("{age: {one_of: [1, 9], between: [3, 5]}}", "E317", "no value passes all"),
    ("{name: {equals: a, none_of: [a, b]}}", "E317", "no value passes all"),
    # numbers that no date, text, array or count has
    ("{born: {month: 13}}", "E317", "no value passes this"),
    ("{born: {day_of_month: {above: 31}}}", "E317", "no value passes this"),
    ("{tags: {size: {below: 0}}}", "E317", "no value passes this"),
    ("{name: {length: {at_most: 0}}}", "E317", "no value passes this"),
    ("{name: {length: {above: 5, below: 3}}}", "E317", "no value passes this"),
    ("{did: {event: order, times: {exists: false}}}", "E317", "never true: a count is 0"),
    ("{did: {event: order, sum: {of: amount, exists: true}}}", "E317", "always true: a sum is 0"),
    # times
    ("{seen_at: {before: 2020-01-01, after: 2021-01-01}}", "E317", "no value passes all"),
    ("{born: {equals: 2020-01-01, after: 2021-01-01}}", "E317", "no value passes all"),
    ("{seen_at: {within_last: 3 days, longer_ago_than: 5 days}}", "E317", "no value passes all"),
    ("{seen_at: {during: this month, longer_ago_than: 31 days}}", "E317", "no value passes all"),
    ("{seen_at: {within_last: 0 days}}", "E317", "no value passes this"),
    ("{born: {within_next: 0 days}}", "E317", "no value passes this"),
    ("{born: {anniversary: {within_next: 0 days}}}", "E317", "no value passes this"),
    # windows
    ("{did: {event: order, window: {from: 30 days ago, to: 90 days ago}}}", "E317", "no time is ever in the window"),
    ("{did: {event: order, window: {from: 2026-05-01, to: 2026-04-01}}}", "E317", "no time is ever in the window"),
    ("{did: {event: order, within_last: 0 days}}", "E317", "no time is ever in the window"),
    ("{did: {event: order, within_last: 7 days, longer_ago_than: 7 days}}", "E317", "no time is ever in the window"),
    ("{did: {event: order, within_next: 3 days}}", "E317", "it lies after as_of"),
    ("{did: {event: order, during: tomorrow}}", "E317", "it lies after as_of"),
    ("{did_not: {event: order, during: next month}}", "E317", "it lies after as_of"),
    # sequences that take longer than their window
    ("{sequence: {steps: [{event: visit}, {without: order, gap: {at_most: 2 days}}], within_last: 1 day}}", "E317", "longer than its window"),
    ("{sequence: {steps: [{event: visit}, {event: order, gap: {at_least: 8 days}}], within_last: 7 days}}", "E317", "longer than its window"),
    ("{sequence: {steps: [{event: visit}, {event: order, gap: {at_least: 20 days}}, {event: visit, gap: {at_least: 12 days}}], within_last: 1 month}}",
     "E317", "longer than its window"),
    ("{sequence: {steps: [{event: visit}, {event: order, gap: {at_least: 40 days}}], during: 2026-05}}", "E317", "longer than its window"),
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
        "{any: [{name: {exists: false}}, {name: a}]}",
        "{name: {equals: a, differs_from: a, ignoring_case: true}}",
        "{age: {one_of: [1, 9], differs_from: 1}}",
        "{vip: {differs_from: true}}",
        "{born: {month: 12, day_of_month: 31}}",
        "{name: {length: {exists: true}}}",
        "{did: {event: order, average: {of: amount, exists: false}}}",
        "{seen_at: {during: this month, longer_ago_than: 30 days}}",
        "{seen_at: {during: today, longer_ago_than: 23 hours}}",
        "{seen_at: {within_last: 30 days, before: 2020-01-01}}",
        "{seen_at: {after: {field: joined_at}, before: 2020-01-01}}",
        "{born: {within_next: 3 days, during: tomorrow}}",
        "{born: {anniversary: {within_next: 7 days}}}",
        "{did: {event: order, during: 2099}}",
        "{did: {event: order, window: {from: 90 days ago, to: 2020-01-01}}}",
        "{did: {event: order, within_last: 7 days, longer_ago_than: 6 days}}",
        "{did: {event: order, longer_ago_than: 0 days}}",
        "{sequence: {steps: [{event: visit}, {without: order, gap: {at_most: 23 hours}}], within_last: 1 day}}",
        "{sequence: {steps: [{event: visit}, {without: order, gap: {at_most: 3 days}}], during: 2026-05-31}}",
        "{sequence: {steps: [{event: visit}, {event: order, gap: {at_least: 30 days}}], within_last: 1 month}}",
        "{sequence: {steps: [{event: visit}, {event: order, gap: {at_most: 90 days}}], within_last: 7 days}}",
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


def test_a_length_beyond_the_calendar_is_no_matter_of_a_warning():
    assert (
        list(oddities(parsed("{did: {event: order, within_last: 1000 years, longer_ago_than: 999 years}}"), scope()))
        == []
    )
