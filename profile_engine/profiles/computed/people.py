"""Computed attributes in Spark: each person's events are brought to one task, where all attributes are worked out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_type
from pyspark.sql.types import StringType, StructField, StructType

from profile_engine.profiles.computed.attribute import COMPUTED, ComputedAttribute
from profile_engine.profiles.computed.figures import ComputedPlan, computed_values
from profile_engine.profiles.computed.moved_windows import moved_stretches
from profile_engine.profiles.people import owner_profile_id
from profile_engine.rules.arrow_columns import arrow_type
from profile_engine.rules.events import FIELD
from profile_engine.rules.handed_over import handed_over
from profile_engine.rules.moment import EARLIEST, EPOCH, LATEST, Moment
from profile_engine.schemas.spark_types import spark_type_of

_EVENT = "e"
ROWS_IN_A_BATCH = 10_000


def event_rows(timeline: DataFrame, plan: ComputedPlan, as_of: datetime) -> DataFrame:
    """A row is an event that an attribute may look at: `owner_id, event_type, occurred_at` and the fields that attributes
    name, as `e0, e1 ..` in the order of the program's event fields."""
    program = plan.program
    wanted = F.col("event_type").isin(list(program.event_types)) & (F.col("occurred_at") <= F.lit(as_of))
    first = program.events_since(Moment(as_of, program.time_zone))
    if first is not None:
        wanted = wanted & (F.col("occurred_at") >= F.lit(_time(first)))
    kept = "fields" in timeline.columns  # a timeline that never had an event has none
    fields = [
        (
            handed_over(F.col("fields").getField(field.path), field)
            if kept
            else F.lit(None).cast(from_arrow_type(arrow_type(field.type)))
        ).alias(f"{_EVENT}{number}")
        for number, field in enumerate(program.event_fields)
    ]
    return timeline.where(wanted).select("owner_id", "event_type", "occurred_at", *fields)


def of_people(events: DataFrame, identity_map: DataFrame | None, *, by_owner: bool) -> DataFrame:
    """The events with `profile_id` in the place of `owner_id`: of people of the graph (None where no policy uses it), and
    of owners that stand for themselves."""
    rest = [name for name in events.columns if name != "owner_id"]
    parts = []
    if identity_map is not None:
        owners = identity_map.select(F.col("identifier_id").alias("owner_id"), "profile_id")
        parts.append(events.join(owners, "owner_id", how="inner").select("profile_id", *rest))
    if by_owner:
        parts.append(events.select(owner_profile_id().alias("profile_id"), *rest))
    return reduce(DataFrame.unionByName, parts)


def computed_people(
    profile_ids: DataFrame, events: DataFrame, plan: ComputedPlan, as_of: datetime, tasks: int
) -> DataFrame:
    """A row is a person: `profile_id` and `computed`, a struct with a member for each attribute.

    `profile_ids` names everybody, also those without events (more than once does no harm); `events` are of `of_people`.
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
        F.col("event_type").isin(list(one.events.types)) & F.col("occurred_at").between(_time(first), _time(last))
        for one in attributes.values()
        for first, last in moved_stretches(one, before, now)
    ]
    if not moved:
        return None
    return timeline.where(reduce(lambda one, other: one | other, moved)).select("owner_id").distinct()


def _time(microseconds: int) -> datetime:
    """An open end is as far as a timestamp reaches."""
    if microseconds == EARLIEST:
        return datetime(1, 1, 2, tzinfo=EPOCH.tzinfo)
    if microseconds == LATEST:
        return datetime(9999, 12, 30, tzinfo=EPOCH.tzinfo)
    return EPOCH + timedelta(microseconds=microseconds)


def _task(plan: ComputedPlan, as_of: datetime) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def compute(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        held = list(batches)
        if held:
            rows = pa.Table.from_batches(held)
            happened = pc.is_valid(rows.column("event_type"))
            people = rows.filter(pc.invert(happened)).select(["profile_id"])
            columns = computed_values(plan, people, _events(rows.filter(happened), plan), as_of)
            profile_ids = people.column("profile_id").combine_chunks().dictionary_encode().dictionary
            yield from pa.table({"profile_id": profile_ids, **columns}).to_batches(max_chunksize=ROWS_IN_A_BATCH)

    return compute


def _events(rows: pa.Table, plan: ComputedPlan) -> pa.Table:
    """Events as `computed_values` takes them."""
    fields = {
        FIELD + one.column: rows.column(f"{_EVENT}{number}") for number, one in enumerate(plan.program.event_fields)
    }
    return pa.table({name: rows.column(name) for name in ("profile_id", "event_type", "occurred_at")} | fields)
