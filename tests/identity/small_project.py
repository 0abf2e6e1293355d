"""A project of two datasets, and raw rows for it as the datasets stage would have landed them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from profile_engine.lake.lake import Lake
from profile_engine.lake.runs import Run
from profile_engine.observability.stage_report import StageReport
from profile_engine.project import open_project
from profile_engine.project.project import Project

FIRST_DAY = datetime(2026, 3, 1, tzinfo=UTC)
NAMESPACES = ("{crm: {kind: person}}", "{email: {kind: email, normalise: email}}", "{ecid: {kind: cookie}}")
FILES = {
    "conf/engine.yaml": "lake: {path: lake}",
    "conf/schemas/customer.yaml": """
class: record
fields:
  crm: {type: string, required: true, identity: {namespace: crm, primary: true}}
  email: {type: string, identity: {namespace: email}}
profile: enabled
""",
    "conf/schemas/web_event.yaml": """
class: event
occurred_at: at
event_type: {constant: view}
event_types: [view]
event_id: event_id
fields:
  event_id: {type: string}
  at: {type: timestamp}
  ecid: {type: string, identity: {namespace: ecid, primary: true}}
  crm: {type: string, identity: {namespace: crm}}
  email: {type: string, identity: {namespace: email}}
profile: enabled
""",
    "conf/datasets/customers.yaml": """
schema: customer
profile: enabled
SUPERSEDED
sources: {daily: {files: crm.csv, format: csv, mode: upsert}}
""",
    "conf/datasets/web.yaml": """
schema: web_event
profile: enabled
sources: {daily: {files: web.csv, format: csv, mode: append}}
""",
    "conf/profiles/merge_policies.yaml": "default: {default: true, attributes: {newest: source_time}}",
}
RAW = {
    "raw_customers": "crm string, email string, record_id string, owner_id bigint, source_time timestamp, "
    "ingested_at timestamp, batch_id string",
    "raw_web": "event_id string, at timestamp, ecid string, crm string, email string, record_id string, owner_id bigint, "
    "source_time timestamp, ingested_at timestamp, batch_id string",
}


def day(number: float) -> datetime:
    return FIRST_DAY + timedelta(days=number)


def project_at(
    root: Path,
    *,
    namespaces: tuple[str, ...] = NAMESPACES,
    stitching: str = "{}",
    rulings: str = "{}",
    superseded: str = "keep",
    engine: str = "",
) -> Project:
    """The project, written into a folder of its own under `root`."""
    folder = root / f"project{len(list(root.glob('project*')))}"
    listed = "\n".join(f"  - {namespace}" for namespace in namespaces)
    files = FILES | {"conf/identity/namespaces.yaml": f"priority:\n{listed}", "conf/identity/stitching.yaml": stitching}
    files["conf/identity/rulings.yaml"] = rulings
    files["conf/engine.yaml"] += f"\n{engine}"
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("SUPERSEDED", f"superseded_links: {superseded}"), encoding="utf-8")
    return open_project(folder)


def customers(spark: SparkSession, rows: list[tuple[str, str | None]], at: float = 0, batch: str = "b1") -> DataFrame:
    """Rows of (crm, email); the record is the customer, its version the day."""
    full = [(crm, email, f"customer-{crm}", None, day(at), day(at), batch) for crm, email in rows]
    return spark.createDataFrame(full, RAW["raw_customers"])


def views(
    spark: SparkSession, rows: list[tuple[str, str | None, str | None, str | None]], at: float = 0, batch: str = "w1"
) -> DataFrame:
    """Rows of (event id, ecid, crm, email)."""
    full = [(e, day(at), ecid, crm, email, f"view-{e}", None, day(at), day(at), batch) for e, ecid, crm, email in rows]
    return spark.createDataFrame(full, RAW["raw_web"])


def resolved(lake: Lake, project: Project, at: float, landed: dict[str, DataFrame], **options: object) -> StageReport:
    """Land raw rows and resolve identity, in one run at the end of day `at`."""
    from profile_engine.identity.stage import resolve_identity

    with lake.run("identity", day(at), **options) as run:  # type: ignore[arg-type]
        for table, rows in landed.items():
            run.merge(table, rows)
        return resolve_identity(run, project)


def resolve_again(run: Run, project: Project) -> StageReport:
    from profile_engine.identity.stage import resolve_identity

    return resolve_identity(run, project)


def people(lake: Lake) -> set[frozenset[str]]:
    """The profiles, each as the values of its identifiers."""
    rows = lake.read("identity_map").join(lake.read("identifier"), "identifier_id", how="inner").collect()
    profiles: dict[str, set[str]] = {}
    for row in rows:
        profiles.setdefault(row["profile_id"], set()).add(row["value"])
    return {frozenset(values) for values in profiles.values()}


def profile_of(lake: Lake) -> dict[str, str]:
    """The profile id of each value."""
    rows = lake.read("identity_map").join(lake.read("identifier"), "identifier_id", how="inner").collect()
    return {row["value"]: row["profile_id"] for row in rows}


def changes(lake: Lake) -> list[tuple[str, str, str | None]]:
    rows = lake.read("identity_change").orderBy("at", "change", "profile_no", "profile_id").collect()
    return [(row["change"], row["profile_id"], row["other_profile_id"]) for row in rows]
