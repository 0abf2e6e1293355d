"""The documented cases of linking rules: on plain arrays, and through the stage on a lake.

The file is the one that the environment variable LINKING_CASES names; by default the reference's.
"""

from __future__ import annotations

import random

import pytest

from profile_engine.identity.linking_rules.replay import dropped_links
from profile_engine.identity.linking_rules.rules import LinkingRules
from tests.support.linking_cases import LinkingCase, linking_cases
from tests.support.linking_oracle import graphs, live_pairs, namespace_of

CASES = linking_cases()
pytestmark = pytest.mark.skipif(not CASES, reason="there is no file of linking cases")
each_case = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])


def replayed(case: LinkingCase, number_of: dict[str, int]) -> set[frozenset[str]]:
    """The live links of a case by the engine's replay, whatever numbers its identifiers have."""
    dropped = dropped_links(
        [[number_of[i] for i in event] for event in case.events],
        {number: case.rank[namespace_of(i)] for i, number in number_of.items()},
        LinkingRules(frozenset(case.rank[name] for name in case.unique)),
    )
    drawn = {(event[0], other) for event in case.events for other in event[1:]}
    return {frozenset(pair) for pair in drawn if tuple(sorted(number_of[i] for i in pair)) not in dropped}


@each_case
def test_linking_cases_by_the_oracle_as_stars_and_as_cliques(case):
    for clique in (False, True):
        live = live_pairs(case.events, case.priority, case.unique, clique=clique)
        assert graphs(case.events, live) == case.expected


@each_case
def test_linking_cases_on_arrays(case):
    identifiers = sorted({i for event in case.events for i in event})
    for seed in range(20):
        numbers = random.Random(seed).sample(range(-(2**61), 2**61), len(identifiers))
        assert graphs(case.events, replayed(case, dict(zip(identifiers, numbers, strict=True)))) == case.expected
