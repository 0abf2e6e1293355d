"""The other method that a sample of components is solved by: right where the graph is, and never right where it is not."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import functions as F

from profile_engine.errors import LakeError
from profile_engine.identity.components import choice
from profile_engine.identity.second_opinion import components_that_differ
from tests.identity import oracle
from tests.identity.small_project import project_at, resolved, views
from tests.support.lakes import lake_at

graphs = st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), max_size=25)


def differ(links, component_of):
    ids = np.array(sorted(component_of, key=lambda one: one * 7 % 19), dtype=np.int64)
    left, right = (np.array([link[side] for link in links], dtype=np.int64) for side in (0, 1))
    return components_that_differ(left, right, ids, np.array([component_of[one] for one in ids], dtype=np.int64))


@given(graphs)
def test_the_components_of_networkx_pass(links):
    assert differ(links, oracle.components(links, [77, -77])) == 0


@given(graphs, st.data())
def test_a_graph_with_one_identifier_in_the_wrong_component_fails(links, data):
    component_of = oracle.components(links, [77, -77])
    moved = data.draw(st.sampled_from(sorted(component_of)))
    to = data.draw(st.sampled_from(sorted({*component_of.values(), 99} - {component_of[moved]})))
    alone = list(component_of.values()).count(component_of[moved]) == 1
    wrong = component_of | {moved: to}
    assert (differ(links, wrong) > 0) is not (alone and to == 99), "a lone identifier under a new name is still alone"


def test_a_long_path_is_solved_in_a_few_rounds():
    path = list(nx.utils.pairwise(np.random.default_rng(1).permutation(5_000).tolist()))
    assert differ(path, dict.fromkeys(range(5_000), 0)) == 0
    assert differ(path[:2_000] + path[2_001:], dict.fromkeys(range(5_000), 0)) == 1


def test_a_solver_that_joins_what_no_link_joins_stops_the_run(spark, tmp_path, monkeypatch):
    lake, project = lake_at(spark, tmp_path), project_at(tmp_path)

    def all_one(links, identifiers, chosen, most_links):
        ends = links.select(F.explode(F.array("left_id", "right_id")).alias("identifier_id")).distinct()
        return ends.withColumn("component", F.lit(1).cast("bigint"))

    monkeypatch.setattr(choice, "components", all_one)
    with pytest.raises(LakeError, match="a sample came out differently when they were solved again"):
        resolved(lake, project, 1, {"raw_web": views(spark, [("e1", "ck1", "C1", None), ("e2", "ck2", "C2", None)])})
    assert lake.current_release() is None
    assert not lake.exists("identity_map")
