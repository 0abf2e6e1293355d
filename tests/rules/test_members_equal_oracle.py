"""Whatever the rule, the people and their events: members are those whom plain Python finds, one person at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profile_engine.rules.evaluate import members
from profile_engine.rules.program import Program
from tests.support.event_strategies import conditions
from tests.support.rule_people import parsed, tables
from tests.support.rule_strategies import AS_OF, ZONES, events, profiles, yaml_text
from tests.support.rules_oracle import Oracle

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@settings(max_examples=250, deadline=None, suppress_health_check=QUIET)
@given(
    rules=st.lists(conditions, min_size=1, max_size=6),
    people=st.lists(st.tuples(profiles, st.lists(events, max_size=6)), min_size=1, max_size=5),
    zone=st.sampled_from(ZONES),
    shuffled=st.randoms(use_true_random=False),
)
def test_members_are_those_of_the_oracle(rules: list[Any], people: list[Any], zone: str, shuffled: Any):
    # given
    read = {f"s{number}": parsed(yaml_text(rule), time_zone=zone) for number, rule in enumerate(rules)}
    oracle = Oracle(AS_OF, zone)
    rows, happened = tables(list(read.values()), [person for person, _ in people], [mine for _, mine in people])
    order = list(range(happened.num_rows))
    shuffled.shuffle(order)
    happened = happened.take(pa.array(order, pa.int64()))  # the order of events says nothing
    # when
    found = members(Program.of(read, zone), rows, happened, AS_OF)
    # then
    expected = [[oracle.member(rule, person, mine) for person, mine in people] for rule in read.values()]
    assert found.tolist() == expected, [yaml_text(rule) for rule in rules]


@settings(max_examples=60, deadline=None, suppress_health_check=QUIET)
@given(rule=conditions, people=st.lists(st.tuples(profiles, st.lists(events, max_size=4)), min_size=1, max_size=4))
def test_not_is_the_exact_complement(rule: Any, people: list[Any]):
    read = {
        "is": parsed(yaml_text(rule)),
        "is_not": parsed(yaml_text({"not": rule})),
        "none": parsed(yaml_text({"none": [rule]})),
    }
    found = members(
        Program.of(read, "UTC"), *tables(list(read.values()), [p for p, _ in people], [e for _, e in people]), AS_OF
    )
    assert np.array_equal(found[1], ~found[0])
    assert np.array_equal(found[2], ~found[0])


def test_an_object_is_there_where_one_of_its_fields_is():
    # given
    people: list[dict[str, Any]] = [
        {"address": {"country": "NL", "city": None}}, {"address": {"country": None, "city": "Porto"}},
        {"address": {"country": "", "city": None}}, {"address": None},
    ]  # fmt: skip
    visits = [
        [{"event_type": "visit", "occurred_at": AS_OF, "shop.city": city}] for city in ("Porto", None, "", "Porto")
    ]
    rules = {
        "there": parsed("{address: {exists: true}}"), "not_there": parsed("{field: address, exists: false}"),
        "in_a_shop": parsed("{did: {event: visit, where: {shop: {exists: true}}}}"),
    }  # fmt: skip
    # when
    found = members(Program.of(rules, "UTC"), *tables(list(rules.values()), people, visits), AS_OF)
    # then
    assert found.tolist() == [[True, True, False, False], [False, False, True, True], [True, False, False, True]]
