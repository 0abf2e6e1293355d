"""Hubs: values that are linked to many people."""

from __future__ import annotations

from collections.abc import Collection

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.schemas.namespace_rules import Namespaces


def hub_counts(links: DataFrame, people: Collection[int], namespaces: Namespaces, persons: int) -> DataFrame:
    """How many values of each namespace are linked to more than so many people.

    links    (left_id bigint, right_id bigint, left_priority int, right_priority int, ..), one row a pair
    people   the priorities of the namespaces that tell people apart
    returns  one row, `hubs_<priority> bigint` for every namespace

    The people of a value are the identifiers that it is linked to in one namespace of people of a higher priority than
    its own, the one with most of them: a customer with two numbers and an e-mail address counts once in each.
    """
    left_is_person = F.col("left_priority") < F.col("right_priority")
    met = links.filter(F.col("left_priority") != F.col("right_priority")).select(
        F.when(left_is_person, F.col("right_id")).otherwise(F.col("left_id")).alias("value_id"),
        F.greatest("left_priority", "right_priority").alias("priority"),
        F.least("left_priority", "right_priority").alias("person_priority"),
    )
    counted = (
        met.filter(F.col("person_priority").isin(sorted(people)))
        .groupBy("value_id", "priority", "person_priority")
        .agg(F.count("*").alias("persons"))
    )
    hubs = counted.filter(F.col("persons") > persons).select("value_id", "priority").distinct()
    return hubs.agg(
        *(
            F.count_if(F.col("priority") == namespaces.priority(name)).alias(f"hubs_{namespaces.priority(name)}")
            for name in namespaces.names
        )
    )
