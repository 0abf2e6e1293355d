"""What lies in a delivery's folder: its columns, its parts with rows, bytes and SHA-256, and what it does to the audience."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from profile_engine.destinations.outbox import Batch
from profile_engine.destinations.receipts import PublishedPart

MANIFEST_VERSION = 1


@dataclass(frozen=True)
class Layout:
    """What all files of a destination have in common."""

    columns: tuple[str, ...]
    identity_column: str
    identity_form: str
    file_format: str
    dialect: Mapping[str, str | bool | None]


def manifest(
    batch: Batch, parts: Sequence[PublishedPart], entered: int, left: int, previous: datetime | None, layout: Layout
) -> str:
    """The text of `manifest.json`; nothing of the run is in it, so that a repeat writes the same bytes.

    `operation` full replaces what the destination has of the audience; `changes` adds the `realized` rows to it and takes
    the `exited` away. `previous` is the delivery that changes follow on.
    """
    content = {
        "manifest_version": MANIFEST_VERSION,
        "destination": batch.destination,
        "audience": batch.audience,
        "segment": batch.segment,
        "as_of": _time(batch.as_of),
        "operation": batch.operation,
        "previous_as_of": _time(previous) if previous is not None and batch.operation == "changes" else None,
        "identity": {"column": layout.identity_column, "form": layout.identity_form},
        "columns": list(layout.columns),
        "format": layout.file_format,
        "dialect": dict(layout.dialect),
        "rows": {"realized": entered, "exited": left},
        "members": batch.members,
        "parts": [{"name": p.name, "rows": p.rows, "bytes": p.bytes, "sha256": p.sha256} for p in parts],
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def parts_of(manifest_text: str) -> tuple[PublishedPart, ...]:
    """The parts that a manifest lists."""
    parts = json.loads(manifest_text)["parts"]
    return tuple(PublishedPart(part["name"], part["rows"], part["bytes"], part["sha256"]) for part in parts)


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
