"""A small project and lake for the stage: profiles, a timeline and an identity graph, written as their stages would."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from profile_engine.lake.lake import Lake, open_lake
from profile_engine.lake.runs import Run
from profile_engine.observability.stage_report import StageReport
from profile_engine.project import Project, open_project
from profile_engine.schemas.identifiers import profile_id_of_owner, timeline_bucket
from profile_engine.segments.bitmaps import unpacked
from profile_engine.segments.change_log import one_by_one
from profile_engine.segments.stage import evaluate_segments

CONF = {
    "conf/engine.yaml": "lake: {path: lake}\ntime_zone: Europe/Amsterdam\n",
    "conf/schemas/customer.yaml": """
        class: record
        fields:
          crm_id: {type: string, required: true, identity: {namespace: crm_id, primary: true}}
          country: {type: string}
          home: {type: object, fields: {city: {type: string}}}
          interests: {type: array, items: {type: string}}
          born: {type: date}
          credit: {type: "decimal(12,2)"}
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
          amount: {type: "decimal(12,2)"}
          weight: {type: double}
          category: {type: string}
          crm_id: {type: string, identity: {namespace: crm_id, primary: true}}
        profile: enabled
    """,
    "conf/identity/namespaces.yaml": "priority:\n  - crm_id: {kind: person}\n",
    "conf/profiles/merge_policies.yaml": "default: {default: true}\nby_time: {}\nalone: {identity_graph: false}\n",
    "conf/datasets/customers.yaml": """
        schema: customer
        profile: enabled
        sources: {files: {files: "customers/*.csv", format: csv, mode: upsert}}
    """,
    "conf/datasets/orders.yaml": """
        schema: order
        profile: enabled
        sources: {files: {files: "orders/*.csv", format: csv, mode: append}}
    """,
}
PROFILE = (
    "profile_id string, profile_no bigint, merge_policy string, identities array<struct<namespace:string,value:string>>, "
    "provenance array<struct<dataset:string,record_id:string,time:timestamp,paths:array<string>>>, crm_id string, country string, "
    "home struct<city:string>, interests array<string>, born date, credit decimal(12,2)"
)
TIMELINE = (
    "bucket int, owner_id bigint, event_type string, occurred_at timestamp, dataset string, record_id string, "
    "fields struct<amount:decimal(12,2),category:string,weight:double>"
)
CHANGES = (
    "change string, profile_id string, profile_no bigint, other_profile_id string, identifier_id bigint, anchor_id bigint, "
    "anchor_priority int, minted_at timestamp, at timestamp, run_id string"
)
DAY_1 = datetime(2026, 5, 1, 12, tzinfo=UTC)


def day(number: int) -> datetime:
    return DAY_1 + timedelta(days=number - 1)


def project_with(root: Path, segments: Mapping[str, str]) -> Project:
    """The project with exactly these segments, broken ones set aside; a text without a `name` is the rule alone."""
    for name, text in CONF.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(dedent(text), encoding="utf-8")
    (root / "segments").mkdir(exist_ok=True)
    for file in (root / "segments").glob("*.yaml"):
        file.unlink()
    for name, text in segments.items():
        whole = text if text.startswith("name:") else f"name: {name.replace('_', ' ')}\nmembers: {text}\n"
        (root / "segments" / f"{name}.yaml").write_text(whole, encoding="utf-8")
    return open_project(root, broken_rules_aside=True)


def person(number: int, policy: str = "default", **values: Any) -> tuple[Any, ...]:
    """Profile p<number>, with profile_no <number>."""
    names = ("crm_id", "country", "home", "interests", "born", "credit")
    return (f"p{number}", number, policy, [], [], *(values.get(name) for name in names))


def owner(number: int, **values: Any) -> tuple[Any, ...]:
    """The owner of an identifier, under the policy that has no identity graph."""
    return (profile_id_of_owner(number), None, *person(0, "alone", **values)[2:])


def order(
    number: int, owner: int, at: datetime, amount: Any = None, category: str | None = None, weight: float | None = None
) -> tuple[Any, ...]:
    return (0, owner, "order", at, "orders", f"o{number}", (amount, category, weight))


def timeline_of(spark: SparkSession, orders: Iterable[tuple[Any, ...]]) -> DataFrame:
    """Rows of `timeline`, each in the bucket of its owner."""
    return spark.createDataFrame(list(orders), TIMELINE).withColumn("bucket", timeline_bucket())


def opened(spark: SparkSession, root: Path, segments: Mapping[str, str]) -> Iterator[Lake]:
    """The lake of the project with these segments; what was cached is given up after."""
    project = project_with(root, segments)
    yield open_lake(spark, project.engine, project.root)
    spark.catalog.clearCache()


def merged(loser: int, survivor: int, at: datetime) -> tuple[Any, ...]:
    return ("merged_into", f"p{loser}", None, f"p{survivor}", None, None, None, None, at, "r")


def write(
    run: Run,
    people: Iterable[tuple[Any, ...]] | None = None,
    orders: Iterable[tuple[Any, ...]] | None = None,
    owners: Mapping[int, int] | None = None,
    changes: Iterable[tuple[Any, ...]] = (),
) -> None:
    """Replaces what is given; `owners` are identifiers and the numbers of their profiles."""
    spark = run.spark
    if people is not None:
        run.replace("profile", spark.createDataFrame(list(people), PROFILE))
    if orders is not None:
        run.replace("timeline", timeline_of(spark, orders))
    if owners is not None:
        rows = [(identifier, f"p{number}") for identifier, number in owners.items()]
        run.replace("identity_map", spark.createDataFrame(rows, "identifier_id bigint, profile_id string"))
    if changes:
        run.append("identity_change", spark.createDataFrame(list(changes), CHANGES))


def evaluation(lake: Lake, project: Project, as_of: datetime, **written: Any) -> StageReport:
    """One run: what is given is written, then the stage runs."""
    with lake.run("test", as_of) as run:
        write(run, **written)
        report = evaluate_segments(run, project)
        run.note_figures(report.stage, {**report.figures, **report.details})
        return report


def numbers(lake: Lake) -> dict[str, int]:
    return {row.segment: row.segment_no for row in lake.read("segment_version").collect()}


def names_of(lake: Lake) -> dict[int, str]:
    """What the segment of each number is called now: its newest version says so."""
    return {row.segment_no: row.segment for row in lake.read("segment_version").orderBy("version").collect()}


def memberships(lake: Lake) -> dict[tuple[str, str], datetime]:
    """(profile id, segment) to the time of entry."""
    names = names_of(lake)
    found = {}
    of_number: dict[int, set[int]] = {}
    for row in lake.read("membership").collect():
        assert row.segments == sorted(row.segments)
        for number in row.segments if row.profile_no is not None else ():
            of_number.setdefault(number, set()).add(row.profile_no)
        assert len(row.segments) == len(row.entered_at)
        for number, entered_at in zip(row.segments, row.entered_at, strict=True):
            found[row.profile_id, names[number]] = entered_at.astimezone(UTC)
    assert bitmap_members(lake) == of_number
    return found


def bitmap_members(lake: Lake) -> dict[int, set[int]]:
    """The profile numbers that each segment's bitmaps hold; segments without members left out."""
    found: dict[int, set[int]] = {}
    for row in lake.read("segment_bitmap").where("members > 0").collect():
        places = unpacked(bytes(row.bitmap), row.members).tolist()
        found.setdefault(row.segment_no, set()).update(row.bucket * 65536 + place for place in places)
    return found


def changes(lake: Lake) -> set[tuple[datetime, str, str, str, datetime]]:
    """(at, profile id, segment, entered or left, entered at) of the whole log."""
    names = names_of(lake)
    return {
        (row.at.astimezone(UTC), row.profile_id, names[row.segment_no], row.change, row.entered_at.astimezone(UTC))
        for row in one_by_one(lake.read("membership_change")).collect()
    }


def statuses(lake: Lake, segment: str, as_of: datetime) -> dict[str, str]:
    """The derived status of each profile that the evaluation at `as_of` speaks of."""
    found = {
        profile: "realized" if entered_at == as_of else "existing"
        for (profile, name), entered_at in memberships(lake).items() if name == segment
    }  # fmt: skip
    exits = {
        profile: "exited"
        for at, profile, name, change, _ in changes(lake)
        if (at, name, change) == (as_of, segment, "left")
    }
    return {**exits, **found}
