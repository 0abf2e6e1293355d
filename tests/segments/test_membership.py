"""From what was and what is to entries and exits: each case a row of one literal frame."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession

from profile_engine.segments.membership import redirected, taken_back
from profile_engine.segments.redirects import followed, redirects

T1, T2, T3 = datetime(2026, 5, 1), datetime(2026, 5, 2), datetime(2026, 5, 3)
STATE = "profile_id string, profile_no bigint, before array<int>, before_at array<timestamp>"


def test_the_changes_of_an_evaluation_are_taken_back(spark: SparkSession):
    state = spark.createDataFrame([("a", 1, [1, 2], [T1, T2]), ("b", 2, [1], [T2])], STATE)
    changes = spark.createDataFrame(
        [("a", 1, [2], [], []), ("b", 2, [1], [3], [T1]), ("c", 3, [], [1], [T1])],
        "profile_id string, profile_no bigint, entered array<int>, left array<int>, left_entered_at array<timestamp>",
    )
    found = _held(taken_back(state, changes))
    assert found == {"a": (1, [(1, T1)]), "b": (2, [(3, T1)]), "c": (3, [(1, T1)])}


def test_merged_ids_hand_on_what_they_held(spark: SparkSession):
    state = spark.createDataFrame(
        [
            ("a", 1, [1], [T2]),
            ("b", 2, [1, 2], [T1, T3]),
            ("c", 3, [2], [T2]),
            ("d", 4, [1], [T1]),
            ("e", 5, [3], [T2]),
        ],
        STATE,
    )
    merges = spark.createDataFrame(
        [("merged_into", "c", "b", T1), ("merged_into", "b", "a", T2), ("minted", "a", None, T1), ("merged_into", "d", "x", T1),
         ("split_from", "d", "x", T2)],
        "change string, profile_id string, other_profile_id string, at timestamp",
    )  # fmt: skip
    found = _held(redirected(state, redirects(merges)))
    assert found == {"a": (1, [(1, T1), (2, T2)]), "d": (4, [(1, T1)]), "e": (5, [(3, T2)])}


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5), st.integers(0, 5)), max_size=12))
def test_every_merged_id_ends_at_one_that_was_not_merged(steps: list[tuple[bool, int, int]]):
    changes: list[dict[str, Any]] = []
    alive = set(range(6))
    for merges, one, other in steps:
        if merges and one != other and {one, other} <= alive:
            alive.discard(one)
            changes.append({"change": "merged_into", "profile_id": str(one), "other_profile_id": str(other)})
        elif not merges and one not in alive and other in alive:
            alive.add(one)
            changes.append({"change": "split_from", "profile_id": str(one), "other_profile_id": str(other)})
    found = followed(changes)
    assert {int(id) for id in found} == set(range(6)) - alive
    assert {int(id) for id in found.values()} <= alive


def _held(states: DataFrame) -> dict[str, Any]:
    return {
        row.profile_id: (row.profile_no, list(zip(row.before, row.before_at, strict=True))) for row in states.collect()
    }
