"""Days of a small lake: records come, change, move and go, people merge and split; each day equals a merge of everybody."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from profile_engine.lake.lake import Lake, open_lake
from profile_engine.lake.runs import Run
from profile_engine.profiles.building import Builder, Inputs
from profile_engine.profiles.computed.figures import ComputedPlan
from profile_engine.profiles.fragments import fragments_of
from profile_engine.profiles.stage import build_profiles
from profile_engine.project import Project, open_project
from profile_engine.schemas.spark_types import spark_type_of
from tests.profiles.test_stage import TYPES, order, project_in

PEOPLE, DAYS = 30, 3
AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
POLICIES = """
default: {default: true, exceptions: {home: {newest: ingested_at}}}
alone: {identity_graph: false}
"""
COMPUTED = """
orders_60d: {count: {event: order}, within_last: 60 days}
spent: {sum: {of: amount, event: order}}
last_amounts: {last: {of: amount, event: order, items: 2}}
"""


def customer(draw: random.Random, number: int, owner: int | None, day: int) -> tuple[Any, ...]:
    """A record that says something else every day."""
    at = AS_OF + timedelta(days=day)
    home = draw.choice([None, (draw.choice(["Porto", "Rom", None]),)])
    traits = draw.choice([None, [(key, draw.choice(["1", "2"])) for key in "ab"]])
    return (f"c{number}", home, traits, f"r{number}", owner, draw.choice([None, at]), at, f"b{day}")


def days(seed: int) -> Iterator[dict[str, list[tuple[Any, ...]]]]:
    """The whole of each table, day by day; a fifth of what there is moves."""
    draw = random.Random(seed)
    customers = {number: customer(draw, number, number % PEOPLE, 0) for number in range(PEOPLE + 10)}
    orders = {number: order(number, number % (PEOPLE + 5)) for number in range(20)}
    profile_of = {owner: f"p{owner // 2}" for owner in range(PEOPLE - 4)}
    for day in range(DAYS):
        yield {
            "raw_customers": list(customers.values()),
            "raw_orders": list(orders.values()),
            "identity_map": list(profile_of.items()),
        }
        for number in draw.sample(sorted(customers), 6):
            owner = draw.choice([number % PEOPLE, draw.randrange(PEOPLE), None])
            customers[number] = customer(draw, number, owner, day + 1)
        del customers[draw.choice(sorted(customers))]
        orders[100 + day] = order(100 + day, PEOPLE + 10 + day)
        orders[200 + day] = order(200 + day, draw.randrange(PEOPLE), amount=day)
        for owner in draw.sample(range(PEOPLE), 3):  # merged, split, taken off, or known for the first time
            profile_of[owner] = f"p{draw.randrange(PEOPLE)}"
        profile_of.pop(draw.choice(sorted(profile_of)))


def write(run: Run, day: dict[str, list[tuple[Any, ...]]]) -> None:
    for table, rows in day.items():  # the change feed tells the rows that differ, however they were written
        run.replace(table, run.spark.createDataFrame(rows, TYPES[table]))
    if not run.exists("identifier"):
        known = [(owner, "crm_id", f"c{owner}", AS_OF, False) for owner in range(PEOPLE + 20)]
        run.append("identifier", run.spark.createDataFrame(known, TYPES["identifier"]))
        minted = [("minted", f"p{n}", n, None, None, n, 1, AS_OF, AS_OF, "r") for n in range(PEOPLE)]
        run.append("identity_change", run.spark.createDataFrame(minted, TYPES["identity_change"]))


def of_everybody(lake: Lake, project: Project, as_of: datetime) -> DataFrame:
    """What building everybody makes of the tables as they are."""
    union = spark_type_of(project.record_union.fields)
    fragments = fragments_of({"customers": lake.read("raw_customers")}, union)
    plan = ComputedPlan.of(project.computed_attributes, "UTC")
    builder = Builder(union, project.namespaces.names, project.merge_policies, ("customers",), plan, as_of, tasks=1)
    identity = (lake.read("identity_map"), lake.read("identifier"), lake.read("identity_change"))
    return builder.rows(Inputs(*identity, fragments, lake.read("timeline")))


@pytest.mark.usefixtures("adaptive_plans")
def test_every_day_equals_a_merge_of_everybody(spark: SparkSession, tmp_path: Path) -> None:
    project_in(tmp_path)
    (tmp_path / "conf/profiles/merge_policies.yaml").write_text(POLICIES)
    (tmp_path / "conf/profiles/computed_attributes.yaml").write_text(COMPUTED)
    project = open_project(tmp_path)
    lake = open_lake(spark, project.engine, project.root)
    for number, day in enumerate(days(seed=5)):
        with lake.run("test", AS_OF + timedelta(days=number)) as run:
            write(run, day)
            report = build_profiles(run, project)
        stored = lake.read("profile")
        expected = of_everybody(lake, project, AS_OF + timedelta(days=number)).select(*stored.columns)
        assert sorted(map(str, stored.collect())) == sorted(map(str, expected.collect())), f"day {number}"
        if number == 0:
            assert "fragments" in report.figures
        else:  # only who is touched is built again; on the second day, the first orders leave their window
            assert int(report.figures["people touched"]) > 0
