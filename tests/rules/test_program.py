"""Many rules as one program: each test once, references in their order, a rule that fails alone."""

from __future__ import annotations

import pickle

import numpy as np
import pyarrow as pa
import pytest

from profile_engine.rules.evaluate import RuleEvaluationError, evaluated, members
from profile_engine.rules.fields import fields_used
from profile_engine.rules.program import Program
from profile_engine.rules.references import dependency_order
from tests.support.rule_people import at, parsed, tables

NOW = at("2026-05-31T12:00:00Z")


def rules(**texts: str):
    return {name: parsed(text, *texts) for name, text in texts.items()}


def test_equal_tests_and_measures_of_all_rules_are_one():
    read = rules(
        a="{all: [{age: {above: 5}}, {did: {event: order, within_last: 9 days, sum: {of: amount, above: 5}}}]}",
        b="{any: [{age: {above: 5.0}}, {did: {event: order, within_last: 9 days, sum: {of: amount, below: 50}}}]}",
        c="{not: {age: {above: 5}}}",
    )
    program = Program.of(read, "UTC")
    assert len(program.atoms) == 3
    assert len(program.measures) == 1
    assert fields_used(read.values()) == {"amount"}
    assert program.event_types == ("order",)


def test_fields_that_a_test_of_items_names_are_handed_over():
    rules = {
        "bought": parsed("{sequence: {steps: [{event: visit, as: v}, {event: order, where: {products: {any_item: {sku: {equals: {step: v, field: shop.city}}}}}}]}}"),
        "own_name": parsed("{did: {event: order, where: {labels: {any_item: {equals: {profile: name}}}}}}"),
    }  # fmt: skip
    program = Program.of(rules, "UTC", {"bought": "default", "own_name": "by_time"})
    assert [one.path for one in program.event_fields] == ["labels", "products", "shop.city"]
    assert [one.path for one in program.attributes] == ["name"]
    assert fields_used(rules.values()) == {"labels", "products", "shop.city"}
    assert {policy for _, policy in program.filters} == {"by_time"}  # only a filter of the person depends on a policy


def test_a_program_travels_to_a_task_and_gives_the_same():
    read = rules(a="{did: {event: order, where: {category: a}}}", b="{not: {in_segment: a}}")
    program = pickle.loads(pickle.dumps(Program.of(read, "Europe/Amsterdam")))
    people, events = tables(
        list(read.values()), [{}, {}], [[{"event_type": "order", "occurred_at": NOW, "category": "a"}], []]
    )
    assert members(program, people, events, NOW).tolist() == [[True, False], [False, True]]


def test_segments_come_after_those_they_name_whatever_the_order_of_files():
    read = rules(
        a="{all: [{in_segment: b}, {not: {in_segment: c}}]}", b="{in_segment: [c, d]}", c="{age: 1}", d="{age: 2}",
        e="{in_segment: everyone}",
    )  # fmt: skip
    people = [{"age": 1}, {"age": 2}, {"age": 3}]
    found = members(Program.of(read, "UTC"), *tables(list(read.values()), people, [[], [], []]), NOW)
    assert found.tolist() == [
        [False, True, False], [True, True, False], [True, False, False], [False, True, False], [True, True, True]
    ]  # fmt: skip


def test_a_circle_is_shown_with_its_path_and_stops_no_other_rule():
    read = rules(a="{in_segment: b}", b="{in_segment: c}", c="{in_segment: a}", d="{in_segment: a}", e="{age: 1}")
    assert dependency_order(read) == (("e",), (("a", "b", "c", "a"),))
    program = Program.of(read, "UTC")
    assert program.segments == ("e",)
    assert "a -> b -> c -> a" in program.refused["b"]
    assert set(program.refused) == {"a", "b", "c", "d"}


def test_a_rule_that_names_an_unknown_segment_is_refused_unless_its_members_are_given():
    read = {"a": parsed("{in_segment: vip}", "vip")}
    assert "vip" in Program.of(read, "UTC").refused["a"]
    people, events = tables(list(read.values()), [{}, {}], [[], []])
    given = {"vip": np.array([True, False])}
    assert members(Program.of(read, "UTC", given={"vip"}), people, events, NOW, given).tolist() == [[True, False]]


def test_a_rule_that_fails_takes_only_those_that_name_it_along():
    read = rules(a="{born: 2026-05-31}", b="{in_segment: a}", c="{age: 1}")
    people = pa.table({"profile_id": ["p0"], "born": ["no date"], "age": pa.array([1], pa.int64())})
    _, events = tables(list(read.values()), [{}], [[]])
    found = evaluated(Program.of(read, "UTC"), people, events, NOW)
    assert set(found.failures) == {"a", "b"}
    assert found.matrix.tolist() == [[False], [False], [True]]
    with pytest.raises(RuleEvaluationError, match="a: ArrowInvalid"):
        members(Program.of(read, "UTC"), people, events, NOW)


def test_people_have_a_version_a_merge_policy_and_are_only_in_segments_of_policies_that_know_them():
    read = rules(
        newest="{address.city: Porto}", trusted="{address.city: Porto}", not_trusted="{not: {in_segment: trusted}}"
    )
    policies = {"newest": "x", "trusted": "y", "not_trusted": "y"}
    people = pa.table({
        "profile_id": ["p0", "p1", "p0", "p2"], "merge_policy": ["x", "x", "y", "y"],
        "address.city": ["Porto", "Faro", "Faro", "Porto"],
    })  # fmt: skip
    _, events = tables(list(read.values()), [{}], [[]])
    found = evaluated(Program.of(read, "UTC", policies), people, events, NOW)
    assert found.profile_ids.to_pylist() == ["p0", "p1", "p2"]
    assert found.matrix.tolist() == [[True, False, False], [False, False, True], [True, False, False]]


def test_no_rule_and_nobody_are_fine():
    people, events = tables([], [{}], [[]])
    assert members(Program.of({}, "UTC"), people, events, NOW).shape == (0, 1)
    read = rules(a="{not: {did: {event: order, latest: {of: category, equals: a}}}}")
    people, events = tables(list(read.values()), [], [])
    assert members(Program.of(read, "UTC"), people, events, NOW).shape == (1, 0)
