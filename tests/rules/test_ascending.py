"""Values in order beside NumPy's own slower ways."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from profile_engine.rules.ascending import ascending, places_in_order

NUMBERS = st.one_of(st.integers(-3, 3), st.integers(-(2**63), 2**63 - 1))


@given(st.lists(NUMBERS, max_size=60))
def test_distinct_values_rise(values):
    assert ascending(np.array(values, dtype=np.int64)).tolist() == sorted(set(values))


@given(st.lists(NUMBERS, max_size=60))
def test_of_equal_values_the_first_comes_first(values):
    array = np.array(values, dtype=np.int64)
    assert places_in_order(array).tolist() == np.argsort(array, kind="stable").tolist()


def test_many_values_of_which_many_are_equal():
    values = np.random.default_rng(3).integers(0, 5_000, 100_000)
    assert np.array_equal(places_in_order(values), np.argsort(values, kind="stable"))
