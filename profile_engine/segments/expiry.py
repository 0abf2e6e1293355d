"""Which rows of the log of changes are no longer needed, some time after an exit.

A person's stays in a segment that ended long enough ago are forgotten, whole: entry and exit together. What was true
since that day can still be told exactly, as nobody forgotten was in at any later time; a day before it can't be told any
more and is refused. People who were ever merged keep all their rows, since the survivor's membership may stand on them.
"""

from __future__ import annotations

from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.lake.identity_changes import MERGED_INTO
from profile_engine.segments.change_log import LEFT, gathered, one_by_one


def kept_changes(changes: DataFrame, identity_changes: DataFrame, exits_before: datetime) -> DataFrame:
    """Rows of `membership_change` without what is in them of stays that ended at or before a time."""
    log, changes = changes, one_by_one(changes)
    ended = (F.col("change") == LEFT) & (F.col("at") <= F.lit(exits_before))
    last_exit = changes.where(ended).groupBy("profile_id", "segment_no").agg(F.max("at").alias("out_since"))
    merges = identity_changes.where(F.col("change") == MERGED_INTO)
    merged = merges.select("profile_id").union(merges.select(F.col("other_profile_id").alias("profile_id"))).distinct()
    forgotten = last_exit.join(merged, "profile_id", how="left_anti")
    kept = changes.join(forgotten, ["profile_id", "segment_no"], how="left")
    kept = kept.where(F.col("out_since").isNull() | (F.col("at") > F.col("out_since")))
    return gathered(kept).select(*log.columns)
