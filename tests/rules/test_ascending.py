"""Values in order beside NumPy's own slower ways."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from profile_engine.rules.ascending import ascending, sorted_with_places

NUMBERS = st.one_of(st.integers(-3, 3), st.integers(-(2**63), 2**63 - 1))


@given(st.lists(NUMBERS, max_size=60))
def test_distinct_values_rise(values):
    assert ascending(np.array(values, dtype=np.int64)).tolist() == sorted(set(values))


@given(st.lists(NUMBERS, max_size=60))
def test_of_equal_values_the_first_comes_first(values):
    array = np.array(values, dtype=np.int64)
    in_order, places = sorted_with_places(array)
    assert places.tolist() == np.argsort(array, kind="stable").tolist()
    assert in_order.tolist() == sorted(values)


def test_many_values_of_which_many_are_equal_or_nearly():
    drawn = np.random.default_rng(3)
    few = drawn.integers(0, 5_000, 100_000)
    all_there_are = drawn.integers(-(2**63), 2**63 - 1, 100_000, endpoint=True)
    in_runs = drawn.integers(-3, 3, 100_000) << 60 | drawn.integers(0, 200_000, 100_000)
    rising = np.sort(all_there_are)
    for values in (few, all_there_are, in_runs, rising, rising[::-1].copy()):
        in_order, places = sorted_with_places(values)
        assert np.array_equal(places, np.argsort(values, kind="stable"))
        assert np.array_equal(in_order, np.sort(values))
