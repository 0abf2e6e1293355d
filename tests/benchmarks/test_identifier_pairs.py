"""The pairs of the identity benchmark: their truth is what networkx finds, and a peer that solves them finds it too."""

from __future__ import annotations

import networkx as nx
import pytest

from benchmarks.identifier_pairs import next_day, pairs, write_pairs, write_truth
from benchmarks.identity import table
from benchmarks.peers.duckdb_components import components


def people(drawn, more=()) -> set[frozenset]:
    graph: nx.Graph = nx.Graph()
    for each in (drawn, *more):
        graph.add_edges_from(
            (("a", a), ("d", d)) for a, d in zip(each.account.tolist(), each.device.tolist(), strict=True)
        )
    return {frozenset(one) for one in nx.connected_components(graph)}


def truth(drawn) -> set[frozenset]:
    of: dict[int, set] = {}
    for kind, person_of in (("a", drawn.person_of_account), ("d", drawn.person_of_device)):
        for number, person in enumerate(person_of.tolist()):
            of.setdefault(person, set()).add((kind, number))
    return {frozenset(one) for one in of.values()}


@pytest.mark.parametrize("links", [400, 6_000])
def test_who_belongs_together_is_known_before_and_after_a_day(links):
    known = pairs(links, seed=1)
    assert len(known) == links
    assert people(known) == truth(known)
    assert known.people == len(truth(known))
    after = next_day(known, 60, seed=2)
    assert people(known, [after]) == truth(after)
    assert after.people < known.people + 10, "some people became one"
    assert pairs(links, seed=1).account.tolist() == known.account.tolist()


def test_duckdb_finds_the_truth(tmp_path):
    duckdb = pytest.importorskip("duckdb")
    known = pairs(2_000, seed=3)
    write_pairs(known, tmp_path / "pairs.parquet")
    write_truth(known, tmp_path / "truth.parquet")
    assert components(tmp_path / "pairs.parquet", tmp_path / "out.parquet", memory="1GB", threads=1) > 1
    counted = (
        duckdb.connect()
        .execute(
            f"SELECT count(*), count(DISTINCT component), count(DISTINCT person), count(DISTINCT (component, person)) "
            f"FROM '{tmp_path}/out.parquet' JOIN '{tmp_path}/truth.parquet' USING (identifier)"
        )
        .fetchone()
    )
    identifiers = len(known.person_of_account) + len(known.person_of_device)
    assert counted == (identifiers, known.people, known.people, known.people)


def test_the_table_shows_medians_and_ratios():
    engine = {
        "peak_gb": 2.0,
        "repetitions": [{"full": 10.0, "next": 3.0}, {"full": 12.0, "next": 5.0}, {"full": 50.0, "next": 4.0}],
    }
    peer = {"peak_gb": 1.0, "repetitions": [{"full": 60.0}]}
    lines = table({(1000, "engine"): engine, (1000, "duckdb"): peer}).splitlines()
    assert lines[2] == "| 1,000 | engine | 12.0 | 1.0 | 4.0 | 2.0 | 3 |"
    assert lines[3] == "| 1,000 | duckdb | 60.0 | 5.0 |  | 1.0 | 1 |"
