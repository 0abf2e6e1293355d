"""What became of a profile id: minted, took in others, was merged away, split; told from the ledger `identity_change`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pyspark.sql import functions as F

from profile_engine.lake.identity_changes import MERGED_INTO, MINTED, MOVED, SPLIT_FROM
from profile_engine.lake.lake import Lake
from profile_engine.workspace.found_identifier import rows_of

_WORDS = {
    (MINTED, True): "minted",
    (MERGED_INTO, True): "merged into",
    (MERGED_INTO, False): "took in",
    (SPLIT_FROM, True): "split from",
    (SPLIT_FROM, False): "lost a part to",
    (MOVED, True): "identifiers came from",
    (MOVED, False): "identifiers went to",
}


@dataclass(frozen=True)
class HistoryEntry:
    """One kind of change in one run: at when, in words, the other profile, and how many identifiers it was about."""

    at: datetime
    what: str
    other_profile_id: str | None
    identifiers: int


def profile_history(lake: Lake, profile_id: str) -> tuple[HistoryEntry, ...]:
    """Everything that happened to the id, oldest first."""
    is_it = (F.col("profile_id") == profile_id) | (F.col("other_profile_id") == profile_id)
    rows = rows_of(
        lake.read("identity_change")
        .where(is_it)
        .groupBy("at", "change", "profile_id", "other_profile_id")
        .agg(F.count("identifier_id").alias("identifiers"))
    )
    entries = []
    for row in rows:
        is_subject = row["profile_id"] == profile_id
        other = row["other_profile_id"] if is_subject else row["profile_id"]
        entries.append(HistoryEntry(row["at"], _WORDS[row["change"], is_subject], other, row["identifiers"]))
    return tuple(
        sorted(
            entries, key=lambda one: (one.at, one.what != _WORDS[MINTED, True], one.what, one.other_profile_id or "")
        )
    )
