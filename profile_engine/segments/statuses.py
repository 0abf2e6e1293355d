"""The status of each membership as the reference product's profiles carry it; nothing is stored for it."""

from __future__ import annotations

from datetime import datetime, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.segments.change_log import LEFT, one_by_one

EXITS_SHOWN = timedelta(days=30)
"""An exit is told for so long; then there is no status any more."""


def statuses(memberships: DataFrame, changes: DataFrame, as_of: datetime, shown: timedelta = EXITS_SHOWN) -> DataFrame:
    """A row is a status after the evaluation at `as_of`: `profile_id, segment_no, status, since`.

    | before | qualifies now | status, since |
    |---|---|---|
    | none or exited | yes | realized, as_of |
    | realized or existing | yes | existing, unchanged |
    | realized or existing | no | exited, as_of |
    | exited | no | exited, unchanged, for 30 days; then none |

    memberships  `membership` as that evaluation left it
    changes      `membership_change`
    """
    in_now = memberships.select("profile_id", F.explode(F.arrays_zip("segments", "entered_at")).alias("one")).select(
        "profile_id", F.col("one.segments").alias("segment_no"), F.col("one.entered_at").alias("since")
    )
    word = F.when(F.col("since") == F.lit(as_of), "realized").otherwise("existing")
    held = in_now.select("profile_id", "segment_no", word.alias("status"), "since")
    lately = (F.col("at") > F.lit(as_of - shown)) & (F.col("at") <= F.lit(as_of))
    exits = one_by_one(changes.where(lately)).where(F.col("change") == LEFT).groupBy("profile_id", "segment_no")
    gone = exits.agg(F.max("at").alias("since")).join(held, ["profile_id", "segment_no"], how="left_anti")
    return held.unionByName(gone.select("profile_id", "segment_no", F.lit("exited").alias("status"), "since"))
