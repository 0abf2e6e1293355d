"""Which components break a rule, and their replay over the cluster: each component in one task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

import pyarrow as pa
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from profile_engine.identity.linking_rules.replay import RuledByHand, dropped_links
from profile_engine.identity.linking_rules.rules import IDENTITY_LIMIT, REPLAY_LIMIT, RULE_REASONS, LinkingRules
from profile_engine.identity.links import DROPPED, LIVE, RULING_ON_LINK, live

Solve = Callable[[DataFrame, DataFrame], DataFrame]
"""Links (left_id, right_id) and identifiers to (identifier_id, component) of all identifiers in both."""

_ORDER = ("at", "record_id", "dataset", "identifier_ids")
"""Of events in time: a record that was seen twice at one time by its lists."""
_DROPPED = "left_id bigint, right_id bigint, ruled_out string"


@dataclass(frozen=True)
class RuledGraph:
    """The graph that rules leave."""

    links: DataFrame
    """All links as they came, those that rules drop with their reason."""
    placed: DataFrame
    """Identifiers as they came, `component` over the links that are live."""
    replayed: int = 0
    """Components that broke a rule."""
    set_aside: tuple[int, ...] = ()
    """Sightings of each component that was too large to replay, the most first; it has no live link but those kept by hand."""
    largest_before_limit: int = 0
    """Identifiers of the largest graph that the limit of identifiers then made smaller; 0 where it took none."""


def raw_links(links: DataFrame, rules: LinkingRules) -> DataFrame:
    """(left_id, right_id) of the links that rules judge: live ones and those that rules dropped; also those that a ruling cut,
    as an event is one event, and contradicts itself or not, whatever was cut. Without rules: the live ones."""
    judged = F.col("state") == LIVE
    if rules.say_something:
        judged |= F.col("reason").isin(*RULE_REASONS, RULING_ON_LINK)
    return links.filter(judged).select("left_id", "right_id")


def ruled(
    links: DataFrame,
    placed: DataFrame,
    combinations: DataFrame,
    sightings: DataFrame,
    over: DataFrame | None,
    rules: LinkingRules,
    by_hand: RuledByHand,
    solve: Solve,
) -> RuledGraph:
    """Apply linking rules to the components of raw links that break one, and solve again what is left of them.

    links         of `links.links_of`
    placed        (identifier_id bigint, component bigint, priority int, ..): the components of `raw_links`
    combinations  (identifier_ids array<bigint>, ..), distinct
    sightings     (identifier_ids array<bigint>, seen_at timestamp, dataset string, record_id string)
    over          (identifier_id bigint, ..) values that link nothing, or None

    Without rules nothing is done; with some, the frames are read several times.
    """
    if not rules.say_something:
        return RuledGraph(links, placed)
    placed = placed.localCheckpoint()
    broken = components_that_break(placed, rules).localCheckpoint()
    replayed = broken.count()
    set_aside: dict[int, int] = {}
    if replayed:
        affected = placed.join(broken, "component", how="left_semi")
        events = events_of(combinations, sightings, affected, over)
        if rules.most_identifiers is None:
            # an identifier alone links nothing; where identifiers leave by age it was seen all the same
            events = events.filter(F.size("identifier_ids") > 1)
        events = _without_repeats(events).localCheckpoint()
        sizes = events.groupBy("component").count().filter(F.col("count") > rules.replay_limit).collect()
        set_aside = {row["component"]: row["count"] for row in sizes}
        is_aside = F.col("component").isin(list(set_aside))
        dropped = events.filter(~is_aside).groupBy("component").applyInArrow(_replay(rules, by_hand), _DROPPED)
        if set_aside:
            dropped = dropped.unionByName(_links_inside(links, affected.filter(is_aside)))
        links = _without(links, dropped).localCheckpoint()
    cut = sorted({end for link in by_hand.cut for end in link})
    parted = placed.filter(F.col("identifier_id").isin(cut)).select("component").distinct()
    if not replayed and (not cut or parted.isEmpty()):
        return RuledGraph(links, placed)
    changed = broken.unionByName(parted).distinct().localCheckpoint()
    touched = placed.join(changed, "component", how="left_semi").drop("component").localCheckpoint()
    members = touched.select("identifier_id")
    inside = links.join(members.withColumnRenamed("identifier_id", "left_id"), "left_id", how="left_semi")
    anew = touched.join(solve(live(inside), members), "identifier_id", how="inner")
    return RuledGraph(
        links,
        placed.join(changed, "component", how="left_anti").unionByName(anew),
        replayed,
        tuple(sorted(set_aside.values(), reverse=True)),
        _largest_before_limit(inside, members, rules, solve),
    )


def components_that_break(placed: DataFrame, rules: LinkingRules) -> DataFrame:
    """(component bigint), distinct: those with two values of a unique namespace, or with too many identifiers."""
    found = []
    if rules.unique:
        of_unique = placed.filter(F.col("priority").isin(sorted(rules.unique)))
        found.append(of_unique.groupBy("component", "priority").count().filter("count > 1").select("component"))
    if rules.most_identifiers is not None:
        too_large = F.col("count") > rules.most_identifiers
        found.append(placed.groupBy("component").count().filter(too_large).select("component"))
    return reduce(DataFrame.unionByName, found).distinct() if found else placed.select("component").limit(0)


def events_of(combinations: DataFrame, sightings: DataFrame, affected: DataFrame, over: DataFrame | None) -> DataFrame:
    """The sightings of some components, as their replay needs them.

    affected  (identifier_id bigint, component bigint, priority int)
    returns   (component bigint, at bigint, record_id string, dataset string, identifier_ids array<bigint>,
              priorities array<int>): `at` in microseconds; identifiers without those over their limit, in their order
    """
    members = combinations.select("identifier_ids", F.posexplode("identifier_ids").alias("place", "identifier_id"))
    if over is not None:
        members = members.join(over.select("identifier_id"), "identifier_id", how="left_anti")
    gathered = (
        members.join(affected, "identifier_id", how="inner")
        .groupBy("identifier_ids", "component")
        .agg(F.array_sort(F.collect_list(F.struct("place", "identifier_id", "priority"))).alias("kept"))
    )
    timed = sightings.select("identifier_ids", F.unix_micros("seen_at").alias("at"), "record_id", "dataset")
    return gathered.join(timed, "identifier_ids", how="inner").select(
        "component",
        "at",
        "record_id",
        "dataset",
        F.col("kept.identifier_id").alias("identifier_ids"),
        F.col("kept.priority").alias("priorities"),
    )


def _without_repeats(events: DataFrame) -> DataFrame:
    """The events that differ from the one before them: the same again, right after, changes no link and no order.

    So a hundred pages of one visit count, and cost, as one.
    """
    before = F.lag("identifier_ids").over(Window.partitionBy("component").orderBy(*_ORDER))
    return (
        events.withColumn("before", before).filter(~F.col("identifier_ids").eqNullSafe(F.col("before"))).drop("before")
    )


def _replay(rules: LinkingRules, by_hand: RuledByHand) -> Callable[[pa.Table], pa.Table]:
    def of_component(events: pa.Table) -> pa.Table:
        rows = events.to_pydict()
        priority: dict[int, int] = {}
        for ids, priorities in zip(rows["identifier_ids"], rows["priorities"], strict=True):
            priority.update(zip(ids, priorities, strict=True))
        in_order = sorted(zip(*(rows[column] for column in _ORDER), strict=True))
        dropped = dropped_links([list(dict.fromkeys(ids)) for *_, ids in in_order], priority, rules, by_hand)
        return pa.table(
            {
                "left_id": pa.array([link[0] for link in dropped], pa.int64()),
                "right_id": pa.array([link[1] for link in dropped], pa.int64()),
                "ruled_out": pa.array(list(dropped.values()), pa.string()),
            }
        )

    return of_component


def _links_inside(links: DataFrame, members: DataFrame) -> DataFrame:
    inside = links.join(members.select(F.col("identifier_id").alias("left_id")), "left_id", how="left_semi")
    return inside.select("left_id", "right_id", F.lit(REPLAY_LIMIT).alias("ruled_out"))


def _without(links: DataFrame, dropped: DataFrame) -> DataFrame:
    """`links` with those of `dropped` that are live, and not kept by hand, dropped for its reason."""
    judged = links.join(dropped, ["left_id", "right_id"], how="left")
    goes = F.col("ruled_out").isNotNull() & (F.col("state") == LIVE) & F.col("reason").isNull()
    kept = [column for column in links.columns if column not in ("state", "reason")]
    return judged.select(
        *kept,
        F.when(goes, DROPPED).otherwise(F.col("state")).alias("state"),
        F.when(goes, F.col("ruled_out")).otherwise(F.col("reason")).alias("reason"),
    )


def _largest_before_limit(inside: DataFrame, members: DataFrame, rules: LinkingRules, solve: Solve) -> int:
    if rules.most_identifiers is None or inside.filter(F.col("reason") == IDENTITY_LIMIT).isEmpty():
        return 0
    before = inside.filter((F.col("state") == LIVE) | (F.col("reason") == IDENTITY_LIMIT))
    row = solve(before.select("left_id", "right_id"), members).groupBy("component").count().agg(F.max("count")).first()
    return int(row[0]) if row is not None else 0
