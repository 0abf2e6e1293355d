"""A small project on disk for the tests of ingestion: one record dataset, one event dataset, files written as needed."""

from __future__ import annotations

from pathlib import Path

from profile_engine.project.load import open_project
from profile_engine.project.project import Project

FILES = {
    "conf/engine.yaml": "lake: {path: lake}\ntime_zone: Europe/Amsterdam\n",
    "conf/schemas/customer.yaml": """
class: record
fields:
  crm_id: {type: string, identity: {namespace: crm_id, primary: true}}
  email: {type: string, format: email, identity: {namespace: email}}
  points: {type: integer, at_least: 0}
  updated_at: {type: timestamp}
  address:
    type: object
    fields:
      city: {type: string, length: {at_most: 10}}
      zip: {type: string, required: true}
profile: enabled
""",
    "conf/schemas/visit.yaml": """
class: event
occurred_at: at
event_type: {field: kind}
event_types: [view, buy]
event_id: visit_id
fields:
  visit_id: {type: string}
  at: {type: timestamp}
  kind: {type: string}
  amount: {type: "decimal(8,2)"}
  skus: {type: array, items: {type: string, pattern: "[A-Z]+"}}
  ecid: {type: string, identity: {namespace: ecid, primary: true}}
profile: enabled
""",
    "conf/datasets/customers.yaml": """
schema: customer
profile: enabled
newest_by: updated_at
error_threshold: 60 %
sources:
  crm:
    files: data/crm/*
    format: csv
    mode: upsert
    mapping:
      email: {from: Email, normalise: email}
      address.city: {sql: "initcap(City)"}
      address.zip: Zip
""",
    "conf/datasets/visits.yaml": """
schema: visit
profile: enabled
error_threshold: 60 %
sources:
  web: {files: data/web/*.jsonl, format: json_lines, mode: append}
""",
    "conf/identity/namespaces.yaml": """
priority:
  - crm_id: {kind: person}
  - email: {kind: email, normalise: email}
  - ecid: {kind: cookie}
""",
}


def shop(folder: Path, **changed: str) -> Project:
    """The project written to `folder` and opened; `changed` is other text for a file, by its name without folder."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(changed.get(path.stem, text), encoding="utf-8")
    return open_project(folder)


def put(folder: Path, name: str, content: str | bytes) -> Path:
    """A source file under `folder`/data."""
    path = folder / "data" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path
