"""Who was in what at a past time: the logs alone tell what the evaluations had found, also after exits are forgotten."""

from __future__ import annotations

import json
from datetime import UTC, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from profile_engine.lake.tables import table_entry
from profile_engine.segments.bitmaps import bitmaps_after, bitmaps_of, packed, unpacked
from profile_engine.segments.change_log import gathered, one_by_one
from profile_engine.segments.expiry import kept_changes
from profile_engine.segments.past_members import held_at, joined_ids, replayed
from profile_engine.segments.sizes import history_of_size, overlaps, sizes
from profile_engine.segments.statuses import statuses
from tests.support.membership_days import day, profile_no, simulated

CHANGE = "profile_id string, profile_no bigint, segment_no int, change string, at timestamp, entered_at timestamp, run_id string"
IDENTITY = table_entry("identity_change").columns
MEMBERSHIP = "profile_id string, profile_no bigint, segments array<int>, entered_at array<timestamp>"


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), people=st.integers(1, 8), segments=st.integers(1, 3), days=st.integers(1, 8))
def test_replaying_the_logs_gives_the_state_of_every_day(seed: int, people: int, segments: int, days: int):
    history = simulated(seed, people, segments, days)
    for number, snapshot in enumerate(history.snapshots):
        rows = [one for one in history.changes if one["at"] <= day(number)]
        rows += [
            {**one, "into": one["other_profile_id"], "segment_no": None, "entered_at": None}
            for one in history.merges if one["at"] <= day(number)
        ]  # fmt: skip
        assert {(one, segment): since for one, segment, since in replayed(rows)} == snapshot


def test_merges_join_ids_whatever_their_order():
    assert joined_ids([("b", "c"), ("d", "e"), ("a", "b")]) == {"a": "a", "b": "a", "c": "a", "d": "d", "e": "d"}


@pytest.mark.parametrize("members", [0, 1, 2, 4095, 4096, 4097, 65535, 65536])
def test_a_container_holds_its_members(members: int):
    places = np.sort(np.random.default_rng(members).choice(65536, members, replace=False)).astype(np.uint16)
    container = packed(places)
    assert unpacked(container, members).tolist() == places.tolist()
    assert len(container) == (2 * members if members <= 4096 else 8192)


def test_sizes_over_time_come_from_the_records_of_runs():
    runs = [
        (day(0), "published", '{"segments": {"members old": 3, "entered": 3}}'), (day(1), "failed", '{"segments": {"members a": 9}}'),
        (day(1), "published", '{"segments": {"members a": 4}}'), (day(1), "published", '{"segments": {"members a": 5}}'),
        (day(2), "published", '{"datasets": {}}'), (day(3), "unchanged", None),
    ]  # fmt: skip
    assert history_of_size(runs, [(day(1), "a"), (day(0), "old")]) == [(day(0), 3), (day(1), 5)]


def test_a_day_without_the_segment_is_told_and_one_that_set_it_aside_is_left_out():
    runs = [
        (day(number), "published", json.dumps({"segments": told}))
        for number, told in enumerate([
            {"members b": 1, "set_aside": []}, {"set_aside": ["a"]}, {"members a": 3, "set_aside": []},
            {"members b": 1, "set_aside": ["a"]}, {"members b": 1, "set_aside": []}, {"set_aside": ["b"]}, {"members b": 1},
            {"members a": 2, "set_aside": []},
        ])
    ]  # fmt: skip
    # day 0 and 1: not there yet, set aside; day 3: set aside; day 6: of an engine that did not say
    assert history_of_size(runs, [(day(0), "a")]) == [(day(2), 3), (day(4), None), (day(5), None), (day(7), 2)]
    again = (day(4), "published", '{"segments": {"members a": 4, "set_aside": []}}')
    assert history_of_size([*runs, again], [(day(0), "a")])[1] == (day(4), 4)


def test_an_old_name_that_another_segment_took_tells_nothing_of_this_one():
    # given a segment called old on day 0, and new since day 1, while another has been old since day 2
    told = [
        {"members old": 3},
        {"members new": 4},
        {"members new": 5, "members old": 70},
        {"members old": 80, "set_aside": []},
    ]
    runs = [(day(number), "published", json.dumps({"segments": one})) for number, one in enumerate(told)]
    # when its sizes are told, then they are its own, and on day 3 it was gone
    assert history_of_size(runs, [(day(0), "old"), (day(1), "new")]) == [
        (day(0), 3),
        (day(1), 4),
        (day(2), 5),
        (day(3), None),
    ]


@pytest.mark.spark
def test_the_tables_tell_the_past_and_the_present(spark: SparkSession):
    # given: ten days of twelve people, some merged
    history = simulated(7, 12, 3, 10)
    changes = gathered(spark.createDataFrame(history.changes, CHANGE)).persist()
    merges = spark.createDataFrame(history.merges, IDENTITY)
    assert history.merges

    def held(log: Any, number: int) -> dict[Any, Any]:
        rows = held_at(log, merges, day(number) + timedelta(hours=1)).collect()
        assert len({(row.profile_id, row.segment_no) for row in rows}) == len(rows)
        return {(row.profile_id, row.segment_no): row.entered_at.astimezone(UTC) for row in rows}

    # then: every day is told; exits of before day 6 forgotten, every day since is told as before
    assert [held(changes, number) for number in (0, 4, 9)] == [history.snapshots[number] for number in (0, 4, 9)]
    kept = kept_changes(changes, merges, day(6)).persist()
    assert 0 < one_by_one(kept).count() < one_by_one(changes).count()
    assert [held(kept, number) for number in (6, 9)] == [history.snapshots[number] for number in (6, 9)]
    kept.unpersist()

    # the bitmaps of the last day, at once and from those of the day before
    before, now = (_memberships(spark, history.snapshots[number]) for number in (8, 9))
    last = changes.where(F.col("at") == F.lit(day(9)))
    merged_last = {one["profile_id"] for one in history.merges if one["at"] == day(9)}
    assert not merged_last, "choose a seed without a merge on the last day"
    at_once = {(row.segment_no, row.bucket): row for row in bitmaps_of(now).collect()}
    assert {(row.segment_no, row.bucket): row for row in bitmaps_after(bitmaps_of(before), last).collect()} == at_once
    members = {
        number: {profile_no(one) for one, segment in history.snapshots[9] if segment == number} for number in (1, 2, 3)
    }
    found_members: dict[int, set[int]] = {1: set(), 2: set(), 3: set()}
    for (segment, bucket), row in at_once.items():
        found_members[segment] |= {bucket * 65536 + one for one in unpacked(bytes(row.bitmap), row.members).tolist()}
    assert found_members == members
    assert {row.segment_no: row.members for row in sizes(bitmaps_of(now)).collect()} == {number: len(mine) for number, mine in members.items()}  # fmt: skip
    found = overlaps((row.asDict() for row in at_once.values()), [3, 1, 2])
    assert found == {
        (one, other): len(members[one] & members[other])
        for one, other in [(3, 3), (1, 1), (2, 2), (3, 1), (3, 2), (1, 2)]
    }


@pytest.mark.spark
def test_each_row_of_the_table_of_states(spark: SparkSession):
    # given: before, now, and the status that the reference product gives
    long_ago, lately, now = day(0), day(40), day(60)
    held = {("new", 1): now, ("again", 1): now, ("stays", 1): long_ago}
    log = [
        ("new", "entered", now, now),
        ("again", "entered", long_ago, long_ago), ("again", "left", lately, long_ago), ("again", "entered", now, now),
        ("stays", "entered", long_ago, long_ago),
        ("goes", "entered", long_ago, long_ago), ("goes", "left", now, long_ago),
        ("gone", "entered", long_ago, long_ago), ("gone", "left", lately, long_ago),
        ("forgotten", "entered", long_ago, long_ago), ("forgotten", "left", day(30), long_ago),
        ("loser", "entered", long_ago, long_ago), ("loser", "left", lately, long_ago),  # merged since: the survivor's exit
        ("other", "entered", long_ago, long_ago), ("other", "left", lately, long_ago),  # merged into one who is in
        ("later", "entered", long_ago, long_ago), ("later", "left", lately, long_ago),  # merged after this evaluation
    ]  # fmt: skip
    merges = [
        {"change": "merged_into", "profile_id": loser, "other_profile_id": survivor, "at": at}
        for loser, survivor, at in [("loser", "between", day(41)), ("between", "survivor", day(42)), ("other", "stays", now), ("later", "new", day(61))]
    ]  # fmt: skip
    changes = spark.createDataFrame(
        [{"profile_id": who, "segment_no": 1, "change": change, "at": at, "entered_at": since} for who, change, at, since in log], CHANGE
    )  # fmt: skip
    changes = gathered(changes)
    # when
    found = statuses(_memberships(spark, held), changes, spark.createDataFrame(merges, IDENTITY), now).collect()
    # then
    assert {row.profile_id: (row.status, row.since.astimezone(UTC)) for row in found} == {
        "new": ("realized", now), "again": ("realized", now), "stays": ("existing", long_ago),
        "goes": ("exited", now), "gone": ("exited", lately), "survivor": ("exited", lately), "later": ("exited", lately),
    }  # fmt: skip


def _memberships(spark: SparkSession, held: dict[tuple[str, int], Any]) -> Any:
    people = sorted({one for one, _ in held})
    mine = {one: sorted((segment, since) for (who, segment), since in held.items() if who == one) for one in people}
    rows = [
        (one, profile_no(one) if one[1:].isdigit() else None, [s for s, _ in mine[one]], [at for _, at in mine[one]])
        for one in people
    ]
    return spark.createDataFrame(rows, MEMBERSHIP)
