"""Made-up worlds: the same from the same seed, and scored against their truth."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profile_engine.errors import ConfigurationError
from profile_engine.identity.config import StitchingConfig
from profile_engine.identity.simulation.graph import simulated
from profile_engine.identity.worlds.pair_scores import pair_scores
from profile_engine.identity.worlds.scored import scored
from profile_engine.identity.worlds.troubles import TROUBLES
from profile_engine.identity.worlds.world import made_world
from profile_engine.schemas.namespace_rules import Namespaces
from profile_engine.schemas.namespaces import NamespaceConfig

KINDS = {"crm": "person", "card": "person", "email": "email", "phone": "phone", "device": "device", "cookie": "cookie"}
NAIVE = Namespaces.of([NamespaceConfig(name=name, kind=kind) for name, kind in KINDS.items()], presets=())
CAREFUL = Namespaces.of(
    [
        NamespaceConfig.model_validate(
            {"name": name, "kind": kind, "unique": name == "crm", "normalise": "email" if name == "email" else None,
             "persons_per_value": {"phone": 1, "cookie": 2}.get(name)}
        )
        for name, kind in KINDS.items()
    ]
)  # fmt: skip


def scores_of(namespaces: Namespaces, **options):
    world = made_world(namespaces, **options)
    return scored(world, simulated(world.events, namespaces, StitchingConfig()))


def test_a_world_comes_again_from_its_seed_and_a_trouble_left_out_changes_no_other():
    world = made_world(NAIVE, 120, 3)
    assert world == made_world(NAIVE, 120, 3)
    assert world.events != made_world(NAIVE, 120, 4).events
    assert set(world.touched) == set(TROUBLES)
    assert all(world.touched.values())
    assert [event.number for event in world.events] == list(range(1, len(world.events) + 1))
    assert sorted(event.at for event in world.events) == [event.at for event in world.events]
    fewer = made_world(NAIVE, 120, 3, [name for name in TROUBLES if name != "bots"])
    assert {name: world.touched[name] for name in fewer.touched} == dict(fewer.touched)
    assert len(world.events) > len(fewer.events)


@settings(max_examples=20)
@given(st.integers(2, 60), st.integers(0, 10_000))
def test_without_trouble_even_naive_rules_find_everybody(people, seed):
    scores = scores_of(NAIVE, people=people, seed=seed, troubles=())
    assert (scores.all.precision, scores.all.recall) == (1, 1)
    assert (scores.mixed_graphs, scores.people_in_pieces, scores.shared) == (0, 0, 0)
    assert scores.graphs == scores.people == people


def test_every_trouble_hurts_naive_rules_and_careful_ones_help():
    without = dict.fromkeys(TROUBLES, False)
    for name in TROUBLES:
        naive = scores_of(NAIVE, people=150, troubles=[name])
        harm = 1 - min(naive.all.precision, naive.all.recall)
        without[name] = harm > 0.005
        careful = scores_of(CAREFUL, people=150, troubles=[name])
        assert careful.all.precision >= naive.all.precision, name
    assert all(without.values()), without
    naive, careful = scores_of(NAIVE), scores_of(CAREFUL)
    assert naive.all.precision < 0.2, "a bot, a tablet and some landlines glue the world together"
    assert careful.all.precision > 0.95
    assert careful.all.recall > naive.all.recall - 0.02
    assert careful.most_people_in_a_graph < 5 < naive.most_people_in_a_graph
    assert set(careful.dropped) == {"persons_per_value", "unique_namespace"}


def test_values_take_the_form_that_namespaces_ask_for_and_parts_that_nobody_plays_are_left_out():
    strict = Namespaces.of(
        [
            NamespaceConfig(name="number", kind="person", pattern="[0-9]{8}"),
            NamespaceConfig(name="hashed", kind="email", pattern="[0-9a-f]{64}"),
            NamespaceConfig(name="ecid", kind="cookie", pattern="[0-9]{38}"),
        ]
    )
    world = made_world(strict, 60, 1)
    assert {namespace for namespace, _ in world.owner_of} == {"number", "hashed", "ecid"}
    assert scored(world, simulated(world.events, strict, StitchingConfig())).refused == {}
    assert world.touched["gmail_spellings"] == frozenset(), "a hash is spelt in one way"
    assert world.touched["recycled_phones"] == frozenset()
    with pytest.raises(ConfigurationError, match="no made-up value fits namespace odd"):
        made_world(Namespaces.of([NamespaceConfig(name="odd", kind="person", pattern="ß{3}")]))


rows = st.lists(st.tuples(st.integers(0, 4), st.sampled_from("abcd")), max_size=12)


@given(rows, st.sets(st.sampled_from("abcd")))
def test_scores_among_some_people_equal_counting_their_pairs(rows, among):
    pairs = [(left, right) for left, right in combinations(rows, 2) if left[1] in among or right[1] in among]
    in_cluster = [left[1] == right[1] for left, right in pairs if left[0] == right[0]]
    of_person = [left[0] == right[0] for left, right in pairs if left[1] == right[1]]
    scores = pair_scores(rows, among)
    assert scores.precision == (sum(in_cluster) / len(in_cluster) if in_cluster else 1)
    assert scores.recall == (sum(of_person) / len(of_person) if of_person else 1)
    assert scores.rows == sum(person in among for _, person in rows)
