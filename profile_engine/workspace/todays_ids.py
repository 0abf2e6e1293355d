"""Any profile id that was ever given, translated to the one that has the person today."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.errors import ConfigurationError
from profile_engine.lake.identity_changes import MINTED
from profile_engine.lake.lake import Lake
from profile_engine.segments.redirects import redirects

CURRENT, MERGED, GONE, UNKNOWN = "current", "merged", "gone", "unknown"


def todays_ids(lake: Lake, asked: DataFrame) -> DataFrame:
    """What has become of profile ids, by the ledger `identity_change` of the current release.

    asked    (profile_id string, ..); an id may stand on several rows
    returns  (profile_id string, todays_id string, what string), a row per distinct id, by id. `what`: `current` (it is
             today's), `merged` (`todays_id` has taken it in, through any number of merges), `gone` (no identifier of it, or
             of what it was merged into, is left: `todays_id` is null), `unknown` (never given: null)

    A split needs no translation: the id stayed with its anchor, the part that left has an id of its own.
    """
    ledger = lake.read("identity_change")
    given = ledger.where(F.col("change") == MINTED).select("profile_id").distinct().withColumn("given", F.lit(True))
    has_people = lake.read("identity_map").select(F.col("profile_id").alias("last_id")).distinct()
    followed = asked.select("profile_id").distinct().join(redirects(ledger), "profile_id", how="left")
    known = followed.join(given, "profile_id", how="left").withColumn("last_id", F.coalesce("survivor", "profile_id"))
    told = known.join(has_people.withColumn("has_people", F.lit(True)), "last_id", how="left")
    what = (
        F.when(F.col("given").isNull(), UNKNOWN)
        .when(F.col("has_people").isNull(), GONE)
        .when(F.col("survivor").isNotNull(), MERGED)
        .otherwise(CURRENT)
    )
    todays_id = F.when(what.isin(CURRENT, MERGED), F.col("last_id"))
    return told.select("profile_id", todays_id.alias("todays_id"), what.alias("what")).orderBy("profile_id")


def todays_id(lake: Lake, profile_id: str) -> str:
    """The id that has the person today; raises ConfigurationError for one that was never given, or has nobody any more."""
    row = todays_ids(lake, lake.spark.createDataFrame([(profile_id,)], "profile_id string")).first()
    if row is None or row.todays_id is None:
        raise ConfigurationError(
            f"there is no profile {profile_id} in the current release; give an id that a table shows"
        )
    return str(row.todays_id)
