"""Persons per value: a value that was seen with too many people links nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from profile_engine.config.units import Span
from profile_engine.identity.links import PERSONS_PER_VALUE, between
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


def with_persons(members: DataFrame, limits: tuple[PersonLimit, ...]) -> DataFrame:
    """Members of combinations beside the identifier that stands for the person they were seen with.

    members  (identifier_ids array<bigint>, place int, identifier_id bigint, namespace string), and `part int` where rulings
             part records (`RulingsInForce.on_members`)
    returns  those columns, and `person_<n> bigint` for the n-th way in which `limits` tell people apart: the best
             identifier of the combination (or of the same part of it) in those namespaces, null where it has none
    """
    together = [column for column in ("identifier_ids", "part") if column in members.columns]
    of_combination = Window.partitionBy(*together)
    persons = {}
    for number, told_by in enumerate(_ways(limits)):
        place = F.when(F.col("namespace").isin(sorted(told_by)), F.col("place"))
        persons[f"person_{number}"] = F.min_by("identifier_id", place).over(of_combination)
    return members.withColumns(persons)


def values_over_limit(
    members: DataFrame, sightings: DataFrame, limits: tuple[PersonLimit, ...], solve: Solve
) -> DataFrame:
    """The values that were seen with more people than their namespace allows.

    members    of `with_persons`; read several times
    sightings  (identifier_ids array<bigint>, seen_at timestamp, ..); read only where a limit has a window
    limits     at least one
    returns    (identifier_id bigint, reason string), distinct

    The people of a value are the components that it was seen with, over links among person, e-mail and phone namespaces
    without the value's own. A value over its limit, ever or in any window, links nothing at all: also what it was seen
    with before. So the answer depends on the set of sightings and never on the order in which they came.
    One solution of components serves all limits that tell people apart by the same namespaces.
    """
    over = []
    for number, told_by in enumerate(_ways(limits)):
        person = f"person_{number}"
        met = members.filter(F.col(person).isNotNull()).withColumnRenamed(person, "person_id")
        rays = met.filter(F.col("namespace").isin(sorted(told_by))).select("person_id", "identifier_id").distinct()
        components = solve(between(rays, "person_id", "identifier_id")).withColumnRenamed("identifier_id", "person_id")
        for limit in (limit for limit in limits if limit.told_by == told_by):
            meetings = met.filter(F.col("namespace") == limit.namespace)
            columns = ["identifier_id", "person_id"]
            if limit.within is not None:
                times = sightings.select("identifier_ids", "seen_at")
                meetings = meetings.join(times, "identifier_ids", how="inner")
                columns.append("seen_at")
            meetings = meetings.select(*columns).distinct().join(components, "person_id", how="left")
            # a person known by one identifier only is in no link
            people = meetings.withColumn("component", F.coalesce("component", "person_id"))
            over.append(_over(people, limit))
    return reduce(DataFrame.unionByName, over).select("identifier_id", F.lit(PERSONS_PER_VALUE).alias("reason"))


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


def _ways(limits: tuple[PersonLimit, ...]) -> tuple[frozenset[str], ...]:
    """The different sets of namespaces by which people are told apart."""
    return tuple(dict.fromkeys(limit.told_by for limit in limits))


def _interval(span: Span) -> Column:
    if span.is_calendar:
        return F.make_ym_interval(months=F.lit(span.months))
    return F.make_dt_interval(secs=F.lit(span.duration.total_seconds()))
