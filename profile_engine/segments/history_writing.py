"""The log of changes kept as long as it is told to: stays that ended longer ago are forgotten."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pyspark.sql import Column
from pyspark.sql import functions as F

from profile_engine.segments.expiry import kept_changes

if TYPE_CHECKING:
    from profile_engine.lake.lake import Lake
    from profile_engine.lake.runs import Run

FIGURES, FORGOTTEN, SINCE = "exits", "forgotten", "known_since"


def forget_exits(run: Run, kept: timedelta) -> int:
    """Takes out of `membership_change` every stay that ended `kept` before as_of or earlier; returns how many entries and
    exits went.

    From then on the log tells the past since that time; the run's record says so.
    """
    before = run.as_of - kept
    old = F.col("at") <= F.lit(run.as_of)
    changes = run.read("membership_change")
    of_row = F.size("entered") + F.size("left")
    rows, exits = changes.agg(
        _summed(F.when(old, of_row)), _summed(F.when(F.col("at") <= F.lit(before), F.size("left")))
    ).collect()[0]
    forgotten = 0
    if exits:
        remaining = kept_changes(changes.where(old), run.read("identity_change"), before).persist()
        try:
            forgotten = rows - remaining.agg(_summed(of_row)).collect()[0][0]
            if forgotten:
                run.replace("membership_change", remaining, where=f"at <= TIMESTAMP '{run.as_of.isoformat()}'")
        finally:
            remaining.unpersist()
    if forgotten:
        run.note_figures(FIGURES, {FORGOTTEN: forgotten, SINCE: before.isoformat()})
    return forgotten


def _summed(numbers: Column) -> Column:
    return F.coalesce(F.sum(numbers), F.lit(0))


def history_begins(lake: Lake) -> datetime | None:
    """The earliest time that the log can be asked about; None before the first evaluation. Two small jobs."""
    first = lake.read("segment_version").agg(F.min("valid_from")).collect()[0][0]
    if first is None:
        return None
    forgetting = lake.read("run").where(F.col("figures").contains(SINCE) & (F.col("status") == "published"))
    since = [json.loads(row["figures"])[FIGURES][SINCE] for row in forgetting.select("figures").collect()]
    earliest: datetime = max([first.astimezone(UTC), *(datetime.fromisoformat(one) for one in since)])
    return earliest
