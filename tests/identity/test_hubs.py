"""Hubs: what is usual in a namespace, and what stands out."""

from __future__ import annotations

import pytest

from profile_engine.command_line.identity_lines import REASONS
from profile_engine.identity.hubs import hub_persons, usual_persons
from profile_engine.identity.linking_rules.rules import RULE_REASONS
from profile_engine.identity.links import PERSONS_PER_VALUE, RULING_ON_LINK, RULING_ON_VALUE


@pytest.mark.parametrize(
    ("values", "usual"),
    [({}, 0), ({1: 95, 40: 5}, 1), ({1: 94, 40: 6}, 40), ({1: 500, 2: 455, 9: 45}, 2), ({7: 1}, 7)],
)
def test_usual_is_what_95_of_a_hundred_values_stay_within(values, usual):
    assert usual_persons(values) == usual
    assert hub_persons(usual) == 5 * usual


def test_every_reason_for_which_a_link_is_dropped_has_its_words():
    assert {*RULE_REASONS, PERSONS_PER_VALUE, RULING_ON_LINK, RULING_ON_VALUE} <= set(REASONS)
