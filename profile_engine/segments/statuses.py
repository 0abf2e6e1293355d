"""The status of each membership as the reference product's profiles carry it; nothing is stored for it."""

from __future__ import annotations

from datetime import datetime, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.segments.change_log import LEFT, one_by_one
from profile_engine.segments.redirects import redirects

REALIZED, EXISTING, EXITED = "realized", "existing", "exited"
EXITS_SHOWN = timedelta(days=30)
"""An exit is told for so long; then there is no status any more."""


def statuses(
    memberships: DataFrame,
    changes: DataFrame,
    identity_changes: DataFrame,
    as_of: datetime,
    shown: timedelta = EXITS_SHOWN,
) -> DataFrame:
    """A row is a status after the evaluation at `as_of`: `profile_id, segment_no, status, since`.

    | before | qualifies now | status, since |
    |---|---|---|
    | none or exited | yes | realized, as_of |
    | realized or existing | yes | existing, unchanged |
    | realized or existing | no | exited, as_of |
    | exited | no | exited, unchanged, for 30 days; then none |

    memberships       `membership` as that evaluation left it
    changes           `membership_change`
    identity_changes  `identity_change`: what somebody left under an id that was merged since, the survivor has left
    """
    in_now = memberships.select("profile_id", F.explode(F.arrays_zip("segments", "entered_at")).alias("one")).select(
        "profile_id", F.col("one.segments").alias("segment_no"), F.col("one.entered_at").alias("since")
    )
    word = F.when(F.col("since") == F.lit(as_of), REALIZED).otherwise(EXISTING)
    held = in_now.select("profile_id", "segment_no", word.alias("status"), "since")
    until = F.col("at") <= F.lit(as_of)
    lately = until & (F.col("at") > F.lit(as_of - shown))
    exits = one_by_one(changes.where(lately)).where(F.col("change") == LEFT).select("profile_id", "segment_no", "at")
    of_today = exits.join(redirects(identity_changes.where(until)), "profile_id", how="left").select(
        F.coalesce("survivor", "profile_id").alias("profile_id"), "segment_no", "at"
    )
    last = of_today.groupBy("profile_id", "segment_no").agg(F.max("at").alias("since"))
    gone = last.join(held, ["profile_id", "segment_no"], how="left_anti")
    return held.unionByName(gone.select("profile_id", "segment_no", F.lit(EXITED).alias("status"), "since"))
