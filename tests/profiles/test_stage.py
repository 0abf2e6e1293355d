"""The stage on a real lake: a first run, nothing new, people who merge, events that come, move and go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent
from typing import Any

from pyspark.sql import SparkSession

from profile_engine.lake.lake import Lake, open_lake
from profile_engine.lake.runs import Run
from profile_engine.observability.stage_report import StageReport
from profile_engine.profiles.stage import build_profiles
from profile_engine.profiles.timeline import timeline_rows
from profile_engine.project import Project, open_project
from profile_engine.schemas.spark_types import spark_type_of

FILES = {
    "conf/engine.yaml": "lake: {path: lake}\n",
    "conf/schemas/customer.yaml": """
        class: record
        fields:
          crm_id: {type: string, required: true, identity: {namespace: crm_id, primary: true}}
          home: {type: object, fields: {city: {type: string}}}
          traits: {type: map, values: {type: string}}
        profile: enabled
    """,
    "conf/schemas/order.yaml": """
        class: event
        occurred_at: at
        event_type: {constant: order}
        event_id: order_id
        fields:
          order_id: {type: string, required: true}
          at: {type: timestamp, required: true}
          amount: {type: integer}
          note: {type: string}
          crm_id: {type: string, identity: {namespace: crm_id, primary: true}}
        profile: enabled
    """,
    "conf/identity/namespaces.yaml": "priority:\n  - crm_id: {kind: person}\n  - email: {kind: email}\n",
    "conf/profiles/merge_policies.yaml": "default: {default: true}\n",
    "segments/spenders.yaml": """
        name: Spenders
        members:
          did: {event: order, sum: {of: amount, at_least: 5}}
    """,
    **{
        f"conf/datasets/{name}s.yaml": f"""
        schema: {name}
        profile: enabled
        sources:
          files: {{files: "data/{name}/*.csv", format: csv, mode: {mode}}}
        """
        for name, mode in (("customer", "upsert"), ("order", "append"))
    },
}
SYSTEM = "record_id string, owner_id bigint, source_time timestamp, ingested_at timestamp, batch_id string"
TYPES = {
    "raw_customers": f"crm_id string, home struct<city:string>, traits array<struct<key:string,value:string>>, {SYSTEM}",
    "raw_orders": f"order_id string, at timestamp, amount bigint, note string, crm_id string, {SYSTEM}",
    "identifier": "identifier_id bigint, namespace string, value string, first_seen_at timestamp, second_hash boolean",
    "identity_map": "identifier_id bigint, profile_id string",
    "identity_change": "change string, profile_id string, profile_no bigint, other_profile_id string, identifier_id bigint, "
    "anchor_id bigint, anchor_priority int, minted_at timestamp, at timestamp, run_id string",
}  # fmt: skip
AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
OLD, NEW = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)


ALONE = "default: {default: true}\nalone: {identity_graph: false}\n"


def project_in(folder: Path) -> Project:
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(dedent(text))
    return open_project(folder)


def appended(run: Run, table: str, rows: list[tuple[Any, ...]]) -> None:
    run.append(table, run.spark.createDataFrame(rows, TYPES[table]))


def merged(run: Run, table: str, rows: list[tuple[Any, ...]], *, delete_missing: bool = False) -> None:
    run.merge(table, run.spark.createDataFrame(rows, TYPES[table]), delete_missing=delete_missing)


def order(number: int, owner: int | None, amount: int = 1) -> tuple[Any, ...]:
    return (f"o{number}", OLD, amount, "a note that no rule names", "c", f"o{number}", owner, OLD, OLD, "b1")


def minted(profile_id: str, number: int) -> tuple[Any, ...]:
    return ("minted", profile_id, number, None, None, 1, 1, OLD, OLD, "r")


def one_run(lake: Lake, project: Project, change: Callable[[Run], None]) -> StageReport:
    with lake.run("test", AS_OF) as run:
        change(run)
        return build_profiles(run, project)


def timeline_of(lake: Lake, project: Project) -> set[tuple[Any, ...]]:
    """Event, owner and amount of the timeline, after it was found to be what a full run would make of raw."""
    union = spark_type_of(project.event_union.fields)
    full = timeline_rows(lake.read("raw_orders"), "orders", project.schemas["order"], union, project.event_fields())
    timeline = lake.read("timeline")
    rows = timeline.collect()
    assert sorted(rows) == sorted(full.select(*timeline.columns).collect())
    return {(row.record_id, row.owner_id, row.fields.amount) for row in rows}


def test_profiles_and_timeline_follow_raw_and_graph(spark: SparkSession, tmp_path: Path) -> None:
    project = project_in(tmp_path)
    lake = open_lake(spark, project.engine, project.root)

    # given two customers, an order of each, and one of nobody
    def first(run: Run) -> None:
        appended(run, "raw_customers", [
            ("c1", ("Porto",), [("x", "1")], "rc1", 1, NEW, NEW, "b1"), ("c2", None, None, "rc2", 2, NEW, NEW, "b1")
        ])  # fmt: skip
        appended(run, "raw_orders", [order(1, 1), order(2, 2), order(3, None)])
        appended(run, "identifier", [(1, "crm_id", "c1", OLD, False), (2, "crm_id", "c2", OLD, False)])
        appended(run, "identity_map", [(1, "p1"), (2, "p2")])
        appended(run, "identity_change", [minted("p1", 1), minted("p2", 2)])

    report = one_run(lake, project, first)

    assert report.figures == {
        "profiles": 2, "fragments": 2, "profiles new": 2, "profiles changed": 0, "profiles gone": 0, "events": 2
    }  # fmt: skip
    profiles = {row.profile_id: row.asDict(recursive=True) for row in lake.read("profile").collect()}
    assert set(profiles) == {"p1", "p2"}
    known = profiles["p1"]
    assert (known["profile_no"], known["merge_policy"], known["home"], known["traits"]) == (
        1, "default", {"city": "Porto"}, [{"key": "x", "value": "1"}]
    )  # fmt: skip
    assert [entry["paths"] for entry in known["provenance"]] == [["crm_id", "home.city", "traits"]]
    assert timeline_of(lake, project) == {("o1", 1, 1), ("o2", 2, 1)}

    # when nothing is new, then nothing is done
    before = lake.current_release()
    assert one_run(lake, project, lambda run: None).skipped is not None
    assert lake.current_release() == before

    # when an order comes, and the two people turn out to be one, then the loser's row is gone and the event is added
    def merge_people(run: Run) -> None:
        appended(run, "raw_orders", [order(4, 2)])
        merged(run, "identity_map", [(2, "p1")])

    report = one_run(lake, project, merge_people)
    assert report.figures == {
        "profiles": 1, "people touched": 2, "profiles new": 0, "profiles changed": 1, "profiles gone": 1, "events": 1
    }  # fmt: skip
    assert len(timeline_of(lake, project)) == 3

    # when an event changes its owner and another one its amount, then both are moved and profiles stay as they are
    profile_version = lake.stored("profile").head()
    report = one_run(lake, project, lambda run: merged(run, "raw_orders", [order(4, 1), order(2, 2, amount=9)]))
    assert report.figures == {"profiles": 1, "events": 2}
    assert timeline_of(lake, project) == {("o1", 1, 1), ("o2", 2, 9), ("o4", 1, 1)}
    assert lake.stored("profile").head() == profile_version

    # when events are withdrawn or lose their owner, then they leave the timeline
    left = [order(1, 1), order(2, None), order(5, 1)]
    one_run(lake, project, lambda run: merged(run, "raw_orders", left, delete_missing=True))
    assert timeline_of(lake, project) == {("o1", 1, 1), ("o5", 1, 1)}

    # when a policy without the graph is written, then the owners of records and events stand for themselves under it
    (tmp_path / "conf/profiles/merge_policies.yaml").write_text(ALONE)
    one_run(lake, open_project(tmp_path), lambda run: None)
    assert {(row.profile_id, row.merge_policy, row.profile_no) for row in lake.read("profile").collect()} == {
        ("p1", "default", 1),
        ("owner_0000000000000001", "alone", None),
        ("owner_0000000000000002", "alone", None),
    }
