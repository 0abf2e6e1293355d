"""Events on their way from the timeline to rules: narrow rows, whose they are, and the Arrow table that rules look at."""

from __future__ import annotations

from datetime import datetime
from functools import reduce

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_type

from profile_engine.rules.arrow_columns import arrow_type
from profile_engine.rules.events import FIELD
from profile_engine.rules.handed_over import handed_over
from profile_engine.rules.moment import Moment, on_calendar
from profile_engine.rules.program import Program
from profile_engine.schemas.identifiers import owner_profile_id

_EVENT = "e"
_MONTHS_CAN_STEP_BACK = 4 * 86_400_000_000


def stored_time(microseconds: int) -> Column:
    """An instant as tables keep it, or the calendar's end beyond which none lies. Not by `F.lit` of a datetime, which moves
    those before 1582 onto the Julian calendar."""
    return F.timestamp_micros(F.lit(on_calendar(microseconds)).cast("bigint"))


def event_rows(timeline: DataFrame, program: Program, as_of: datetime, *, looking_ahead: bool = False) -> DataFrame:
    """A row is an event that the program may look at: `owner_id, event_type, occurred_at` and the fields that it names, as
    `e0, e1 ..` in the order of `program.event_fields`. Types and times that it never looks at are left out; looking ahead,
    events to come are kept, and those that a window of months can take in again."""
    wanted = F.col("event_type").isin(list(program.event_types))
    if not looking_ahead:
        wanted = wanted & (F.col("occurred_at") <= F.lit(as_of))
    first = program.events_since(Moment(as_of, program.time_zone))
    if first is not None:
        back = _MONTHS_CAN_STEP_BACK if looking_ahead and program.has_windows_of_months else 0
        wanted = wanted & (F.col("occurred_at") >= stored_time(first - back))
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


def events_of_people(events: DataFrame, identity_map: DataFrame | None, *, by_owner: bool) -> DataFrame:
    """A row is an event of a person: the columns of `event_rows` with `profile_id` in the place of `owner_id`.

    identity_map  of people of the graph, or None where no merge policy uses it
    by_owner      whether a merge policy knows people by the owner of their records alone
    """
    rest = [name for name in events.columns if name != "owner_id"]
    parts = []
    if identity_map is not None:
        owners = identity_map.select(F.col("identifier_id").alias("owner_id"), "profile_id")
        parts.append(events.join(owners, "owner_id", how="inner").select("profile_id", *rest))
    if by_owner:
        parts.append(events.select(owner_profile_id().alias("profile_id"), *rest))
    return reduce(DataFrame.unionByName, parts)


def events_table(rows: pa.Table, program: Program) -> pa.Table:
    """Rows of `events_of_people` as rules take them; where no event was handed over, neither were their columns."""
    have = set(rows.column_names)
    fields = {
        FIELD + one.column: rows.column(f"{_EVENT}{number}")
        if f"{_EVENT}{number}" in have
        else pa.nulls(rows.num_rows, arrow_type(one.type))
        for number, one in enumerate(program.event_fields)
    }
    return pa.table({name: rows.column(name) for name in ("profile_id", "event_type", "occurred_at")} | fields)
