"""What makes a graph unsound, and what the project's gates say to its figures."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profile_engine.errors import LakeError
from profile_engine.identity.config import GateConfig
from profile_engine.identity.gate import crm_namespace, gates, sizes_shifted
from profile_engine.identity.graph_figures import SIZE_CLASSES, GraphFigures, audit, health, size_words
from profile_engine.schemas.namespace_rules import Namespaces
from profile_engine.schemas.namespaces import NamespaceConfig

OTHERS = (0,) * (len(SIZE_CLASSES) - 2)
SOUND = GraphFigures(
    seen=9, identifiers=9, profiles=4, largest_profile=3, sizes=(2, 0, 2, *OTHERS), two_values={"crm": 1, "email": 2},
    links=3, links_dropped=1, links_torn=0, profiles_before=4, largest_before=2, sizes_before=(3, 1, 0, *OTHERS),
    two_before={"crm": 0, "email": 2}, profiles_changed=3, profiles_merged=2, profiles_split=1, ids_changed=2,
    hubs={"crm": 0, "email": 1, "ecid": 2}, hubs_before={"crm": 0, "email": 0, "ecid": 1},
)  # fmt: skip
FIRST = replace(
    SOUND, profiles_before=0, largest_before=0, sizes_before=(0, 0, 0, *OTHERS), two_before={}, profiles_changed=0,
    profiles_merged=0, profiles_split=0, ids_changed=0, hubs_before=None,
)  # fmt: skip
CONFIG = GateConfig.model_validate(
    {
        "largest_profile": {"at_most": "3 identifiers"},
        "sizes_shifted": {"at_most": "40 %"},
        "profiles_changed": {"at_most": "50 %"},
        "profiles_merged": {"at_most": "50 %"},
        "profiles_split": {"at_most": "20 %"},
        "ids_changed": {"at_most": "10 %"},
        "hubs": {"persons": 10, "at_most": "2 values"},
        "people_with_two_crm_ids": {"at_most": 0},
        "people_with_two": {"email": {"at_most": "50 %"}, "crm": {"at_most": "0 profiles"}},
    }
)


def test_an_unsound_graph_is_refused():
    audit(SOUND)
    for unsound in (replace(SOUND, links_torn=1), replace(SOUND, identifiers=8), replace(SOUND, identifiers=10)):
        with pytest.raises(LakeError, match="not sound"):
            audit(unsound)


def test_every_gate_says_its_figure_its_limit_and_the_flag():
    said = {gate.name: (gate.passed, gate.figure, gate.limit) for gate in gates(CONFIG, SOUND, "crm")}
    assert said == {
        "largest_profile": (True, "the largest profile has 3 identifiers, 2 in the last release", "3"),
        "sizes_shifted": (
            False, "50.00% of the profiles are of another size (3-4 identifiers: 0.00% before, 50.00% now)", "40.00%",
        ),
        "profiles_changed": (False, "3 of 4 profiles changed (75.00%)", "50.00%"),
        "profiles_merged": (True, "2 of 4 profiles merged into others (50.00%)", "50.00%"),
        "profiles_split": (False, "1 of 4 profiles split (25.00%)", "20.00%"),
        "ids_changed": (False, "2 of 4 people have identifiers under another profile id (50.00%)", "10.00%"),
        "hubs": (False, "3 values are linked to more than 10 people, 1 in the last release (email 1, ecid 2)", "2"),
        "people_with_two_crm_ids": (False, "1 profiles hold two customer ids, 0 in the last release", "0"),
        "people_with_two.email": (
            True, "2 profiles hold two values of email, 2 in the last release (50.00%)", "50.00%",
        ),
        "people_with_two.crm": (False, "1 profiles hold two values of crm, 0 in the last release", "0"),
    }  # fmt: skip
    assert all(gate.confirm_with == f"--confirm {gate.name}" for gate in gates(CONFIG, SOUND, "crm"))
    assert list(gates(GateConfig(), SOUND, "crm")) == [], "a gate that is not set is not checked"


def test_with_nothing_to_compare_the_comparing_gates_pass_and_say_so():
    results = {gate.name: gate for gate in gates(CONFIG, FIRST, "crm")}
    for name in ("sizes_shifted", "profiles_changed", "profiles_merged", "profiles_split", "ids_changed"):
        assert (results[name].passed, results[name].figure) == (True, "skipped: no graph to compare with")
    assert results["largest_profile"].figure == "the largest profile has 3 identifiers"
    assert results["hubs"].figure == "3 values are linked to more than 10 people (email 1, ecid 2)"
    assert not results["people_with_two.crm"].passed, "limits on the graph itself hold from the first day"


def test_every_gate_can_be_tripped_and_none_refuses_the_graph_that_did_not_move():
    still = replace(
        SOUND, sizes_before=SOUND.sizes, two_values={"crm": 0, "email": 0}, profiles_changed=0, profiles_merged=0,
        profiles_split=0, ids_changed=0, hubs={"crm": 0, "email": 0, "ecid": 0},
    )  # fmt: skip
    assert all(gate.passed for gate in gates(CONFIG, still, "crm"))
    worst = replace(SOUND, largest_profile=4, profiles_changed=4, profiles_merged=3, two_values={"crm": 4, "email": 4})
    assert not any(gate.passed for gate in gates(CONFIG, worst, "crm"))


counts = st.lists(st.integers(0, 50), min_size=4, max_size=4).filter(any).map(tuple)


@given(counts, counts, st.integers(1, 9))
def test_sizes_shifted_is_a_share_that_sees_shapes_and_not_growth(now, before, times):
    shift = sizes_shifted(now, before)
    assert 0 <= shift <= 1
    assert shift == sizes_shifted(before, now)
    assert sizes_shifted(now, tuple(times * one for one in now)) < 1e-9
    # one class apart entirely
    assert sizes_shifted((times, 0, 0, 0), (0, times, 0, 0)) == 1


def test_sizes_have_words_and_the_record_of_the_run_shows_the_shape():
    assert list(size_words(SOUND.sizes))[:4] == ["1", "2", "3-4", "5-8"]
    assert list(size_words(SOUND.sizes))[-1] == "over 1024"
    assert health(SOUND) == {
        "largest_profile": 3, "profiles_of_size": "1: 2, 3-4: 2", "people_with_two": "crm: 1, email: 2",
        "hubs": "email: 1, ecid: 2",
    }  # fmt: skip
    assert "hubs" not in health(replace(SOUND, hubs=None))
    assert health(replace(SOUND, two_values={}))["people_with_two"] == "none"


def test_customer_ids_are_the_best_namespace_of_people():
    kinds = {"ecid": "cookie", "loyalty": "person", "crm": "person"}
    assert crm_namespace(Namespaces.of([NamespaceConfig(name=name, kind=kind) for name, kind in kinds.items()])) == (
        "loyalty"
    )
    assert crm_namespace(Namespaces.of([NamespaceConfig(name="ecid", kind="cookie")])) is None
