"""The documented cases of linking rules: on plain arrays, and through the stage on a lake.

The file is the one that the environment variable LINKING_CASES names; by default the reference's.
"""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from profile_engine.identity.linking_rules.replay import dropped_links
from profile_engine.identity.linking_rules.rules import LinkingRules
from profile_engine.identity.stage import resolve_identity
from tests.identity.linking_project import FIRST_HOUR, CasesSideBySide
from tests.support.lakes import lake_at
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


def profiles(lake) -> set[frozenset[tuple[str, str]]]:
    rows = lake.read("identity_map").join(lake.read("identifier"), "identifier_id", how="inner").collect()
    found: dict[str, set[tuple[str, str]]] = {}
    for row in rows:
        found.setdefault(row["profile_id"], set()).add((row["namespace"], row["value"]))
    return {frozenset(identifiers) for identifiers in found.values()}


@pytest.mark.parametrize(("hours", "runs"), [(0, 1), (1, 2)], ids=["at_once_in_one_run", "an_hour_apart_in_two_runs"])
def test_linking_cases_through_the_stage_in_any_order_of_arrival(spark, tmp_path, hours, runs):
    # given all cases in one lake, their events in random batches and partitions: late ones come after their successors
    side_by_side = CasesSideBySide(CASES)
    project, lake = side_by_side.project(tmp_path), lake_at(spark, tmp_path)
    rows = side_by_side.rows()
    random.Random(len(rows)).shuffle(rows)
    # when they are resolved, a batch a run
    for number in range(runs):
        batch = side_by_side.landed(spark, rows[number::runs], hours).repartition(3)
        with lake.run("identity", FIRST_HOUR + timedelta(days=60 + number)) as run:
            run.append("raw_clicks", batch)
            resolve_identity(run, project)
    # then every case ends in its graphs
    assert profiles(lake) == side_by_side.expected()
