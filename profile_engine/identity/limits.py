"""Persons per value: a value that was seen with too many people links nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from profile_engine.config.units import Span
from profile_engine.identity.links import star
from profile_engine.schemas.namespace_rules import Namespaces
from profile_engine.schemas.namespaces import PERSON_KINDS

Solve = Callable[[DataFrame], DataFrame]
"""Links (left_id, right_id) to (identifier_id, component) of all identifiers in them."""


@dataclass(frozen=True)
class PersonLimit:
    """The limit of one namespace; people are told apart by the namespaces in `told_by`."""

    namespace: str
    at_most: int
    within: Span | None
    told_by: frozenset[str]


def person_limits(namespaces: Namespaces) -> tuple[PersonLimit, ...]:
    """The limits that the project's namespaces set, in order of priority."""
    people = frozenset(config.name for config in namespaces.configs if config.kind in PERSON_KINDS)
    return tuple(
        PersonLimit(config.name, limit.at_most, limit.within, people - {config.name})
        for config in namespaces.configs
        if config.enters_graph and (limit := config.persons_per_value) is not None
    )


def values_over_limit(
    combinations: DataFrame, sightings: DataFrame, limits: tuple[PersonLimit, ...], solve: Solve
) -> DataFrame:
    """The values that were seen with more people than their namespace allows.

    combinations  (identifier_ids array<bigint>, namespaces array<string> parallel to it, ..)
    sightings     (identifier_ids array<bigint>, seen_at timestamp, ..); read only where a limit has a window
    limits        at least one
    returns       (identifier_id bigint), distinct

    The people of a value are the components that it was seen with, over links among person, e-mail and phone namespaces
    without the value's own. A value over its limit, ever or in any window, links nothing at all: also what it was seen
    with before. So the answer depends on the set of sightings and never on the order in which they came.
    One solution of components serves all limits that tell people apart by the same namespaces.
    """
    over = []
    for told_by in dict.fromkeys(limit.told_by for limit in limits):
        groups = combinations.select("identifier_ids", _members(told_by).alias("person_ids"), "namespaces")
        links = groups.select(F.explode(star(F.col("person_ids"))).alias("link")).select("link.*").distinct()
        components = solve(links).withColumnRenamed("identifier_id", "person_id")
        for limit in (limit for limit in limits if limit.told_by == told_by):
            meetings = groups.select(
                "identifier_ids",
                F.explode(_members({limit.namespace})).alias("identifier_id"),
                # the members of a star are one component, so that its centre stands for all
                F.get("person_ids", F.lit(0)).alias("person_id"),
            ).filter(F.col("person_id").isNotNull())
            if limit.within is not None:
                meetings = meetings.join(sightings.select("identifier_ids", "seen_at"), "identifier_ids", how="inner")
            met = meetings.drop("identifier_ids").distinct().join(components, "person_id", how="left")
            people = met.withColumn("component", F.coalesce("component", "person_id"))
            over.append(_over(people, limit))
    return reduce(DataFrame.unionByName, over).select("identifier_id")


def most_at_once(meetings: DataFrame, within: Span) -> DataFrame:
    """The most components that a value was seen with in any window of the length `within`.

    meetings  (identifier_id bigint, component bigint, seen_at timestamp)
    returns   (identifier_id bigint, persons bigint)

    A window that ends at t holds t - within < seen_at <= t. Each meeting lasts until it leaves the window or is followed
    by one with the same component; the number that last at a time is the number of components in the window that ends
    there, so that one sweep in time order, ends first, sees the most.
    """
    by_person = Window.partitionBy("identifier_id", "component").orderBy("seen_at")
    lasting = (
        meetings.select("identifier_id", "component", "seen_at")
        .distinct()
        .select(
            "identifier_id",
            F.col("seen_at").alias("begins"),
            F.least(F.col("seen_at") + _interval(within), F.lead("seen_at").over(by_person)).alias("ends"),
        )
    )
    turns = F.array(
        F.struct(F.col("begins").alias("at"), F.lit(1).alias("step")),
        F.struct(F.col("ends").alias("at"), F.lit(-1).alias("step")),
    )
    steps = lasting.select("identifier_id", F.explode(turns).alias("turn")).select(
        "identifier_id", "turn.at", "turn.step"
    )
    in_order = Window.partitionBy("identifier_id").orderBy("at", "step").rowsBetween(Window.unboundedPreceding, 0)
    running = steps.select("identifier_id", F.sum("step").over(in_order).alias("at_once"))
    return running.groupBy("identifier_id").agg(F.max("at_once").alias("persons")).select("identifier_id", "persons")


def _over(people: DataFrame, limit: PersonLimit) -> DataFrame:
    if limit.within is None:
        counted = people.groupBy("identifier_id").agg(F.count_distinct("component").alias("persons"))
    else:
        counted = most_at_once(people, limit.within)
    return counted.filter(F.col("persons") > limit.at_most).select("identifier_id")


def _members(namespaces: frozenset[str] | set[str]) -> Column:
    """The identifiers of a combination that are in one of `namespaces`, in their order."""
    wanted = sorted(namespaces)
    pairs = F.filter(F.arrays_zip("identifier_ids", "namespaces"), lambda pair: pair["namespaces"].isin(wanted))
    return F.transform(pairs, lambda pair: pair["identifier_ids"])


def _interval(span: Span) -> Column:
    if span.is_calendar:
        return F.make_ym_interval(months=F.lit(span.months))
    return F.make_dt_interval(secs=F.lit(span.duration.total_seconds()))
