"""Rows of the table `profile`: one person under one merge policy, known by identities, with merged attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from profile_engine.profiles.config import MergePolicyConfig
from profile_engine.profiles.merge import stored_attributes, versions_without_fragments

IDENTITIES_TYPE = "array<struct<namespace:string,value:string>>"


def people_of_graph(
    identity_map: DataFrame, identifiers: DataFrame, identity_changes: DataFrame, namespaces: Sequence[str]
) -> DataFrame:
    """A row is a profile id of the identity map: `profile_id, profile_no, identities`.

    `identities` are sorted by priority (the order of `namespaces`), then by value. `profile_no` was given when the id was
    minted. All ids of the map are there, also those that only events know.
    """
    numbers = identity_changes.where(F.col("change") == "minted").select("profile_id", "profile_no")
    return (
        identity_map.join(identifiers, "identifier_id", how="inner")
        .groupBy("profile_id")
        .agg(F.collect_list(_ranked(namespaces)).alias("ranked"))
        .join(numbers, "profile_id", how="left")
        .select("profile_id", "profile_no", _sorted_identities(F.col("ranked")).alias("identities"))
    )


def people_of_owners(owner_ids: DataFrame, identifiers: DataFrame, namespaces: Sequence[str]) -> DataFrame:
    """A row is an owner (`owner_id`) of records or events, as policies without the identity graph see people:
    `owner_id, profile_id, profile_no, identities`.

    The id is made of the identifier's own, so that it is stable; there is no number, as no id was minted.
    """
    return (
        owner_ids.select("owner_id")
        .distinct()
        .join(identifiers.withColumnRenamed("identifier_id", "owner_id"), "owner_id", how="inner")
        .select(
            "owner_id",
            F.concat(F.lit("owner_"), F.lpad(F.lower(F.hex("owner_id")), 16, "0")).alias("profile_id"),
            F.lit(None).cast("bigint").alias("profile_no"),
            _sorted_identities(F.array(_ranked(namespaces))).alias("identities"),
        )
    )


def profile_rows(
    people: DataFrame, merged: DataFrame | None, key: str, union: StructType, policies: Mapping[str, MergePolicyConfig]
) -> DataFrame:
    """A row is a person under a policy: `profile_id, profile_no, merge_policy, identities, provenance`, attributes.

    `merged` is what `merged_fragments` made of the same `key`, or None where no dataset has attributes; people without a
    fragment have null attributes.
    """
    versions = versions_without_fragments(union, policies)
    if merged is not None:
        people = people.join(merged, key, how="left")
        versions = F.coalesce(F.col("versions"), versions)
    attributes = [F.col(f"version.`{name}`") for name in stored_attributes(union).fieldNames()]
    return people.select("profile_id", "profile_no", "identities", F.explode(versions).alias("version")).select(
        "profile_id", "profile_no", "version.merge_policy", "identities", "version.provenance", *attributes
    )


def _ranked(namespaces: Sequence[str]) -> Column:
    """An identity with its namespace's priority before it; a namespace that is no longer configured comes last."""
    ranks = F.array(*[F.lit(name) for name in namespaces]).cast("array<string>")
    rank = F.array_position(ranks, F.col("namespace"))
    return F.struct(
        F.when(rank > 0, rank).otherwise(F.lit(len(namespaces) + 1)).alias("priority"),
        F.col("namespace"),
        F.col("value"),
    )


def _sorted_identities(ranked: Column) -> Column:
    bare = F.transform(
        F.array_sort(ranked),
        lambda identity: F.struct(
            identity.getField("namespace").alias("namespace"), identity.getField("value").alias("value")
        ),
    )
    return bare.cast(IDENTITIES_TYPE)
