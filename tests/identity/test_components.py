"""Both solvers behind one face: the same answers to the same graphs, networkx being the oracle."""

from __future__ import annotations

import logging
import random
from itertools import pairwise

import numpy as np
import pytest

from profile_engine.config.engine import IdentityEngineConfig
from profile_engine.identity.components import choice, graphframes, one_task
from tests.identity import oracle
from tests.support.shared_data import shared

GRAPHS = shared("data/graphs")
LINKS, IDENTIFIERS = "left_id bigint, right_id bigint", "identifier_id bigint"


def in_room_for(links: int):
    """`auto` with room for so many links in one task; below the size of the graph, leaves are stripped first."""

    def solve(frame, identifiers):
        decided = choice.choice_of_solver(IdentityEngineConfig(links_in_one_task=links), 10**9, {})
        return choice.components(frame, identifiers, decided, 10**9)

    return solve


SOLVERS = {
    "one_task": one_task.components,
    "graphframes": graphframes.components,
    "one task without leaves": in_room_for(10**6),
    "graphframes without leaves": in_room_for(1),
}


def many_graphs() -> tuple[list[tuple[int, int]], list[int]]:
    """Forty random graphs side by side in one: hubs, chains, stars, islands, loops, duplicates, extreme ids."""
    rng = random.Random(7)
    links, alone = [(-(2**63), 2**63 - 1), (5, 5), (2**63 - 2, -3)], [-(2**63), 77, 5]
    for case in range(40):
        start, size = 1000 * (case + 1), rng.randint(2, 20)
        ids = [start + rng.randint(0, 900) * (-1 if case % 3 == 0 else 1) for _ in range(size)]
        shape = case % 4
        if shape == 0:
            links += [(ids[0], other) for other in ids[1:]]
        elif shape == 1:
            links += list(pairwise(ids))
        else:
            links += [(rng.choice(ids), rng.choice(ids)) for _ in range(size)]
        links += [*links[-2:], (links[-1][1], links[-1][0])]
        alone += [*ids[:2], start + 999_000]
    return links, alone


def solved(frame) -> dict[int, int]:
    rows = frame.collect()
    answer = {row.identifier_id: row.component for row in rows}
    assert len(answer) == len(rows), "an identifier stands in the answer twice"
    return answer


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_graph_has_the_components_of_networkx(spark, solver):
    links, alone = many_graphs()
    answer = SOLVERS[solver](
        spark.createDataFrame(links, LINKS), spark.createDataFrame([(i,) for i in alone], IDENTIFIERS)
    )
    assert solved(answer) == oracle.components(links, alone)


def test_order_and_partitioning_of_the_input_change_nothing(spark):
    links, alone = many_graphs()
    turned = [(b, a) for a, b in reversed(links)]
    frame, identifiers = (
        spark.createDataFrame(turned, LINKS).repartition(5),
        spark.createDataFrame([(i,) for i in alone], IDENTIFIERS),
    )
    expected = oracle.components(links, alone)
    assert solved(one_task.components(frame, identifiers.repartition(3))) == expected
    assert solved(in_room_for(10**6)(frame, identifiers)) == expected


@pytest.mark.parametrize("solver", ["one_task", "one task without leaves"])
def test_no_links_leave_islands_and_nothing_leaves_nothing(spark, solver):
    none = spark.createDataFrame([], LINKS)
    assert solved(SOLVERS[solver](none, spark.createDataFrame([(4,), (4,), (-4,)], IDENTIFIERS))) == {4: 4, -4: -4}
    assert solved(SOLVERS[solver](none, spark.createDataFrame([], IDENTIFIERS))) == {}


def test_graphframes_is_really_run_and_names_its_class_and_jar(spark, caplog):
    with caplog.at_level(logging.INFO, logger=graphframes.__name__):
        answer = solved(graphframes.components(spark.createDataFrame([(2, 1)], LINKS)))
    assert answer == {1: 1, 2: 1}
    assert "solver=graphframes class=org.graphframes.GraphFrame jar=" in caplog.text


@pytest.mark.skipif(not GRAPHS.exists(), reason="no shared data")
def test_a_road_network_with_paths_of_99_steps(spark, caplog):
    links = [
        (int(a), int(b)) for a, b in np.loadtxt(GRAPHS / "road-minnesota.txt", dtype=np.int64, comments="#")[:, :2]
    ]
    frame, expected = spark.createDataFrame(links, LINKS), oracle.components(links)
    assert solved(one_task.components(frame)) == expected
    # and GraphFrames where the project asks for it, whatever would fit one task
    asked_for = choice.choice_of_solver(IdentityEngineConfig(solver="graphframes"), len(links), {})
    with caplog.at_level(logging.INFO, logger=choice.__name__):
        assert solved(choice.components(frame, None, asked_for, len(links))) == expected
    assert "solver=graphframes links_without_leaves=" in caplog.text
