"""What became of what was sent: a row per part and attempt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from profile_engine.destinations.outbox import Batch
from profile_engine.errors import PermanentDeliveryError, TransientDeliveryError

RECEIPT_COLUMNS = (
    "batch_key string, position int, attempt int, destination string, audience string, outcome string, code string, "
    "location string, rows bigint, bytes bigint, sha256 string, sent_at timestamp, run_id string"
)


@dataclass(frozen=True)
class PublishedPart:
    """A part under its final name."""

    name: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Outcome:
    """How one batch ended: `parts` where it was accepted, `failure` where not."""

    batch: Batch
    location: str
    parts: tuple[PublishedPart, ...] = ()
    failure: Exception | None = None

    @property
    def accepted(self) -> bool:
        return self.failure is None

    @property
    def answer(self) -> tuple[str, str | None]:
        """Outcome and code: `retry` where waiting may help, `rejected` where somebody has to act."""
        if self.failure is None:
            return "accepted", None
        if isinstance(self.failure, TransientDeliveryError):
            return "retry", "transient"
        return "rejected", "permanent" if isinstance(self.failure, PermanentDeliveryError) else "platform"


def receipt_rows(outcomes: Sequence[Outcome], sent_at: datetime, run_id: str) -> list[tuple[Any, ...]]:
    """Rows in the order of `RECEIPT_COLUMNS`. `sent_at` is the run's as_of."""
    return [row for outcome in outcomes for row in _rows(outcome, sent_at, run_id)]


def _rows(outcome: Outcome, sent_at: datetime, run_id: str) -> list[tuple[Any, ...]]:
    batch, (answer, code) = outcome.batch, outcome.answer
    start = (batch.key, batch.attempts + 1, batch.destination, batch.audience, answer, code)
    parts: list[tuple[str, int, int | None, str | None]]
    if outcome.parts:
        parts = [(f"{outcome.location}/{part.name}", part.rows, part.bytes, part.sha256) for part in outcome.parts]
    else:
        parts = [(outcome.location, rows, None, None) for rows in batch.part_rows or (0,)]
    return [
        (start[0], position, *start[1:], location, rows, size, sha256, sent_at, run_id)
        for position, (location, rows, size, sha256) in enumerate(parts)
    ]
