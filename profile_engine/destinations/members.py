"""Members of segments with their profiles: what all destinations of a run are computed from, read once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from profile_engine.destinations.config import INTERNAL

ENTRIES, FOUND = INTERNAL + "entries", INTERNAL + "found"
"""Not names of the domain, as a profile's attributes may bear any of those."""


def members(
    profiles: DataFrame, memberships: DataFrame, policies: Mapping[int, str], attributes: Collection[str]
) -> DataFrame:
    """Those who are in any of the segments, each with the segments that they are in.

    profiles     `profile_id, merge_policy, identities`, attributes
    memberships  `profile_id, segments array<int>, entered_at array<timestamp>`
    policies     the segments' numbers, and under which merge policy each sees its members
    attributes   top-level attributes to keep; those that the frame doesn't have are left out
    A row is a person under a merge policy: `profile_id, __entries array<struct<segment_no, entered_at>>, __found boolean,
    identities`, and the attributes. `__found` is null, and so is what follows, for a member without a profile under it.
    """
    entries = F.arrays_zip(F.col("segments").alias("segment_no"), F.col("entered_at").alias("entered_at"))
    by_policy = F.explode(
        F.array(
            *[
                F.struct(
                    F.lit(policy).alias("merge_policy"), F.filter(entries, _is_one_of(policies, policy)).alias(ENTRIES)
                )
                for policy in sorted(set(policies.values()))
            ]
        )
    )
    in_segments = memberships.select("profile_id", by_policy.alias("of_policy")).select("profile_id", "of_policy.*")
    kept = [name for name in profiles.columns if name in attributes]
    persons = profiles.select("profile_id", "merge_policy", F.lit(True).alias(FOUND), "identities", *map(_quoted, kept))
    return (
        in_segments.where(F.size(ENTRIES) > 0)
        .join(persons, ["profile_id", "merge_policy"], how="left")
        .select("profile_id", ENTRIES, FOUND, "identities", *map(_quoted, kept))
    )


def _is_one_of(policies: Mapping[int, str], policy: str) -> Callable[[Column], Column]:
    numbers = F.array(*[F.lit(number) for number, of_number in sorted(policies.items()) if of_number == policy])
    return lambda entry: F.array_contains(numbers, entry.getField("segment_no"))


def _quoted(name: str) -> Column:
    return F.col(f"`{name}`")
