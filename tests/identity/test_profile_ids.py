"""Profile ids as state: a plain-Python twin keeps the laws on any history, and the frames do as the twin does."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from profile_engine.identity.profile_ids import (
    assigned_profiles,
    first_profiles,
    homes,
    merges_in_force,
    profile_changes,
    with_fate,
)
from tests.identity import oracle

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PLACED = "identifier_id bigint, component bigint, priority int, first_seen_at timestamp, before string"
MINTED = "profile_id string, profile_no bigint, anchor_id bigint, anchor_priority int, minted_at timestamp, merged_away boolean"

pair = st.tuples(st.integers(0, 9), st.integers(0, 9))
histories = st.lists(
    st.tuples(st.lists(pair, max_size=8), st.frozensets(st.integers(0, 9), max_size=10)), min_size=1, max_size=6
)
RANK = {identifier: (identifier % 3 + 1, (identifier * 7) % 4) for identifier in range(10)}


def graph(links, present):
    """Components of the identifiers that are present; links come and go from run to run."""
    return oracle.components([link for link in links if set(link) <= present], present)


@given(histories)
def test_laws_on_any_history(history):
    state, again = oracle.ProfileIds(), oracle.ProfileIds()
    for as_of, (links, present) in enumerate(history):
        component_of = graph(links, present)
        before = dict(state.profile_of)
        changes = state.run(component_of, RANK, as_of)
        # the same sequence of runs gives the same ids
        assert again.run(component_of, RANK, as_of) == changes
        # an identifier belongs to one profile, and a profile is one component
        assert set(state.profile_of) == set(component_of)
        pairs = {(component_of[i], p) for i, p in state.profile_of.items()}
        assert len(pairs) == len({c for c, _ in pairs}) == len({p for _, p in pairs})
        # a rebuild of the same graph changes nothing
        assert state.run(component_of, RANK, as_of + 1000) == set()
        assert state.profile_of == again.profile_of
        # whatever changed is told
        told = {(profile, other) for _, profile, other, _ in changes}
        for identifier, profile in state.profile_of.items():
            old = before.get(identifier)
            assert old in (None, profile) or (profile, old) in told or (old, profile) in told


@given(st.lists(pair, min_size=1, max_size=12), st.integers(1, 4), st.randoms(use_true_random=False))
def test_any_batching_of_arrivals_gives_the_same_partition(links, size, rng):
    arrivals = rng.sample(links, len(links))
    state, seen = oracle.ProfileIds(), []
    for as_of, start in enumerate(range(0, len(arrivals), size)):
        seen += arrivals[start : start + size]
        state.run(oracle.components(seen), RANK, as_of)
    once = oracle.ProfileIds()
    once.run(oracle.components(links), RANK, 0)
    groups = lambda of: {frozenset(i for i in of if of[i] == p) for p in of.values()}  # noqa: E731
    assert groups(state.profile_of) == groups(once.profile_of)


def test_a_merge_keeps_the_best_anchor_and_when_it_is_undone_everybody_has_the_id_they_had():
    rank = {1: (1, 0), 2: (2, 0), 3: (2, 1), 4: (2, 2)}
    state = oracle.ProfileIds()
    state.run({2: 2, 3: 2}, rank, 0)  # anchored by 2
    state.run({2: 2, 3: 2, 1: 1}, rank, 1)
    older, better = state.profile_of[2], state.profile_of[1]
    assert state.run({1: 1, 2: 1, 3: 1}, rank, 2) == {("merged_into", older, better, None)}
    assert state.run({1: 1, 2: 2, 3: 2}, rank, 3) == {("split_from", older, better, None)}
    assert state.profile_of == {1: better, 2: older, 3: older}
    # a part without an anchor of old gets an id of its own, and the anchor keeps its own
    split = state.run({1: 1, 2: 2, 3: 3}, rank, 4)
    new = state.profile_of[3]
    assert split == {("minted", new, "", None), ("split_from", new, older, None)}


def random_histories(runs: int):
    """Forty small worlds, told apart by their identifiers, that live in the same frames."""
    rng = random.Random(5)
    for _ in range(runs):
        component_of: dict[int, int] = {}
        for world in range(40):
            present = {i for i in range(10) if rng.random() < 0.85}
            links = [(rng.randint(0, 9), rng.randint(0, 9)) for _ in range(rng.randint(0, 6))]
            component_of |= {100 * world + i: 100 * world + c for i, c in graph(links, present).items()}
        yield component_of


def test_frames_do_as_the_twin(spark):
    rank = {100 * world + i: RANK[i] for world in range(40) for i in RANK}
    twin, numbers = oracle.ProfileIds(), {}
    for run, component_of in enumerate(random_histories(3)):
        as_of = EPOCH + timedelta(days=(0, 1, 1)[run])  # a time that is repeated mints no id twice
        before, minted_before, merged_before = dict(twin.profile_of), dict(twin.minted), set(twin.merged)
        expected = twin.run(component_of, rank, int(as_of.timestamp() * 1_000_000))
        placed = spark.createDataFrame(
            [(i, c, rank[i][0], EPOCH + timedelta(days=rank[i][1]), before.get(i)) for i, c in component_of.items()],
            PLACED,
        ).repartition(2)
        minted = spark.createDataFrame(
            [
                (p, numbers[p], anchor, priority, EPOCH + timedelta(microseconds=at), p in merged_before)
                for p, (priority, at, anchor) in minted_before.items()
            ],
            MINTED,
        )
        at_home = homes(placed, minted)
        assigned = assigned_profiles(placed, at_home, minted, as_of) if run else first_profiles(placed, minted, as_of)
        assigned = assigned.localCheckpoint()
        rows = assigned.collect()
        assert {row.identifier_id: row.profile_id for row in rows} == twin.profile_of
        changes = profile_changes(assigned, at_home).collect()
        told = Counter((row.change, row.profile_id, row.other_profile_id or "", row.identifier_id) for row in changes)
        assert told == Counter(expected), f"run {run}"
        new = [row for row in changes if row.change == "minted"]
        for row in new:
            priority, _, anchor = twin.minted[row.profile_id]
            assert (row.anchor_id, row.anchor_priority, row.minted_at.replace(tzinfo=UTC)) == (anchor, priority, as_of)
        assert sorted(row.profile_no for row in new) == list(range(len(numbers) + 1, len(numbers) + len(new) + 1))
        numbers |= {row.profile_id: row.profile_no for row in new}


def test_who_is_merged_away_is_what_the_ledger_says_last(spark):
    # given b that a took in, c that a took in and gave back, d that was given back and taken in again, and e of its own
    ledger = spark.createDataFrame(
        [
            ("minted", "b", None, 0), ("merged_into", "b", "a", 1), ("merged_into", "c", "a", 1), ("split_from", "c", "a", 2),
            ("merged_into", "d", "a", 1), ("split_from", "d", "a", 2), ("merged_into", "d", "e", 3), ("moved", "e", "a", 3),
        ],
        "change string, profile_id string, other_profile_id string, at int",
    )  # fmt: skip
    minted = spark.createDataFrame([(one,) for one in "abcde"], "profile_id string")

    # when their fate is asked for, then it is that of the last merge or split
    assert {row.profile_id: row.merged_away for row in with_fate(minted, ledger).collect()} == {
        "a": False, "b": True, "c": False, "d": True, "e": False
    }  # fmt: skip
    assert {tuple(row) for row in merges_in_force(ledger).collect()} == {("b", "a", 1), ("d", "e", 3)}
