"""What changes at a destination: who enters and who leaves, by the identity as sent."""

from __future__ import annotations

from collections.abc import Collection

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

REALIZED, EXISTING, EXITED = "realized", "existing", "exited"


def changes(now: DataFrame, before: DataFrame | None, whole: Collection[int]) -> DataFrame:
    """Rows that a delivery sends or counts.

    now, before  `audience_no, identity, attributes`: what is to be at the destination, and what was sent before (None:
                 no audience has anything to be compared with); of the same types
    whole        numbers of the audiences that are sent whole
    Returns `audience_no, identity, attributes, status, sent boolean`. `realized` rows entered, `exited` ones left and keep
    the attributes they were sent with, `existing` ones are both before and now: sent only where the audience goes whole,
    else not in the result. Rows that left a whole audience are counted, not sent. Changed attributes alone are no change.
    """
    if before is None:
        return now.select(
            "audience_no", "identity", "attributes", F.lit(REALIZED).alias("status"), F.lit(True).alias("sent")
        )
    today = now.select("audience_no", "identity", F.col("attributes").alias("now"), F.lit(True).alias("is_now"))
    earlier = before.select(
        "audience_no", "identity", F.col("attributes").alias("before"), F.lit(True).alias("was_before")
    )
    goes_whole = F.col("audience_no").isin(sorted(whole)) if whole else F.lit(False)
    left, entered = F.col("is_now").isNull(), F.col("was_before").isNull()
    return (
        today.join(earlier, ["audience_no", "identity"], how="full")
        .where(left | entered | goes_whole)
        .select(
            "audience_no",
            "identity",
            F.when(left, F.col("before")).otherwise(F.col("now")).alias("attributes"),
            F.when(left, EXITED).when(entered, REALIZED).otherwise(EXISTING).alias("status"),
            (~(left & goes_whole)).alias("sent"),
        )
    )
