"""The stage on a real lake: a first run, nothing new, people who merge, events that come, move and go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
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
    "conf/schemas/card.yaml": """
        class: record
        fields:
          card_id: {type: string, required: true, identity: {namespace: card_id, primary: true}}
          crm_id: {type: string, identity: {namespace: crm_id}}
          home: {type: object, fields: {city: {type: string}, zip: {type: string}}}
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
    "conf/identity/namespaces.yaml": "priority:\n  - crm_id: {kind: person}\n  - card_id: {kind: person}\n",
    "conf/profiles/merge_policies.yaml": """
        default: {default: true}
        by_source:
          attributes: {dataset_order: [customers]}
        alone: {identity_graph: false}
    """,
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
        for name, mode in (("customer", "upsert"), ("card", "upsert"), ("order", "append"))
    },
}
SYSTEM = "record_id string, owner_id bigint, source_time timestamp, ingested_at timestamp, batch_id string"
TYPES = {
    "raw_customers": f"crm_id string, home struct<city:string>, traits array<struct<key:string,value:string>>, {SYSTEM}",
    "raw_cards": f"card_id string, crm_id string, home struct<city:string,zip:string>, {SYSTEM}",
    "raw_orders": f"order_id string, at timestamp, amount bigint, note string, crm_id string, {SYSTEM}",
    "identifier": "identifier_id bigint, namespace string, value string, first_seen_at timestamp, second_hash boolean",
    "identity_map": "identifier_id bigint, profile_id string",
    "identity_change": "change string, profile_id string, profile_no bigint, other_profile_id string, identifier_id bigint, "
    "anchor_id bigint, anchor_priority int, minted_at timestamp, at timestamp, run_id string",
}  # fmt: skip
AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
OLD, NEW = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    from textwrap import dedent

    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(dedent(text))
    return open_project(tmp_path)


@pytest.fixture
def lake(spark: SparkSession, project: Project) -> Iterator[Lake]:
    yield open_lake(spark, project.engine, project.root)
    spark.catalog.clearCache()


def written(run: Run, table: str, rows: list[tuple[Any, ...]], **how: Any) -> None:
    run.merge(table, run.spark.createDataFrame(rows, TYPES[table]), **how)


def order(number: int, owner: int | None, amount: int = 1) -> tuple[Any, ...]:
    return (f"o{number}", OLD, amount, "a note that no rule names", "c", f"o{number}", owner, OLD, OLD, "b1")


def minted(profile_id: str, number: int) -> tuple[Any, ...]:
    return ("minted", profile_id, number, None, None, 1, 1, OLD, OLD, "r")


def one_run(lake: Lake, project: Project, change: Any) -> StageReport:
    with lake.run("test", AS_OF) as run:
        change(run)
        return build_profiles(run, project)


def timeline_of(lake: Lake, project: Project) -> list[Any]:
    """The timeline, after it was found to be what a full run would make of raw."""
    schema, union = project.schemas["order"], spark_type_of(project.event_union.fields)
    full = timeline_rows(lake.read("raw_orders"), "orders", schema, union, project.event_fields())
    rows = lake.read("timeline").collect()
    assert sorted(rows) == sorted(full.select(*lake.read("timeline").columns).collect())
    return rows


def profiles_of(lake: Lake) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row.profile_id, row.merge_policy): row.asDict(recursive=True) for row in lake.read("profile").collect()}


def test_profiles_and_timeline_follow_raw_and_graph(lake: Lake, project: Project) -> None:
    # given two customers, a card of the first, and an order of each
    def first(run: Run) -> None:
        written(run, "raw_customers", [
            ("c1", ("Porto",), [("x", "1")], "rc1", 1, NEW, NEW, "b1"), ("c2", None, None, "rc2", 2, NEW, NEW, "b1")
        ])  # fmt: skip
        written(run, "raw_cards", [("k1", "c1", ("Lisboa", "1000"), "rk1", 1, None, OLD, "b1")])
        written(run, "raw_orders", [order(1, 1), order(2, 2), order(3, None)])
        written(
            run,
            "identifier",
            [(1, "crm_id", "c1", OLD, False), (2, "crm_id", "c2", OLD, False), (3, "card_id", "k1", OLD, False)],
        )
        written(run, "identity_map", [(1, "p1"), (3, "p1"), (2, "p2")])
        run.append(
            "identity_change", run.spark.createDataFrame([minted("p1", 1), minted("p2", 2)], TYPES["identity_change"])
        )

    report = one_run(lake, project, first)

    # then each person has a row a policy, an owner has one where the graph is not used, and the order without an owner is left out
    assert report.figures == {
        "profiles": 2, "fragments": 3, "events": 2, "profiles new": 6, "profiles changed": 0, "profiles gone": 0
    }  # fmt: skip
    profiles = profiles_of(lake)
    assert set(profiles) == {
        ("p1", "default"), ("p2", "default"), ("p1", "by_source"), ("p2", "by_source"),
        ("owner_0000000000000001", "alone"), ("owner_0000000000000002", "alone"),
    }  # fmt: skip
    known = profiles["p1", "default"]
    assert (known["profile_no"], known["home"], known["traits"]) == (
        1,
        {"city": "Porto", "zip": "1000"},
        [{"key": "x", "value": "1"}],
    )
    assert [entry["path"] for entry in known["provenance"]] == ["card_id", "crm_id", "home.city", "home.zip", "traits"]
    assert profiles["p1", "by_source"]["home"] == {"city": "Porto", "zip": None}
    assert [each["value"] for each in known["identities"]] == ["c1", "k1"]
    assert [tuple(row.fields) for row in timeline_of(lake, project)] == [(1,), (1,)]

    # when nothing is new, then nothing is done
    before = lake.current_release()
    assert one_run(lake, project, lambda run: None).skipped is not None
    assert lake.current_release() == before

    # when an order comes, and the two people turn out to be one
    def merge_people(run: Run) -> None:
        written(run, "raw_orders", [order(4, 2)])
        written(run, "identity_map", [(2, "p1")])

    report = one_run(lake, project, merge_people)

    # then the loser's rows are gone, the other policy's people stay, and the event was added
    assert report.figures["events"] == 1
    assert (report.figures["profiles"], report.figures["profiles changed"], report.figures["profiles gone"]) == (
        1,
        2,
        2,
    )
    assert len(timeline_of(lake, project)) == 3

    # when an event's owner changes, and a field of another one
    report = one_run(lake, project, lambda run: written(run, "raw_orders", [order(4, 1), order(2, 2, amount=9)]))
    assert report.figures["events"] == 2
    assert {(row.record_id, row.owner_id, row.fields.amount) for row in timeline_of(lake, project)} == {
        ("o1", 1, 1), ("o2", 2, 9), ("o4", 1, 1)
    }  # fmt: skip

    # when one event is withdrawn and another one loses its owner, then both leave the timeline
    one_run(
        lake, project,
        lambda run: written(run, "raw_orders", [order(1, 1), order(2, None), order(5, 1)], delete_missing=True),
    )  # fmt: skip
    assert {row.record_id for row in timeline_of(lake, project)} == {"o1", "o5"}
