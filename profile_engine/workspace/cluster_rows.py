"""The cluster of some profiles, read from the current release: identifiers, links, and the records behind each link."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.errors import ConfigurationError
from profile_engine.identity.current_sightings import current_sightings
from profile_engine.identity.evidence.cluster import Cluster, Identifier, Link, Pair, Seen
from profile_engine.identity.stage import STAGE
from profile_engine.lake.lake import Lake
from profile_engine.project.project import Project
from profile_engine.workspace.found_identifier import rows_of

MOST_IDENTIFIERS = 20_000
"""Of a cluster that is explained; more than that is a matter for `largest_profile` of the gate, not for a reader."""


def cluster_rows(project: Project, lake: Lake, profile_ids: Collection[str]) -> Cluster:
    """The identifiers of the profiles with every link that touches them; of dropped links also the identifier at their
    other end, whoever has it.

    Raises ConfigurationError for more than MOST_IDENTIFIERS. Four Spark jobs, whatever the size.
    """
    profiles = lake.read("identity_map")
    of_them = profiles.where(F.col("profile_id").isin(sorted(profile_ids)))
    members = rows_of(of_them.limit(MOST_IDENTIFIERS + 1))
    if len(members) > MOST_IDENTIFIERS:
        raise ConfigurationError(
            f"these profiles have more than {MOST_IDENTIFIERS} identifiers, which nobody can read; see "
            "`profile-engine explain dropped` and the gate largest_profile for what glued them together"
        )
    ids = lake.spark.createDataFrame([(row["identifier_id"],) for row in members], "identifier_id bigint")
    links = rows_of(_touching(lake.read("link"), ids))
    everybody = {row["identifier_id"] for row in members} | {
        row[end] for row in links for end in ("left_id", "right_id")
    }
    wanted = F.broadcast(lake.spark.createDataFrame([(one,) for one in sorted(everybody)], "identifier_id bigint"))
    named = (
        lake.read("identifier").join(wanted, "identifier_id", how="inner").join(profiles, "identifier_id", how="left")
    )
    identifiers = {row["identifier_id"]: _identifier(project, row) for row in rows_of(named)}
    evidence = _evidence(rows_of(_records(project, lake, ids)), {(row["left_id"], row["right_id"]) for row in links})
    return Cluster(identifiers, tuple(_link(row, evidence) for row in links))


def _touching(links: DataFrame, ids: DataFrame) -> DataFrame:
    """The links of which an end is among `ids`, in a fixed order."""
    for side in ("left_id", "right_id"):
        of_side = ids.select(F.col("identifier_id").alias(side), F.lit(True).alias(f"is_{side}"))
        links = links.join(F.broadcast(of_side), side, how="left")
    touched = links.where(F.col("is_left_id") | F.col("is_right_id")).drop("is_left_id", "is_right_id")
    return touched.orderBy("left_id", "right_id")


def _records(project: Project, lake: Lake, ids: DataFrame) -> DataFrame:
    """(identifier_ids, dataset, records, first_at, first_record, last_at, last_record): each combination of identifiers that
    holds one of `ids`, and how often which dataset showed it."""
    # as of when the graph stands: what waits is no evidence yet
    as_of = lake.stage_time(STAGE) or lake.published_release().as_of
    counting = current_sightings(lake, project, as_of, with_record=True)
    exploded = counting.withColumn("identifier_id", F.explode("identifier_ids"))
    touching = exploded.join(F.broadcast(ids), "identifier_id", how="left_semi").drop("identifier_id").distinct()
    moment = F.struct("seen_at", "record_id")
    return (
        touching.groupBy("identifier_ids", "dataset")
        .agg(F.count("*").alias("records"), F.min(moment).alias("first"), F.max(moment).alias("last"))
        .orderBy("dataset", "identifier_ids")
    )


def _evidence(rows: list[dict[str, Any]], links: Collection[Pair]) -> dict[Pair, tuple[int, Seen, Seen]]:
    """How many records carried both ends of each link, the first and the last of them."""
    found: dict[Pair, tuple[int, Seen, Seen]] = {}
    for row in rows:
        first, last = (Seen(row[end]["seen_at"], row["dataset"], row[end]["record_id"]) for end in ("first", "last"))
        members = sorted(set(row["identifier_ids"]))
        for place, left in enumerate(members):
            for right in members[place + 1 :]:
                if (left, right) in links:
                    many, oldest, newest = found.get((left, right), (0, first, last))
                    found[left, right] = (many + row["records"], min(oldest, first), max(newest, last))
    return found


def _identifier(project: Project, row: dict[str, Any]) -> Identifier:
    known = row["namespace"] in project.namespaces.names
    priority = project.namespaces.priority(row["namespace"]) if known else len(project.namespaces.names) + 1
    return Identifier(
        row["identifier_id"], row["namespace"], row["value"], priority, row["first_seen_at"], row["profile_id"]
    )


def _link(row: dict[str, Any], evidence: dict[Pair, tuple[int, Seen, Seen]]) -> Link:
    records, first, last = evidence.get((row["left_id"], row["right_id"]), (0, None, None))
    return Link(
        row["left_id"], row["right_id"], row["state"], row["reason"], row["first_seen_at"], tuple(row["datasets"] or ()),
        records, first, last, row.get("probability"),
    )  # fmt: skip
