"""What identity dropped and why: links, and identifiers that hygiene refused; counted by reason, with examples."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import functions as F

from profile_engine.identity.links import DROPPED
from profile_engine.lake.lake import Lake
from profile_engine.workspace.found_identifier import rows_of


@dataclass(frozen=True)
class DroppedValue:
    """A value that hygiene refused, on how many records, and one of them."""

    value: str | None
    records: int
    dataset: str
    record_id: str


@dataclass(frozen=True)
class DroppedIdentifiers:
    """What one reason dropped of one namespace: on how many records, how many values, those on most records first."""

    namespace: str
    reason: str
    records: int
    values: int
    examples: tuple[DroppedValue, ...]


@dataclass(frozen=True)
class DroppedLinks:
    """What one reason dropped between two namespaces, and the values at which most of these links end."""

    namespaces: tuple[str, str]
    reason: str
    links: int
    hubs: tuple[tuple[str, str, int], ...]
    """namespace, value, links"""


def dropped_identifiers(lake: Lake, examples: int) -> tuple[DroppedIdentifiers, ...]:
    """Most records first; two passes over `sighting` in one job."""
    each = lake.read("sighting").select("dataset", "record_id", F.explode("dropped").alias("dropped"))
    values = each.groupBy("dropped.namespace", "dropped.reason", "dropped.value").agg(
        F.count("*").alias("records"), F.min(F.struct("dataset", "record_id")).alias("one")
    )
    order = F.struct((-F.col("records")).alias("fewest"), "value", "one")
    grouped = values.groupBy("namespace", "reason").agg(
        F.sum("records").alias("records"),
        F.count("*").alias("values"),
        F.slice(F.sort_array(F.collect_list(order)), 1, max(examples, 1)).alias("examples"),
    )
    found = [
        DroppedIdentifiers(
            row["namespace"], row["reason"], row["records"], row["values"],
            tuple(
                DroppedValue(one["value"], -one["fewest"], one["one"]["dataset"], one["one"]["record_id"])
                for one in row["examples"][:examples]
            ),
        )
        for row in rows_of(grouped)
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (-one.records, one.namespace, one.reason)))


def dropped_links(lake: Lake, examples: int) -> tuple[DroppedLinks, ...]:
    """Most links first."""
    dropped = lake.read("link").where(F.col("state") == DROPPED)
    identifiers = lake.read("identifier").select("identifier_id", "namespace", "value")
    sided = dropped.select("left_id", "right_id", "reason")
    for side in ("left", "right"):
        of_side = identifiers.select(
            F.col("identifier_id").alias(f"{side}_id"), F.struct("namespace", "value").alias(side)
        )
        sided = sided.join(of_side, f"{side}_id", how="inner")
    ends = F.array_sort(F.array("left.namespace", "right.namespace"))
    told = sided.select(ends.alias("namespaces"), "reason", "left", "right").localCheckpoint()
    counts = rows_of(told.groupBy("namespaces", "reason").agg(F.count("*").alias("links")))
    by_value = told.select("namespaces", "reason", F.explode(F.array("left", "right")).alias("end"))
    degrees = by_value.groupBy("namespaces", "reason", "end").agg(F.count("*").alias("links"))
    order = F.struct((-F.col("links")).alias("fewest"), "end")
    hubs = degrees.groupBy("namespaces", "reason").agg(
        F.slice(F.sort_array(F.collect_list(order)), 1, max(examples, 1)).alias("hubs")
    )
    of = {(tuple(row["namespaces"]), row["reason"]): row["hubs"][:examples] for row in rows_of(hubs)}
    found = []
    for row in counts:
        key = (tuple(row["namespaces"]), row["reason"])
        shown = tuple((hub["end"]["namespace"], hub["end"]["value"], -hub["fewest"]) for hub in of[key])
        found.append(DroppedLinks((key[0][0], key[0][1]), row["reason"], row["links"], shown))
    return tuple(sorted(found, key=lambda one: (-one.links, one.namespaces, one.reason)))
