"""What an evaluation cost: by rule and by figure over events, adding up to the whole, shared parts shared."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from profile_engine.rules.cost import Cost, told
from profile_engine.rules.evaluate import evaluated
from profile_engine.rules.program import Atom, Program
from profile_engine.rules.syntax import Attribute, Measure, Sequence
from tests.support.rule_people import parsed, tables
from tests.support.rule_strategies import AS_OF

RULES = {
    "germans": "{name: DE}",
    "german_buyers": "{all: [{name: DE}, {did: {event: order, within_last: 30 days}}]}",
    "often": "{did: {event: order, within_last: 30 days, times: {at_least: 3}}}",
    "in_order": "{sequence: {steps: [{event: visit}, {event: order}], within_last: 7 days}}",
}


def program() -> Program:
    return Program.of({id: parsed(text) for id, text in RULES.items()}, "UTC")


def test_the_parts_of_a_real_evaluation_add_up_to_the_whole():
    rules = program()
    event = {"event_type": "order", "occurred_at": AS_OF - timedelta(days=1)}
    people = tables([parsed(text) for text in RULES.values()], [{"name": "DE"}] * 5, [[event]] * 5)
    cost = evaluated(rules, *people, AS_OF, looking_ahead=True).cost
    assert cost is not None
    found = told(rules, cost)
    assert sum(seconds for seconds, _ in found.segments.values()) + found.shared == pytest.approx(found.whole)
    assert found.shared > 0
    assert {rows for _, rows in found.segments.values()} == {5}
    assert {words: rows for words, (_, rows) in found.measures.items()} == {
        "count over order in the last 30 days": 5, "visit then order in the last 7 days": 5,
    }  # fmt: skip


def test_what_rules_share_is_shared_equally_and_the_dearest_are_named():
    rules = program()
    one = Cost.none(rules)
    seconds = {Attribute: 2.0, Sequence: 5.0, ("count", 1): 3.0, ("count", 3): 1.0}
    for number, step in enumerate(rules.steps):
        if isinstance(step, Atom):
            kind = type(step.source)
            one.steps[number] = seconds[("count", step.check.operand) if kind is Measure else kind]
    one.whole, one.people = 20.0, 10
    one.ahead = np.array([2.0 if isinstance(measure, Measure) else 0.0 for measure in rules.measures])
    both = Cost.none(rules)
    both.add(one)
    both.add(one)
    found = told(rules, both)
    assert found.segments == {
        "germans": (2.0, 20), "german_buyers": (2.0 + 6.0, 20), "often": (6.0, 20), "in_order": (10.0, 20),
    }  # fmt: skip
    assert found.measures["count over order in the last 30 days"][0] == 12.0
    assert found.shared == 40.0 - 26.0
    assert found.dearest() == ("in_order 10 s (25%)", "german_buyers 8 s (20%)", "often 6 s (15%)")
