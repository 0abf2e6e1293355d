"""Who is a person: the identifiers that belong together, and with them the fragments that each of them owns."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from profile_engine.schemas.identifiers import owner_profile_id


def people_of_graph(
    identity_map: DataFrame, identifiers: DataFrame, fragments: DataFrame | None, namespaces: Sequence[str]
) -> DataFrame:
    """A row is an identifier of a person with one of the fragments it owns, or with none: `profile_id`, `identity` (a
    struct of rank, namespace, value; the rank is the place in `namespaces`), and the columns of a fragment.

    All ids of the identity map are there, also those that only events know. A fragment whose owner is not on the map
    waits for the graph to know it.
    """
    known = identity_map.join(identifiers, "identifier_id", how="inner")
    known = known.select("profile_id", F.col("identifier_id").alias("owner_id"), _identity(namespaces))
    return known if fragments is None else known.join(fragments, "owner_id", how="left")


def people_of_owners(
    owner_ids: DataFrame, identifiers: DataFrame, fragments: DataFrame | None, namespaces: Sequence[str]
) -> DataFrame:
    """The same as policies without the identity graph see people: each owner of records or events is one.

    `profile_id` is made of the owner's identifier_id, so that it is stable.
    """
    owners = owner_ids.select("owner_id").distinct()
    known = owners.join(identifiers.withColumnRenamed("identifier_id", "owner_id"), "owner_id", how="inner")
    known = known.select(owner_profile_id().alias("profile_id"), "owner_id", _identity(namespaces))
    return known if fragments is None else known.join(fragments, "owner_id", how="left")


def _identity(namespaces: Sequence[str]) -> Column:
    """A namespace that is no longer configured comes last."""
    names = F.array(*[F.lit(name) for name in namespaces]).cast("array<string>")
    rank = F.nullif(F.array_position(names, F.col("namespace")), F.lit(0))
    rank = F.coalesce(rank, F.lit(len(namespaces) + 1)).alias("rank")
    return F.struct(rank, F.col("namespace"), F.col("value")).alias("identity")
