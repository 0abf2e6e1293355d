"""Links: two identifiers that were seen together, as a star around the best identifier of each record."""

from __future__ import annotations

from collections.abc import Collection

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

LIVE, DROPPED = "live", "dropped"
PERSONS_PER_VALUE = "persons_per_value"
RULING_ON_VALUE, RULING_ON_LINK = "ruling_on_value", "ruling_on_link"


def links_of(
    combinations: DataFrame, over_limit: DataFrame | None = None, kept: Collection[tuple[int, int]] = ()
) -> DataFrame:
    """All links that the combinations make, those of values that link nothing as dropped.

    combinations  (identifier_ids array<bigint>, first_seen_at timestamp, datasets array<string>, ..), highest priority first
    over_limit    (identifier_id bigint, reason string) distinct values that link nothing, over a limit or by a ruling; or None
    kept          pairs, left_id < right_id, that are a link also where a star has none between them; few
    returns       (left_id bigint, right_id bigint, first_seen_at timestamp, datasets array<string> sorted, state string,
                  reason string, probability double)   one row a pair, left_id < right_id; no probability, as records show
                  these links
    """
    seen = combinations.select("identifier_ids", "first_seen_at", "datasets")
    if over_limit is not None:
        seen = seen.unionByName(_without(seen, over_limit))
    # a star keeps links linear in the identifiers of a record; a clique would be quadratic and joins nobody else
    rays = seen.select(
        F.get("identifier_ids", F.lit(0)).alias("centre"),
        F.explode("identifier_ids").alias("other"),
        "first_seen_at",
        "datasets",
    )
    if kept:
        rays = rays.unionByName(_kept_rays(combinations, kept))
    pairs = between(rays, "centre", "other")
    links = (
        pairs.groupBy("left_id", "right_id")
        .agg(F.min("first_seen_at").alias("first_seen_at"), F.flatten(F.collect_set("datasets")).alias("datasets"))
        .withColumn("datasets", F.array_sort(F.array_distinct("datasets")))
    )
    reason = F.lit(None).cast("string")
    if over_limit is not None:
        for side in ("left_id", "right_id"):
            over = over_limit.select(F.col("identifier_id").alias(side), F.col("reason").alias(f"{side}_reason"))
            links = links.join(over, side, how="left")
        reason = F.greatest("left_id_reason", "right_id_reason")  # a ruling before a limit
    return links.select(
        "left_id",
        "right_id",
        "first_seen_at",
        "datasets",
        F.when(reason.isNotNull(), DROPPED).otherwise(LIVE).alias("state"),
        reason.alias("reason"),
        F.lit(None).cast("double").alias("probability"),
    )


def with_rulings(links: DataFrame, rulings: DataFrame) -> DataFrame:
    """`links` with what people decided about single ones, whatever their state was; columns unchanged.

    rulings  (left_id bigint, right_id bigint, state string), distinct pairs; few
    """
    ruled = rulings.select("left_id", "right_id", F.col("state").alias("ruled"))
    judged = links.join(F.broadcast(ruled), ["left_id", "right_id"], how="left")
    columns = {
        "state": F.coalesce("ruled", "state"),
        "reason": F.when(F.col("ruled").isNotNull(), RULING_ON_LINK).otherwise(F.col("reason")),
    }
    return judged.withColumns(columns).select(*links.columns)


def between(rays: DataFrame, centre: str, other: str) -> DataFrame:
    """The rows of `rays` as links, `left_id < right_id` in place of the two columns; none of an identifier to itself."""
    rest = [column for column in rays.columns if column not in (centre, other)]
    return rays.filter(F.col(centre) != F.col(other)).select(
        F.least(centre, other).alias("left_id"), F.greatest(centre, other).alias("right_id"), *rest
    )


def live(links: DataFrame) -> DataFrame:
    """(left_id, right_id) of the links that join people."""
    return links.filter(F.col("state") == LIVE).select("left_id", "right_id")


def _kept_rays(combinations: DataFrame, kept: Collection[tuple[int, int]]) -> DataFrame:
    """A ray (centre, other, ..) between the ends of a kept pair for each combination that holds both."""
    pairs = F.broadcast(combinations.sparkSession.createDataFrame(sorted(kept), "centre bigint, other bigint"))
    members = combinations.withColumn("centre", F.explode("identifier_ids")).join(pairs, "centre", how="inner")
    both = members.filter("array_contains(identifier_ids, other)")
    return both.select("centre", "other", "first_seen_at", "datasets")


def _without(combinations: DataFrame, over_limit: DataFrame) -> DataFrame:
    """The combinations whose first identifier is over its limit, without all that are over.

    Only there the star loses its centre: the others on the record were still seen together, and link around the next.
    """
    centre = over_limit.select(F.col("identifier_id").alias("centre"))
    beheaded = combinations.join(centre, F.get("identifier_ids", F.lit(0)) == F.col("centre"), how="left_semi")
    members = beheaded.select("*", F.posexplode("identifier_ids").alias("place", "identifier_id"))
    kept = members.join(over_limit.select("identifier_id"), "identifier_id", how="left_anti")
    gathered = kept.groupBy("identifier_ids", "first_seen_at", "datasets").agg(
        F.array_sort(F.collect_list(F.struct("place", "identifier_id"))).alias("kept")
    )
    return gathered.select(F.col("kept.identifier_id").alias("identifier_ids"), "first_seen_at", "datasets")
