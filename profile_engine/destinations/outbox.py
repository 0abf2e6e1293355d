"""What will be sent, written down before it is: batches of an audience, a row per part."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from profile_engine.destinations.ledger import LastDelivery, Place, moment

Operation = Literal["full", "changes"]


@dataclass(frozen=True)
class Batch:
    """One delivery of one audience as of one time."""

    destination: str
    audience: str
    segment: str
    operation: Operation
    as_of: datetime
    part_rows: tuple[int, ...]
    members: int
    """Rows at the destination once it is delivered."""
    withheld: tuple[tuple[str, int], ...]
    mapping_hash: str
    membership_version: int
    profile_version: int
    attempts: int = 0
    """How often it was tried before this run."""

    @property
    def place(self) -> Place:
        return self.destination, self.audience

    @property
    def key(self) -> str:
        """SHA-256 over what it is and what pins its content: the same key is the same bytes."""
        parts = [
            self.destination, self.audience, self.as_of.isoformat(), self.operation, self.mapping_hash,
            self.membership_version, self.profile_version,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def delivered(self, run_id: str) -> LastDelivery:
        """The ledger's entry once it is at the destination."""
        return LastDelivery(
            self.key, self.operation, self.as_of, self.part_rows, self.members, self.membership_version,
            self.profile_version, self.mapping_hash, run_id,
        )  # fmt: skip


OUTBOX_COLUMNS = (
    "batch_key string, position int, destination string, audience string, segment string, operation string, as_of timestamp, "
    "rows bigint, members bigint, withheld array<struct<reason:string,rows:bigint>>, mapping_hash string, "
    "membership_version bigint, profile_version bigint, run_id string"
)


def outbox_rows(batches: Iterable[Batch], run_id: str) -> list[tuple[Any, ...]]:
    """Rows in the order of `OUTBOX_COLUMNS`; a batch without parts (nothing changed) has one of position 0, no rows."""
    return [
        (batch.key, position, batch.destination, batch.audience, batch.segment, batch.operation, batch.as_of, rows,
         batch.members, list(batch.withheld), batch.mapping_hash, batch.membership_version, batch.profile_version, run_id)
        for batch in batches
        for position, rows in enumerate(batch.part_rows or (0,))
    ]  # fmt: skip


def open_batches(outbox: DataFrame, receipts: DataFrame, since: datetime | None) -> list[Batch]:
    """Batches planned after `since` (None: ever) that no accepted receipt tells of: their run died, or they were refused.

    Oldest first; `attempts` counts their receipts.
    """
    answers = receipts.groupBy("batch_key").agg(
        F.max("attempt").alias("attempts"), F.bool_or(F.col("outcome") == "accepted").alias("accepted")
    )
    planned = outbox if since is None else outbox.where(F.col("as_of") > F.lit(since))
    rows = (
        planned.join(answers, "batch_key", how="left")
        .where(~F.coalesce(F.col("accepted"), F.lit(False)))
        .withColumn("micros", F.unix_micros("as_of"))
        .drop("as_of")
        .collect()
    )
    parts: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row.micros, row.batch_key, row.position)):
        parts.setdefault(row.batch_key, []).append(row)
    return [_batch(of_batch) for of_batch in parts.values()]


def _batch(parts: list[Row]) -> Batch:
    first = parts[0]
    sizes = tuple(row.rows for row in parts)
    return Batch(
        first.destination, first.audience, first.segment, first.operation, moment(first.micros),
        () if sizes == (0,) else sizes, first.members, tuple((item.reason, item.rows) for item in first.withheld),
        first.mapping_hash, first.membership_version, first.profile_version, first.attempts or 0,
    )  # fmt: skip
