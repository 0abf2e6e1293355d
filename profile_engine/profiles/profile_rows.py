"""Rows of the table `profile`: merged people with their numbers."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.lake.identity_changes import MINTED

SYSTEM_COLUMNS = ("profile_id", "profile_no", "merge_policy", "identities", "provenance")


def profile_rows(merged: DataFrame, identity_changes: DataFrame) -> DataFrame:
    """A row is a person under a policy: SYSTEM_COLUMNS, then the attributes.

    `merged` is what `merged_people` gave. `profile_no` was given when the id was minted; owners that stand for themselves,
    under policies without the identity graph, have none.
    """
    numbers = identity_changes.where(F.col("change") == MINTED).select("profile_id", "profile_no")
    attributes = [name for name in merged.columns if name not in SYSTEM_COLUMNS]
    return merged.join(numbers, "profile_id", how="left").select(*SYSTEM_COLUMNS, *attributes)
