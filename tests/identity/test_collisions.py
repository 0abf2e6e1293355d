"""Ids narrowed to 8 bits, so that values collide all the time: who gets the second hash is a matter of the set."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profile_engine.errors import LakeError
from profile_engine.identity.collisions import (
    identifier_ids,
    new_values,
    renamed,
    second_hashed,
    shared_ids,
    values_in,
)
from profile_engine.schemas.identifiers import identifier_id

KEY = b"a key of the lake"
values = st.frozensets(st.tuples(st.sampled_from(["crm", "email"]), st.text(max_size=3)), max_size=40)


def narrow(value, second=False) -> int:
    return identifier_id(KEY, *value, second=second) % 256


@given(values, st.lists(st.integers(0, 39), max_size=5))
def test_the_second_hash_depends_on_the_set_and_not_on_arrival(whole, cuts):
    arrivals, known = sorted(whole), frozenset()
    bounds = [0, *sorted(cut for cut in cuts if cut <= len(arrivals)), len(arrivals)]
    second: frozenset = frozenset()
    for start, end in pairwise(bounds):
        known |= set(arrivals[start:end])
        grown = second_hashed(known, narrow)
        assert second <= grown, "who has the second hash keeps it"
        second = grown
    assert second == second_hashed(reversed(arrivals), narrow)
    sharing = [value for value in whole if sum(narrow(other) == narrow(value) for other in whole) > 1]
    assert second == frozenset(sharing)


@given(values)
def test_no_two_values_ever_share_an_id(whole):
    try:
        ids = identifier_ids(whole, narrow, lambda value: narrow(value, second=True))
    except LakeError:
        # with 8 bits a second hash meets another id as well, which is refused, not joined
        return
    assert len(set(ids.values())) == len(whole) == len(ids)


def test_two_values_that_share_both_hashes_are_refused():
    with pytest.raises(LakeError, match="share both their hashes"):
        identifier_ids([("crm", "a"), ("crm", "b")], lambda _: 1, lambda _: 2)


def test_new_values_under_shared_and_under_known_ids_are_found(spark):
    sightings = spark.createDataFrame(
        [
            ([("crm", "a", 1, 1), ("email", "b", 2, 2)],),
            ([("crm", "a", 1, 1), ("email", "x", 2, 3)],),
            ([("email", "y", 2, 3)],),  # shares with x
            ([("email", "new", 2, 4)],),  # 4 is known as another value
            ([("email", "old", 2, 5)],),
        ],
        "identifiers array<struct<namespace:string,value:string,priority:int,identifier_id:bigint>>",
    ).selectExpr("*", "timestamp'2026-01-01' as seen_at")
    known = spark.createDataFrame(
        [(4, "email", "other"), (5, "email", "old")], "identifier_id bigint, namespace string, value string"
    )
    found = new_values(values_in(sightings), known)
    assert {(row.identifier_id, row.value, row.is_taken) for row in found.collect()} == {
        (1, "a", False), (2, "b", False), (3, "x", False), (3, "y", False), (4, "new", True),
    }  # fmt: skip
    assert shared_ids(found, []) == [3, 4]
    assert shared_ids(found, [2, 9]) == [2, 3, 4], "2 was given up by whoever had it"
    ids = spark.createDataFrame([(4,), (5,)], "id bigint").selectExpr(
        f"{renamed('id', {4: 44})} as id", f"{renamed('id', {})} as same"
    )
    assert [tuple(row) for row in ids.collect()] == [(44, 4), (5, 5)]
