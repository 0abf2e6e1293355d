"""Sightings: which identifiers were seen together on one record at one time."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

SIGHTING_COLUMNS = ("dataset", "record_id", "seen_at", "identifier_ids", "dropped", "batch_id")


def seen_at() -> Column:
    """When a raw row was seen: the source's own time (an event's time, a record's `newest_by`), else when it was ingested."""
    return F.coalesce("source_time", "ingested_at")


def sightings_of(identified: DataFrame, dataset: str) -> DataFrame:
    """What the rows of one raw table say about identity: a sighting per record version or event.

    identified  raw rows with `identifiers` and `dropped` of `schemas.identifier_arrays.identifier_arrays`
    returns     SIGHTING_COLUMNS and `identifiers`, the structs behind `identifier_ids` (highest priority first)

    A row that carries no identifier and of which nothing was dropped says nothing and is left out.
    """
    says_something = (F.size("identifiers") > 0) | (F.size("dropped") > 0)
    return identified.filter(says_something).select(
        F.lit(dataset).alias("dataset"),
        "record_id",
        seen_at().alias("seen_at"),
        F.col("identifiers")["identifier_id"].alias("identifier_ids"),
        "dropped",
        "batch_id",
        "identifiers",
    )


def counting_sightings(
    sightings: DataFrame,
    datasets: Collection[str],
    ended: Collection[str],
    as_of: datetime,
    withdrawn: DataFrame | None = None,
    *,
    with_record: bool = False,
) -> DataFrame:
    """The sightings that may link.

    datasets   names of the datasets that are enabled for the profile; sightings of others rest
    ended      names of datasets with `superseded_links: end`: of a record only the newest version counts
    as_of      what was seen later waits; the newest version is the newest of those whose time has come
    withdrawn  (batch_id string) batches that were withdrawn, or None
    returns    (dataset string, identifier_ids array<bigint>, seen_at timestamp), `with_record` also record_id string
    """
    record = ("record_id",) if with_record else ()
    enabled = sightings.filter(F.col("dataset").isin(sorted(datasets)) & (F.col("seen_at") <= F.lit(as_of)))
    if withdrawn is not None:
        enabled = enabled.join(F.broadcast(withdrawn.select("batch_id")), "batch_id", how="left_anti")
    lasting = enabled.select("dataset", "identifier_ids", "seen_at", *record)
    if not ended:
        return lasting
    version = F.struct("seen_at", "batch_id", "identifier_ids")  # batch and ids break a tie of times
    newest = (
        enabled.filter(F.col("dataset").isin(sorted(ended)))
        .groupBy("dataset", "record_id")
        .agg(F.max(version).alias("version"))
        .select("dataset", "version.identifier_ids", "version.seen_at", *record)
    )
    return lasting.filter(~F.col("dataset").isin(sorted(ended))).unionByName(newest)


def combinations_of(sightings: DataFrame) -> DataFrame:
    """Each list of identifiers that was seen, once, however many events carried it.

    sightings  (dataset, identifier_ids, seen_at)
    returns    (identifier_ids array<bigint>, first_seen_at timestamp, datasets array<string> sorted)   never empty lists
    """
    return (
        sightings.filter(F.size("identifier_ids") > 0)
        .groupBy("identifier_ids")
        .agg(F.min("seen_at").alias("first_seen_at"), F.array_sort(F.collect_set("dataset")).alias("datasets"))
        .select("identifier_ids", "first_seen_at", "datasets")
    )


def members_of(combinations: DataFrame, identifiers: DataFrame) -> DataFrame:
    """The identifiers of each combination, a row each.

    identifiers  (identifier_id bigint, namespace string, ..)
    returns      (identifier_ids array<bigint>, place int, identifier_id bigint, namespace string); place 0 is the best
    """
    members = combinations.select("identifier_ids", F.posexplode("identifier_ids").alias("place", "identifier_id"))
    named = members.join(identifiers.select("identifier_id", "namespace"), "identifier_id", how="inner")
    return named.select("identifier_ids", "place", "identifier_id", "namespace")
