"""What is at a destination now: each audience's last delivery, its people pinned by table versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

Place = tuple[str, str]
"""Destination and audience."""


@dataclass(frozen=True)
class LastDelivery:
    """An audience's last accepted delivery."""

    batch_key: str
    operation: str
    as_of: datetime
    part_rows: tuple[int, ...]
    """Rows of each part; none where nothing had changed."""
    members: int
    """Rows at the destination after it."""
    membership_version: int
    profile_version: int
    mapping_hash: str
    run_id: str


def last_deliveries(ledger: DataFrame) -> dict[Place, LastDelivery]:
    """The `delivery_ledger`, read into memory: it has a row per part of a last delivery, and no person."""
    rows = ledger.withColumn("micros", F.unix_micros("as_of")).drop("as_of").collect()
    parts: dict[Place, list[Row]] = {}
    for row in sorted(rows, key=lambda row: int(row.position)):
        parts.setdefault((row.destination, row.audience), []).append(row)
    return {place: _delivery(of_place) for place, of_place in parts.items()}


def ledger_rows(deliveries: Mapping[Place, LastDelivery]) -> list[tuple[Any, ...]]:
    """Rows in the order of `LEDGER_COLUMNS`; a delivery without parts has one of position 0 and no rows."""
    return [
        (destination, audience, position, last.batch_key, last.operation, last.as_of, rows, last.members,
         last.membership_version, last.profile_version, last.mapping_hash, last.run_id)
        for (destination, audience), last in sorted(deliveries.items())
        for position, rows in enumerate(last.part_rows or (0,))
    ]  # fmt: skip


LEDGER_COLUMNS = (
    "destination string, audience string, position int, batch_key string, operation string, as_of timestamp, rows bigint, "
    "members bigint, membership_version bigint, profile_version bigint, mapping_hash string, run_id string"
)


def moment(micros: int) -> datetime:
    """Microseconds since 1970 in UTC; Spark's own conversion would use the zone of this machine."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)


def _delivery(parts: Iterable[Row]) -> LastDelivery:
    rows = list(parts)
    first = rows[0]
    sizes = tuple(row.rows for row in rows)
    return LastDelivery(
        first.batch_key, first.operation, moment(first.micros), () if sizes == (0,) else sizes, first.members,
        first.membership_version, first.profile_version, first.mapping_hash, first.run_id,
    )  # fmt: skip
