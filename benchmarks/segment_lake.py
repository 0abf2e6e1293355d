"""The engine's side of the benchmark of segments: a project with the drawn rules, and a lake as build_profiles leaves it.

Profiles, their identifiers and the timeline are written in the layout of the stages before; what is timed is named by the
functions that `segments.py` calls.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from benchmarks.segment_people import SegmentData
from benchmarks.segment_rules import Rule, yaml_of
from profile_engine.lake.lake import Lake
from profile_engine.lake.runs import Run
from profile_engine.profiles.timeline import laid_out, timeline_rows
from profile_engine.project import Project, open_project
from profile_engine.schemas.spark_types import spark_type_of

_CONF = {
    "conf/engine.yaml": "lake: {path: lake}\ntime_zone: UTC\n",
    "conf/schemas/customer.yaml": """class: record
fields:
  customer: {type: string, required: true, identity: {namespace: customer, primary: true}}
  country: {type: string}
  tier: {type: string}
  channel: {type: string}
  language: {type: string}
  city: {type: string}
  age: {type: integer}
  points: {type: integer}
  visits: {type: integer}
  score: {type: double}
  margin: {type: double}
  vip: {type: boolean}
  newsletter: {type: boolean}
  signed_up_at: {type: timestamp}
profile: enabled
""",
    "conf/schemas/event.yaml": """class: event
occurred_at: at
event_type: {field: event_type}
event_types: [page_view, product_view, add_to_cart, purchase, search, newsletter_open]
event_id: event_id
fields:
  event_id: {type: string, required: true}
  customer: {type: string, identity: {namespace: customer, primary: true}}
  event_type: {type: string, required: true}
  at: {type: timestamp, required: true}
  category: {type: string}
  amount: {type: "decimal(12,2)"}
profile: enabled
""",
    "conf/identity/namespaces.yaml": "priority:\n  - customer: {kind: person}\n",
    "conf/profiles/merge_policies.yaml": "default: {default: true}\n",
    "conf/datasets/customers.yaml": "schema: customer\nprofile: enabled\nsources: {f: {files: \"c/*\", format: csv, mode: upsert}}\n",
    "conf/datasets/events.yaml": "schema: event\nprofile: enabled\nsources: {f: {files: \"e/*\", format: csv, mode: append}}\n",
}  # fmt: skip
_ATTRIBUTES = (
    "country", "tier", "channel", "language", "city", "age", "points", "visits", "score", "margin", "vip", "newsletter",
    "signed_up_at",
)  # fmt: skip


def project_of(folder: Path, rules: Sequence[Rule]) -> Project:
    """The project with exactly these rules, as files that are read and checked like anybody's."""
    shutil.rmtree(folder / "segments", ignore_errors=True)
    (folder / "segments").mkdir(parents=True)
    for name, text in _CONF.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    for rule in rules:
        (folder / "segments" / f"{rule.id}.yaml").write_text(yaml_of(rule))
    return open_project(folder)


def write_profiles(run: Run, data: SegmentData) -> None:
    """`profile` and `identity_map`."""
    raw = run.spark.read.parquet(str(data.profiles))
    empty = F.array()
    run.replace("profile", raw.select(
        "profile_id", "profile_no", F.lit("default").alias("merge_policy"),
        empty.cast("array<struct<namespace:string,value:string>>").alias("identities"),
        empty.cast("array<struct<dataset:string,record_id:string,time:timestamp,paths:array<string>>>").alias("provenance"),
        F.col("profile_no").cast("string").alias("customer"), *_ATTRIBUTES,
    ))  # fmt: skip
    run.replace("identity_map", raw.select(F.col("owner_id").alias("identifier_id"), "profile_id"))


def write_timeline(run: Run, project: Project, files: Sequence[Path], *, anew: bool) -> None:
    """The events of these raw files, written as build_profiles writes them."""
    rows = laid_out(timeline_of(run.spark, project, files))
    if anew:
        run.replace("timeline", rows)
    else:
        run.append("timeline", rows)


def timeline_of(spark: SparkSession, project: Project, files: Sequence[Path]) -> DataFrame:
    raw = spark.read.parquet(*(str(file) for file in files)).withColumns(
        {"source_time": F.col("occurred_at"), "record_id": F.col("event_id")}
    )
    union = spark_type_of(project.event_union.fields)
    return timeline_rows(raw, "events", project.schemas["event"], union, project.event_fields())


def digests(lake: Lake, as_of: datetime) -> dict[str, tuple[int, int]]:
    """How many members each segment has, and the sum of their profile numbers."""
    names = {row["segment_no"]: row["segment"] for row in lake.read("segment_version").collect()}
    members = lake.read("membership").select("profile_no", F.explode("segments").alias("segment_no"))
    found = members.groupBy("segment_no").agg(F.count(F.lit(1)).alias("n"), F.sum("profile_no").alias("d")).collect()
    counted = {names[row["segment_no"]]: (row["n"], row["d"]) for row in found}
    return {name: counted.get(name, (0, 0)) for name in names.values()}
