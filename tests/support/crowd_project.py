"""A project of any size of the same kind: n input files, n segments, n audiences of one destination."""

from __future__ import annotations

from pathlib import Path

ENGINE = "lake: {path: lake}\n"
CUSTOMER = """class: record
fields:
  customer_id: {type: string, required: true, identity: {namespace: customer_id, primary: true}}
  email: {type: string, identity: {namespace: email}}
  points: {type: integer}
profile: enabled
"""
VISIT = """class: event
occurred_at: at
event_type: {constant: visit}
event_id: visit_id
fields:
  visit_id: {type: string, required: true}
  at: {type: timestamp, required: true}
  customer_id: {type: string, identity: {namespace: customer_id, primary: true}}
  amount: {type: integer}
profile: enabled
"""
DATASET = """schema: {schema}
profile: enabled
sources:
  files: {{files: "data/{name}/*.csv", format: csv, mode: {mode}}}
"""
NAMESPACES = "priority:\n  - customer_id: {kind: person}\n  - email: {kind: email, normalise: email}\n"
DESTINATION = """to: {folder: {path: exports}}
format: csv
identity: {email: sha256_hex}
export: {mode: full}
consent: not_needed
audiences:
"""


def crowd_project(folder: Path, size: int, *, people: int = 600) -> Path:
    """Writes the project with its data; the people and visits are the same whatever the size."""
    files = {
        "conf/engine.yaml": ENGINE,
        "conf/schemas/customer.yaml": CUSTOMER,
        "conf/schemas/visit.yaml": VISIT,
        "conf/datasets/customers.yaml": DATASET.format(schema="customer", name="customers", mode="upsert"),
        "conf/datasets/visits.yaml": DATASET.format(schema="visit", name="visits", mode="append"),
        "conf/identity/namespaces.yaml": NAMESPACES,
        "conf/destinations/crowd.yaml": DESTINATION + "".join(f"  - s{n:03}\n" for n in range(size)),
    }
    for n in range(size):
        files[f"segments/s{n:03}.yaml"] = (
            f"name: Segment {n}\nmembers:\n  any:\n    - points: {{at_least: {n % 50}}}\n"
            f"    - did: {{event: visit, within_last: {n % 90 + 1} days, sum: {{of: amount, at_least: {n % 20 + 1}}}}}\n"
        )
    for n in range(size):
        customers = [f"C{p},person{p}@example.org,{p % 60}" for p in range(people) if p % size == n]
        visits = [f"V{p},2026-10-{p % 28 + 1:02}T10:00:00Z,C{p},{p % 25}" for p in range(people) if p % size == n]
        files[f"data/customers/{n:03}.csv"] = "\n".join(["customer_id,email,points", *customers, ""])
        files[f"data/visits/{n:03}.csv"] = "\n".join(["visit_id,at,customer_id,amount", *visits, ""])
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder
