"""What Spark hands over to the rules: values under keys of maps, keys, and plain leaves of objects in arrays."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from profile_engine.rules.program import Program
from profile_engine.segments.evaluation import person_rows, profiles_in_segments
from tests.support.rule_people import at, parsed

pytestmark = pytest.mark.spark
PROFILE = (
    "profile_id string, profile_no bigint, merge_policy string, limits array<struct<key:string,value:bigint>>, "
    "cards array<struct<points:bigint,kind:string>>"
)


def test_maps_and_arrays_of_objects_reach_the_rules(spark: SparkSession):
    # given
    rules = {
        "gold": parsed("{limits.gold: {above: 5}}"),
        "keyed": parsed("{limits: {has_key: gold}}"),
        "card": parsed("{cards: {any_item: {kind: a, points: {above: 1}}}}"),
        "cards": parsed("{cards: {every_item: {kind: a}}}"),
        "two": parsed("{cards: {size: 2}}"),
    }
    rows = [
        ("p1", 1, "default", [("gold", 6)], [(2, "a"), None]),
        ("p2", 2, "default", [("gold", None)], [(1, "a"), (2, "b")]),
        ("p3", 3, "default", [], [(1, "a")]),
        ("p4", 4, "default", None, None),
    ]
    program = Program.of(rules, "UTC", dict.fromkeys(rules, "default"))
    numbers = {id: number for number, id in enumerate(rules, start=1)}
    # when
    people = person_rows(spark.createDataFrame(rows, PROFILE), program)
    found = profiles_in_segments(people, None, program, numbers, at("2026-05-31T12:00:00Z"), 1)
    # then
    names = list(rules)
    assert {row.profile_id: [names[number - 1] for number in row.segments] for row in found.collect()} == {
        "p1": ["gold", "keyed", "card", "two"], "p2": ["keyed", "two"], "p3": ["cards"], "p4": [],
    }  # fmt: skip
