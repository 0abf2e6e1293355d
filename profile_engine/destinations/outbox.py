"""What will be sent, written down before it is: batches of an audience, a row per part."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
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


def open_batches(
    outbox: DataFrame, receipts: Callable[[], DataFrame], last: Mapping[Place, datetime | None]
) -> list[Batch]:
    """Batches of these places, planned after their last delivery, that no accepted receipt tells of: oldest first.

    Their run died, or their destination refused them. `last` has the as_of of each place's last delivery (None: never);
    `receipts` are only read when there is such a batch at all, which is rare. `attempts` counts their receipts.
    """
    known = [as_of for as_of in last.values() if as_of is not None]
    never = sorted({audience for (_, audience), as_of in last.items() if as_of is None})
    newer = F.col("as_of") > F.lit(min(known)) if known else F.lit(False)
    rows = outbox.where(newer | F.col("audience").isin(never)).withColumn("micros", F.unix_micros("as_of")).collect()
    parts: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row.micros, row.batch_key, row.position)):
        place = (row.destination, row.audience)
        since = last.get(place)
        if place in last and (since is None or moment(row.micros) > since):
            parts.setdefault(row.batch_key, []).append(row)
    if not parts:
        return []
    answers = receipts().where(F.col("batch_key").isin(list(parts))).select("batch_key", "attempt", "outcome").collect()
    attempts = {key: max((row.attempt for row in answers if row.batch_key == key), default=0) for key in parts}
    accepted = {row.batch_key for row in answers if row.outcome == "accepted"}
    return [_batch(of_batch, attempts[key]) for key, of_batch in parts.items() if key not in accepted]


def _batch(parts: list[Row], attempts: int) -> Batch:
    first = parts[0]
    sizes = tuple(row.rows for row in parts)
    return Batch(
        first.destination, first.audience, first.segment, first.operation, moment(first.micros),
        () if sizes == (0,) else sizes, first.members, tuple((item.reason, item.rows) for item in first.withheld),
        first.mapping_hash, first.membership_version, first.profile_version, attempts,
    )  # fmt: skip
