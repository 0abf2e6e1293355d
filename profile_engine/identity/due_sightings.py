"""Sightings of the future: they are stored as they land and wait; once their time has come they are news."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.identity.settled import settled
from profile_engine.lake.releases import in_utc

if TYPE_CHECKING:
    from profile_engine.identity.last_graph import LastGraph
    from profile_engine.identity.sighting_writing import TakenIn
    from profile_engine.lake.runs import Run


def news_and_due(run: Run, taken: TakenIn, last: LastGraph) -> tuple[DataFrame, int, datetime | None]:
    """The sightings that count now and did not at the last run, as far as that is so because they landed or their time has
    come; how many they are; and when the time of the next comes.

    Only where something is due the table is looked through: files that tell no time after the last run are passed over.
    """
    stored = run.lake.read("sighting")
    landed = taken.landed if taken.landed is not None else stored.limit(0)
    has_come = F.col("seen_at") <= F.lit(run.as_of)
    row = landed.agg(
        F.count_if(has_come).alias("news"), F.min(F.when(~has_come, F.col("seen_at"))).alias("next")
    ).first()
    assert row is not None
    news, many = landed.filter(has_come), int(row["news"])
    if not last.has_due(run.as_of):
        waiting = [moment for moment in (last.next_due_at, _utc(row["next"])) if moment is not None]
        return news, many, min(waiting, default=None)
    due = settled(stored.filter(has_come & (F.col("seen_at") > F.lit(last.as_of))))
    return news.unionByName(due), many + due.count(), next_due_at(run)


def next_due_at(run: Run) -> datetime | None:
    """When the time of the earliest sighting comes that is stored and later than the run's as_of; None where none is. Files
    that tell no later time are passed over."""
    later = run.read("sighting").filter(F.col("seen_at") > F.lit(run.as_of))
    row = later.agg(F.min("seen_at").alias("next")).first()
    return None if row is None else _utc(row["next"])


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else in_utc(moment)
