"""What an evaluation changes: rules are evaluated and compared with what people were in before, in the same Arrow pass."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame

from profile_engine.rules.columns import Whole
from profile_engine.rules.evaluate import Evaluation, evaluated
from profile_engine.rules.event_stream import events_table
from profile_engine.rules.moment import instant
from profile_engine.rules.program import Program
from profile_engine.segments.comparison import Moves, compared, keys_of
from profile_engine.segments.evaluation import (
    FAILED,
    FAILED_TYPE,
    failures_of,
    memberships_of,
    next_change_at,
    numbers_of,
    one_stream,
    people_table,
)
from profile_engine.segments.membership import BEFORE
from profile_engine.segments.task_cost import COST, COST_TYPE, cost_struct

_TOLD = "struct<segment_no:int,entered:bigint,left:bigint>"
MOVED = (
    "profile_id string, profile_no bigint, segments array<int>, entered_at array<timestamp>, entered array<int>, "
    "left array<int>, left_entered_at array<timestamp>, evaluated boolean, next_change_at timestamp, "
    f"summary struct<failed:{FAILED},cost:{COST},moves:array<{_TOLD}>>"
)
_TIME = pa.timestamp("us", "UTC")
_SUMMARY_TYPE = pa.struct({
    "failed": FAILED_TYPE, "cost": COST_TYPE,
    "moves": pa.list_(pa.struct({"segment_no": pa.int32(), "entered": pa.int64(), "left": pa.int64()})),
})  # fmt: skip
_MOVED_TYPE = pa.schema({
    "profile_id": pa.string(), "profile_no": pa.int64(), "segments": pa.list_(pa.int32()), "entered_at": pa.list_(_TIME),
    "entered": pa.list_(pa.int32()), "left": pa.list_(pa.int32()), "left_entered_at": pa.list_(_TIME),
    "evaluated": pa.bool_(), "next_change_at": _TIME, "summary": _SUMMARY_TYPE,
})  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What a task is told beside its rows: the rules, the number of each segment, the segments that were set aside."""

    program: Program
    numbers: Mapping[str, int]
    as_of: datetime
    set_aside: frozenset[int]


def moved_profiles(
    people: DataFrame,
    events: DataFrame | None,
    before: DataFrame,
    program: Program,
    numbers: Mapping[str, int],
    as_of: datetime,
    tasks: int,
    set_aside: Collection[int],
) -> DataFrame:
    """A row is a profile that was looked at, or was in a segment before: MOVED.

    before     `profile_id, profile_no, before array<int>, before_at array<timestamp>`: what profiles were in, since when
    set_aside  segments that are not evaluated: who was in them still is, and nobody enters or leaves

    `segments` and `entered_at` are what is held now. `summary` is on one row a task: rules that could not be evaluated there
    (their segments have to be set aside everywhere), the task's cost (null where it had nobody to look at), and how many
    entered and left each segment.
    """
    asked = Asked(program, dict(numbers), as_of, frozenset(set_aside))
    rows = one_stream(people, events).unionByName(before.select(*BEFORE), allowMissingColumns=True)
    return rows.repartition(tasks, "profile_id").mapInArrow(_task(asked), MOVED)


def _task(asked: Asked) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def look(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        held = list(batches)
        if held:
            rows = pa.Table.from_batches(held)
            is_person, was_in = pc.is_valid(rows.column("merge_policy")), pc.is_valid(rows.column("before"))
            people = people_table(rows, asked.program).filter(is_person)
            before = rows.select(list(BEFORE)).filter(was_in)
            found = None
            if people.num_rows:
                events = events_table(rows, asked.program).filter(pc.invert(pc.or_(is_person, was_in)))
                found = evaluated(asked.program, people, events, asked.as_of, looking_ahead=True)
            if found is not None or before.num_rows:  # else there are but events of nobody
                yield from _moved(found, people, before, asked).to_batches()

    return look


def _moved(found: Evaluation | None, people: pa.Table, before: pa.Table, asked: Asked) -> pa.Table:
    looked_at = pa.array([], pa.string()) if found is None else pa.array(found.profile_ids)
    before_ids = before.column("profile_id").combine_chunks()
    place = pc.index_in(before_ids, value_set=looked_at)
    is_gone = np.asarray(pc.is_null(place).to_numpy(zero_copy_only=False), dtype=np.bool_)
    person_before = np.array(place.fill_null(0), dtype=np.int64)
    person_before[is_gone] = len(looked_at) + np.arange(is_gone.sum())
    gone = before.filter(pa.array(is_gone))
    ids = pa.concat_arrays([looked_at, gone.column("profile_id").combine_chunks()])
    now = np.zeros(0, dtype=np.int64)
    if found is not None:
        begins, of_people = memberships_of(found, asked.program, asked.numbers)
        now = keys_of(np.repeat(np.arange(len(looked_at)), np.diff(begins)), of_people.astype(np.int64))
    in_order = np.argsort(person_before)
    held = _keys_before(before.take(pa.array(in_order)), person_before[in_order])
    moves = compared(len(ids), now, *held, instant(asked.as_of), asked.set_aside)
    was_looked_at = np.arange(len(ids)) < len(looked_at)
    gone_numbers = gone.column("profile_no").combine_chunks()
    profile_no = gone_numbers if found is None else pa.concat_arrays([numbers_of(looked_at, people), gone_numbers])
    ahead = pa.nulls(len(gone), _TIME)
    columns = {
        "profile_id": ids,
        "profile_no": profile_no,
        **moves.columns,
        "evaluated": pa.array(was_looked_at),
        "next_change_at": ahead if found is None else pa.concat_arrays([next_change_at(found), ahead]),
        "summary": pa.array([_summary(found, moves, asked), *[None] * (len(ids) - 1)], _SUMMARY_TYPE),
    }
    return pa.table(columns, schema=_MOVED_TYPE)


def _keys_before(before: pa.Table, person: Whole) -> tuple[Whole, Whole]:
    """The keys of what was held, and since when; `person` is the place of each row's person."""
    lists, times = before.column("before").combine_chunks(), before.column("before_at").combine_chunks()
    sizes = np.asarray(lists.value_lengths().to_numpy(zero_copy_only=False), dtype=np.int64)
    numbers = np.asarray(lists.flatten().to_numpy(zero_copy_only=False), dtype=np.int64)
    since = np.asarray(times.flatten().cast(pa.int64()).to_numpy(zero_copy_only=False), dtype=np.int64)
    return keys_of(np.repeat(person, sizes), numbers), since


def _summary(found: Evaluation | None, moves: Moves, asked: Asked) -> dict[str, object]:
    numbers = sorted(moves.entered.keys() | moves.left.keys())
    return {
        "failed": [] if found is None else failures_of(found, asked.numbers),
        "cost": None if found is None else cost_struct(found.cost),
        "moves": [
            {"segment_no": number, "entered": moves.entered.get(number, 0), "left": moves.left.get(number, 0)}
            for number in numbers
        ],
    }
