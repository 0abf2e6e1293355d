"""Entries, exits and what is held, beside a plain reading person by person."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from profile_engine.segments.comparison import compared, keys_of

NOW = 100
people_in = st.lists(st.sets(st.integers(1, 6)), min_size=0, max_size=6)


@given(now=people_in, before=people_in, aside=st.sets(st.integers(1, 6)), seed=st.integers(0, 99))
def test_it_is_what_a_look_at_each_person_says(now: list[set[int]], before: list[set[int]], aside: set[int], seed: int):
    # given: the last people were in segments before and were not looked at now
    people = max(len(now), len(before))
    now, before = ([*one, *[set[int]()] * (people - len(one))] for one in (now, before))
    held_before = [(person, number, 10 * person + number) for person in range(people) for number in before[person]]
    np.random.default_rng(seed).shuffle(held_before)
    # when
    moves = compared(
        people,
        _keys(sorted((person, number) for person in range(people) for number in now[person])),
        _keys([(person, number) for person, number, _ in held_before]),
        np.array([since for *_, since in held_before], dtype=np.int64),
        NOW,
        aside,
    )
    # then
    found = {name: _plain(column) for name, column in moves.columns.items()}
    for person in range(people):
        was, said = before[person], now[person] - aside
        held = said | (was & aside)
        since = [10 * person + number if number in was else NOW for number in sorted(held)]
        left = sorted(was - held)
        assert (found["segments"][person], found["entered_at"][person]) == (sorted(held), since)
        assert found["entered"][person] == sorted(said - was)
        assert (found["left"][person], found["left_entered_at"][person]) == (left, [10 * person + one for one in left])
    assert sum(moves.entered.values()) == sum(map(len, found["entered"]))
    assert {number: sum(number in one for one in found["left"]) for number in moves.left} == moves.left


def _keys(pairs: list[tuple[int, int]]) -> np.ndarray:
    both = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return keys_of(both[:, 0], both[:, 1])


def _plain(lists: pa.Array) -> list[list[int]]:
    inner = lists.type.value_type
    return lists.cast(pa.list_(pa.int64())).to_pylist() if pa.types.is_timestamp(inner) else lists.to_pylist()
