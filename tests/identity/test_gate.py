"""Figures of a graph, what makes it unsound, and what the project's gates say to it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from profile_engine.errors import LakeError
from profile_engine.identity.config import GateConfig
from profile_engine.identity.gate import GraphFigures, audit, crm_priority, gates, graph_figures
from profile_engine.schemas.namespace_rules import Namespaces
from profile_engine.schemas.namespaces import NamespaceConfig

SOUND = GraphFigures(
    seen=9, identifiers=9, profiles=4, largest_profile=3, people_with_two_crm_ids=1, profiles_before=4,
    profiles_changed=3, links=3, links_dropped=1, links_torn=0,
)  # fmt: skip
CONFIG = GateConfig.model_validate(
    {
        "largest_profile": {"at_most": "3 identifiers"},
        "profiles_changed": {"at_most": "50 %"},
        "people_with_two_crm_ids": {"at_most": 0},
    }
)


def test_figures_of_a_graph(spark):
    placed = [
        # two crm ids; q has been merged in
        (1, 1, "p", "p"), (2, 1, "q", "p"), (3, 2, None, "p"),
        (4, 1, "r", "r"), (5, 3, None, "r"),  # r only gained
        (6, 1, "s", "s"),  # s lost 8, which is gone
        (7, 2, None, "new"), (9, 3, "t", "t"), (10, 3, "t", "t"),
    ]  # fmt: skip
    assigned = spark.createDataFrame(placed, "identifier_id bigint, priority int, before string, profile_id string")
    before = [(1, "p"), (2, "q"), (4, "r"), (6, "s"), (8, "s"), (9, "t"), (10, "t")]
    links = [(1, 2, "live"), (1, 3, "live"), (4, 5, "live"), (6, 7, "dropped"), (4, 6, "live"), (9, 99, "live")]
    figures = graph_figures(
        assigned.select("identifier_id"),
        assigned,
        spark.createDataFrame(links, "left_id bigint, right_id bigint, state string"),
        spark.createDataFrame(before, "identifier_id bigint, before string"),
        1,
    )
    assert figures == GraphFigures(
        seen=9, identifiers=9, profiles=5, largest_profile=3, people_with_two_crm_ids=1, profiles_before=5,
        profiles_changed=3, links=5, links_dropped=1, links_torn=2,
    )  # fmt: skip


def test_an_unsound_graph_is_refused():
    audit(SOUND)
    for unsound in (replace(SOUND, links_torn=1), replace(SOUND, identifiers=8), replace(SOUND, identifiers=10)):
        with pytest.raises(LakeError, match="not sound"):
            audit(unsound)


def test_gates_say_figure_limit_and_flag():
    results = {gate.name: gate for gate in gates(CONFIG, SOUND)}
    assert {name: gate.passed for name, gate in results.items()} == {
        "largest_profile": True, "profiles_changed": False, "people_with_two_crm_ids": False,
    }  # fmt: skip
    changed = results["profiles_changed"]
    assert changed.figure == "3 of 4 profiles changed (75.00%)"
    assert (changed.limit, changed.confirm_with) == ("50.00%", "--confirm profiles_changed")
    assert list(gates(GateConfig(), SOUND)) == []


def test_with_nothing_to_compare_the_comparing_gate_is_skipped_and_says_so():
    results = {gate.name: gate for gate in gates(CONFIG, replace(SOUND, profiles_before=0, profiles_changed=0))}
    assert results["profiles_changed"].passed
    assert "skipped" in results["profiles_changed"].figure


def test_customer_ids_are_the_best_namespace_of_people():
    kinds = {"ecid": "cookie", "loyalty": "person", "crm": "person"}
    assert crm_priority(Namespaces.of([NamespaceConfig(name=name, kind=kind) for name, kind in kinds.items()])) == 2
    assert crm_priority(Namespaces.of([NamespaceConfig(name="ecid", kind="cookie")])) is None
