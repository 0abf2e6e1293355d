"""Profiles and their events become the segments that each profile is in, in one Arrow pass over all rules.

People and events are one stream of rows, laid out so that a task has some 100,000 people with all their events, and
evaluated there by `rules.evaluate`. (Measured on 2 million people and 20 million events: 40-48 s as a union, 49-58 s as
a cogroup.) Only the attributes and event fields that rules name are handed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from math import ceil

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, StructType
from scipy.sparse import csr_array

from profile_engine.errors import LakeError
from profile_engine.rules.evaluate import Evaluation, evaluated
from profile_engine.rules.event_stream import events_table
from profile_engine.rules.handed_over import handed_over
from profile_engine.rules.moment import instant
from profile_engine.rules.program import Program
from profile_engine.segments.task_cost import COST, COST_TYPE, cost_rows

PEOPLE_IN_A_TASK = 100_000
PEOPLE_WORTH_A_TASK = 10_000
"""Below this a second task costs more than it saves."""
_ANSWERS_IN_A_TASK = 256 * 1024 * 1024
"""Bytes of answers (one a step and person) that a task may hold."""
FAILED = "array<struct<segment_no:int,error:string>>"
FAILED_TYPE = pa.list_(pa.struct({"segment_no": pa.int32(), "error": pa.string()}))
RESULT = (
    f"profile_id string, profile_no bigint, segments array<int>, next_change_at timestamp, failed {FAILED}, cost {COST}"
)
_RESULT_TYPE = pa.schema({
    "profile_id": pa.string(), "profile_no": pa.int64(), "segments": pa.list_(pa.int32()),
    "next_change_at": pa.timestamp("us", "UTC"),
    "failed": FAILED_TYPE, "cost": COST_TYPE,
})  # fmt: skip
_LAST_TIME = instant(datetime(9999, 1, 1, tzinfo=UTC))
"""What lies behind it is never."""
_ATTRIBUTE = "a"
Lists = tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]
"""Where each list begins, and the end of the last; all lists end to end."""


def person_rows(profiles: DataFrame, program: Program) -> DataFrame:
    """A row is a person under a merge policy that rules use: `profile_id, profile_no, merge_policy` and the attributes
    that rules name, as `a0, a1 ..` in the order of `program.attributes`."""
    refuse_missing("profile", profiles.schema, (attribute.path for attribute in program.attributes))
    policies = sorted({program.merge_policies[segment] for segment in program.segments})
    attributes = [
        handed_over(_at(attribute.path), attribute).alias(f"{_ATTRIBUTE}{number}")
        for number, attribute in enumerate(program.attributes)
    ]
    return profiles.where(F.col("merge_policy").isin(policies)).select(
        "profile_id", "profile_no", "merge_policy", *attributes
    )


def profiles_in_segments(
    people: DataFrame,
    events: DataFrame | None,
    program: Program,
    numbers: Mapping[str, int],
    as_of: datetime,
    tasks: int,
    *,
    looking_ahead: bool = False,
) -> DataFrame:
    """A row is a profile: `profile_id, profile_no, segments` (numbers, ascending), `next_change_at, failed, cost`.

    `next_change_at` is when the profile's answers can change next by time alone; null where they never do, and where
    nobody was `looking_ahead`.
    `failed` is null but for at most one row a task, which lists rules that could not be evaluated there: `segment_no`
    and the kind of error. Those segments' members are not known and must be set aside. `cost` is on one row a task.
    """
    rows = one_stream(people, events).repartition(tasks, "profile_id")
    return rows.mapInArrow(_task(program, dict(numbers), as_of, looking_ahead), RESULT)


def one_stream(people: DataFrame, events: DataFrame | None) -> DataFrame:
    """Rows of people and of their events; a person's have `merge_policy`."""
    if events is not None:
        return people.unionByName(events, allowMissingColumns=True)
    return people.withColumns({"event_type": F.lit(None).cast("string"), "occurred_at": F.lit(None).cast("timestamp")})


def tasks_for(people: int, program: Program, shuffle_partitions: int) -> int:
    """How many tasks evaluate so many people: never more of them in one than it can hold, and no task without work."""
    held = min(PEOPLE_IN_A_TASK, max(1_000, _ANSWERS_IN_A_TASK // max(1, len(program.steps))))
    return max(1, ceil(people / held), min(ceil(people / PEOPLE_WORTH_A_TASK), shuffle_partitions))


def _task(
    program: Program, numbers: Mapping[str, int], as_of: datetime, looking_ahead: bool
) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def evaluate_people(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        held = list(batches)
        if held:
            rows = pa.Table.from_batches(held)
            is_person = pc.is_valid(rows.column("merge_policy"))
            people = people_table(rows, program).filter(is_person)
            if people.num_rows:
                events = events_table(rows, program).filter(pc.invert(is_person))
                found = evaluated(program, people, events, as_of, looking_ahead=looking_ahead)
                yield from _result(found, people, program, numbers)

    return evaluate_people


def people_table(rows: pa.Table, program: Program) -> pa.Table:
    """Rows of people as `evaluated` takes them."""
    attributes = {one.column: rows.column(f"{_ATTRIBUTE}{number}") for number, one in enumerate(program.attributes)}
    return pa.table({name: rows.column(name) for name in ("profile_id", "profile_no", "merge_policy")} | attributes)


def _result(
    found: Evaluation, people: pa.Table, program: Program, numbers: Mapping[str, int]
) -> Iterator[pa.RecordBatch]:
    segments = _segments_of(found, program, numbers)
    first_failed = [failures_of(found, numbers) or None, *[None] * (len(found.profile_ids) - 1)]
    yield from pa.table(
        [
            found.profile_ids,
            numbers_of(found.profile_ids, people),
            segments,
            next_change_at(found),
            pa.array(first_failed, FAILED_TYPE),
            cost_rows(found.cost, len(found.profile_ids)),
        ],
        schema=_RESULT_TYPE,
    ).to_batches()


def failures_of(found: Evaluation, numbers: Mapping[str, int]) -> list[dict[str, object]]:
    """Rules that could not be evaluated, as FAILED has them."""
    return [{"segment_no": numbers[segment], "error": error} for segment, error in sorted(found.failures.items())]


def memberships_of(found: Evaluation, program: Program, numbers: Mapping[str, int]) -> Lists:
    """The numbers of each person's segments, ascending, laid end to end, and where each person's begin: a rule's members
    are found along its row, and rows become columns by one counting pass (SciPy's, from compressed rows to columns)."""
    of_rows = np.array([numbers[segment] for segment in program.segments], dtype=np.int32)
    by_number = np.argsort(of_rows)
    members = [np.flatnonzero(found.matrix[row]).astype(np.int32) for row in by_number]
    ends = np.cumsum([0, *map(len, members)], dtype=np.int32)
    people = np.concatenate(members) if members else np.zeros(0, dtype=np.int32)
    by_rule = csr_array((np.ones(len(people), dtype=np.bool_), people, ends), shape=found.matrix.shape)
    by_person = by_rule.tocsc()
    return by_person.indptr, of_rows[by_number][by_person.indices]


def _segments_of(found: Evaluation, program: Program, numbers: Mapping[str, int]) -> pa.Array:
    """The numbers of each person's segments, ascending."""
    offsets, of_people = memberships_of(found, program, numbers)
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.array(of_people, pa.int32()))


def next_change_at(found: Evaluation) -> pa.Array:
    """When each person's answers can change next; null where they never do, and where nobody looked."""
    if found.next_change is None:
        return pa.nulls(len(found.profile_ids), pa.timestamp("us", "UTC"))
    return pa.array(found.next_change, pa.timestamp("us", "UTC"), mask=found.next_change > _LAST_TIME)


def numbers_of(profile_ids: pa.Array, people: pa.Table) -> pa.Array:
    """The profile_no of each id; null for people whom the graph does not know."""
    numbered = people.filter(pc.is_valid(people.column("profile_no")))
    if not numbered.num_rows:
        return pa.nulls(len(profile_ids), pa.int64())
    row = pc.index_in(profile_ids, value_set=numbered.column("profile_id").combine_chunks())
    return numbered.column("profile_no").combine_chunks().take(row)


def refuse_missing(table: str, have: StructType, paths: Iterable[str]) -> None:
    """Raises LakeError for paths that a table was built without."""

    def has(path: str) -> bool:
        reached: DataType = have
        for step in path.split("."):
            if not isinstance(reached, StructType) or step not in reached.fieldNames():
                return False
            reached = reached[step].dataType
        return True

    if missing := [path for path in paths if not has(path)]:
        raise _not_built(table, missing)


def refuse_missing_fields(timeline: DataFrame, program: Program) -> None:
    """Raises LakeError for fields of events that the timeline was built without."""
    kept = timeline.schema["fields"].dataType if "fields" in timeline.columns else StructType()
    names = kept.fieldNames() if isinstance(kept, StructType) else []
    if missing := [field.path for field in program.event_fields if field.path not in names]:
        raise _not_built("timeline", missing)


def _not_built(table: str, missing: Iterable[str]) -> LakeError:
    return LakeError(
        f"table {table} was built without {', '.join(missing)}, which a rule names; run build_profiles with that rule in "
        "the project first"
    )


def _at(path: str) -> Column:
    return F.col(".".join(f"`{step}`" for step in path.split(".")))
