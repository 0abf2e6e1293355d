"""Computed attributes in Spark: each person's events are brought to one task, where all attributes are worked out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructField, StructType

from profile_engine.profiles.computed.attribute import COMPUTED, ComputedAttribute
from profile_engine.profiles.computed.figures import ComputedPlan, computed_values
from profile_engine.profiles.computed.moved_windows import moved_stretches
from profile_engine.rules.event_stream import events_table, stored_time
from profile_engine.rules.moment import Moment
from profile_engine.schemas.spark_types import spark_type_of

ROWS_IN_A_BATCH = 10_000


def computed_people(
    profile_ids: DataFrame, events: DataFrame, plan: ComputedPlan, as_of: datetime, tasks: int
) -> DataFrame:
    """A row is a person: `profile_id` and `computed`, a struct with a member for each attribute.

    `profile_ids` names everybody, also those without events (more than once does no harm); `events` are of `events_of_people`.
    """
    values = spark_type_of({one.name: one.field for one in plan.attributes})
    shape = StructType([StructField("profile_id", StringType()), *values.fields])
    rows = profile_ids.select("profile_id").unionByName(events, allowMissingColumns=True)
    found = rows.repartition(tasks, "profile_id").mapInArrow(_task(plan, as_of), shape)
    return found.select("profile_id", F.struct(*(F.col(name) for name in values.fieldNames())).alias(COMPUTED))


def moved_owners(
    timeline: DataFrame, attributes: Mapping[str, ComputedAttribute], before: Moment, now: Moment
) -> DataFrame | None:
    """A row is an `owner_id` with an event that enters or leaves a window between two moments; None where no window
    moves."""
    moved = [
        F.col("event_type").isin(list(one.events.types))
        & F.col("occurred_at").between(stored_time(first), stored_time(last))
        for one in attributes.values()
        for first, last in moved_stretches(one, before, now)
    ]
    if not moved:
        return None
    return timeline.where(reduce(lambda one, other: one | other, moved)).select("owner_id").distinct()


def _task(plan: ComputedPlan, as_of: datetime) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def compute(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        held = list(batches)
        if held:
            rows = pa.Table.from_batches(held)
            happened = pc.is_valid(rows.column("event_type"))
            people = rows.filter(pc.invert(happened)).select(["profile_id"])
            columns = computed_values(plan, people, events_table(rows.filter(happened), plan.program), as_of)
            profile_ids = people.column("profile_id").combine_chunks().dictionary_encode().dictionary
            yield from pa.table({"profile_id": profile_ids, **columns}).to_batches(max_chunksize=ROWS_IN_A_BATCH)

    return compute
