"""Hubs: values that are linked to many people."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from profile_engine.schemas.namespace_rules import Namespaces

_TIMES_THE_USUAL = 5
_USUAL_SHARE = 0.95


def people_met(links: DataFrame, people: Collection[int]) -> DataFrame:
    """How many people each value is linked to.

    links    (left_id bigint, right_id bigint, left_priority int, right_priority int, ..), one row a pair
    people   the priorities of the namespaces that tell people apart
    returns  (value_id bigint, priority int, person_priority int, persons bigint): a row for each namespace of people, other
             than the value's own, that it is linked to

    A customer id that everybody shares stands above all other namespaces, so lower ones tell its people apart as well.
    """
    ends = ("left", "right"), ("right", "left")
    each_end = F.array(*(_met_by(value, other) for value, other in ends))
    met = links.filter(F.col("left_priority") != F.col("right_priority")).select(F.inline(each_end))
    of_people = met.filter(F.col("person_priority").isin(sorted(people)))
    return of_people.groupBy("value_id", "priority", "person_priority").agg(F.count("*").alias("persons"))


def _met_by(value: str, other: str) -> Column:
    return F.struct(
        F.col(f"{value}_id").alias("value_id"),
        F.col(f"{value}_priority").alias("priority"),
        F.col(f"{other}_priority").alias("person_priority"),
    )


def hub_counts(links: DataFrame, people: Collection[int], namespaces: Namespaces, persons: int) -> DataFrame:
    """How many values of each namespace are linked to more than so many people.

    links, people  as in `people_met`
    returns        one row, `hubs_<priority> bigint` for every namespace

    The people of a value are the identifiers that it is linked to in one namespace of people, the one with most of them: a
    customer with two numbers and an e-mail address counts once in each.
    """
    hubs = people_met(links, people).filter(F.col("persons") > persons).select("value_id", "priority").distinct()
    return hubs.agg(
        *(
            F.count_if(F.col("priority") == namespaces.priority(name)).alias(f"hubs_{namespaces.priority(name)}")
            for name in namespaces.names
        )
    )


def usual_persons(values: Mapping[int, int]) -> int:
    """The number of people that 95 of a hundred values of a namespace stay within; 0 where there are no values.

    values  how many values are linked to so many people, by the number of people
    """
    left = sum(values.values()) * _USUAL_SHARE
    for persons in sorted(values):
        left -= values[persons]
        if left <= 0:
            return persons
    return 0


def hub_persons(usual: int) -> int:
    """From how many people on a value stands out, where no limit says so: five times the usual."""
    return _TIMES_THE_USUAL * usual
