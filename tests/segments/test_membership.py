"""From what was and what is to entries and exits: each case a row of one literal frame."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from profile_engine.segments.membership import moves, redirected, state_before
from profile_engine.segments.redirects import followed, redirects

T1, T2, T3 = datetime(2026, 5, 1), datetime(2026, 5, 2), datetime(2026, 5, 3)
STATE = "profile_id string, profile_no bigint, held array<struct<segment_no:int,entered_at:timestamp>>"


def test_what_was_and_what_is_give_entries_and_exits(spark: SparkSession):
    # given segment 9 set aside
    before = spark.createDataFrame(
        [("both", 1, [(1, T1), (2, T2)]), ("out", 2, [(1, T1)]), ("gone", 3, [(2, T2), (9, T1)]), ("aside", 4, [(9, T1)])], STATE
    )  # fmt: skip
    now = spark.createDataFrame(
        [
            ("both", 1, [1, 3], None, None, None),
            ("out", 2, [], None, None, None),
            ("new", 5, [2], None, None, None),
            ("aside", 4, [1], None, None, None),
            ("never", 6, [9], None, None, None),
        ],
        "profile_id string, profile_no bigint, segments array<int>, next_change_at timestamp, "
        "failed array<struct<segment_no:int,error:string>>, cost string",
    )
    # when
    rows = {row.profile_id: row for row in moves(before, now, T3, {9}).collect()}
    # then
    found = {
        id: ([tuple(one) for one in row.held], row.entered, [tuple(one) for one in row.left])
        for id, row in rows.items()
    }
    assert found == {
        "both": ([(1, T1), (3, T3)], [3], [(2, T2)]),
        "out": ([], [], [(1, T1)]),
        "gone": ([(9, T1)], [], [(2, T2)]),
        "aside": ([(1, T3), (9, T1)], [1], []),
        "new": ([(2, T3)], [2], []),
        "never": ([], [], []),
    }
    assert {id for id, row in rows.items() if not row.evaluated} == {"gone"}
    assert {id: row.profile_no for id, row in rows.items()} == {
        "both": 1,
        "out": 2,
        "gone": 3,
        "aside": 4,
        "new": 5,
        "never": 6,
    }


def test_the_changes_of_an_evaluation_are_taken_back(spark: SparkSession):
    state = spark.createDataFrame([("a", 1, [(1, T1), (2, T2)]), ("b", 2, [(1, T2)])], STATE)
    changes = spark.createDataFrame(
        [("a", 1, 2, "entered", T2), ("b", 2, 1, "entered", T2), ("b", 2, 3, "left", T1), ("c", 3, 1, "left", T1)],
        "profile_id string, profile_no bigint, segment_no int, change string, entered_at timestamp",
    )
    found = {
        row.profile_id: (row.profile_no, [tuple(one) for one in row.held])
        for row in state_before(state, changes).collect()
    }
    assert found == {"a": (1, [(1, T1)]), "b": (2, [(3, T1)]), "c": (3, [(1, T1)])}


def test_merged_ids_hand_on_what_they_held(spark: SparkSession):
    state = spark.createDataFrame(
        [("a", 1, [(1, T2)]), ("b", 2, [(1, T1), (2, T3)]), ("c", 3, [(2, T2)]), ("d", 4, [(1, T1)])], STATE
    )
    merges = spark.createDataFrame(
        [("merged_into", "c", "b", T1), ("merged_into", "b", "a", T2), ("minted", "a", None, T1), ("merged_into", "d", "x", T1),
         ("split_from", "d", "x", T2)],
        "change string, profile_id string, other_profile_id string, at timestamp",
    )  # fmt: skip
    found = {
        row.profile_id: (row.profile_no, [tuple(one) for one in row.held])
        for row in redirected(state, redirects(merges)).collect()
    }
    assert found == {"a": (1, [(1, T1), (2, T2)]), "d": (4, [(1, T1)])}


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
