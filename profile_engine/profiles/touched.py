"""Who has to be built again: the owners of records and events that changed, and people whose identities did."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def owners_of(changed: DataFrame) -> DataFrame:
    """A row is an owner, `owner_id`, of a record that changed: as it is now, or as it was before.

    `changed` are rows of `Run.changes` with `owner_id` and `_before_owner_id`.
    """
    both = changed.select(F.explode(F.array("owner_id", "_before_owner_id")).alias("owner_id"))
    return both.where(F.col("owner_id").isNotNull()).distinct()


def people_touched(owners: DataFrame, map_changes: DataFrame | None, identity_map: DataFrame) -> DataFrame:
    """A row is a `profile_id` that may be another profile now, or none: whose are the owners, and who gained or lost an
    identifier.

    map_changes   changes of the identity map with `profile_id` and `_before_profile_id`; None where it did not move
    """
    by_owner = identity_map.withColumnRenamed("identifier_id", "owner_id")
    people = by_owner.join(owners, "owner_id", how="left_semi").select("profile_id")
    if map_changes is not None:
        moved = map_changes.select(F.explode(F.array("profile_id", "_before_profile_id")).alias("profile_id"))
        people = people.unionByName(moved.where(F.col("profile_id").isNotNull()))
    return people.distinct()
