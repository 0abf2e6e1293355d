"""What profile ids have become: merges of the ledger `identity_change`, followed to their end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.lake.changes import VERSION
from profile_engine.lake.identity_changes import MERGED_INTO, SPLIT_FROM

_REDIRECTS = "profile_id string, survivor string"


def redirects(identity_changes: DataFrame) -> DataFrame:
    """A row is a profile id that was merged away, and what it has become in the end: `profile_id, survivor`.

    identity_changes  rows of the ledger, in the order of their time, or of `Run.appended`, in the order in which they came

    Merges are followed in that order, to the end of each chain; an id that came back through a split after it was
    merged is itself again.
    """
    came = F.col(VERSION) if VERSION in identity_changes.columns else F.lit(0).cast("bigint")
    chosen = identity_changes.where(F.col("change").isin(MERGED_INTO, SPLIT_FROM)).select(
        "change", "profile_id", "other_profile_id", "at", came.alias(VERSION)
    )
    return chosen.withColumn("whole", F.lit(True)).groupBy("whole").applyInArrow(_followed, _REDIRECTS)


def _followed(changes: pa.Table) -> pa.Table:
    ordered = changes.sort_by(
        [(VERSION, "ascending"), ("at", "ascending"), ("change", "ascending"), ("profile_id", "ascending")]
    )
    survivors = followed(ordered.select(["change", "profile_id", "other_profile_id"]).to_pylist())
    return pa.table({
        "profile_id": pa.array(list(survivors), pa.string()), "survivor": pa.array(list(survivors.values()), pa.string())
    })  # fmt: skip


def followed(changes: Iterable[dict[str, str]]) -> dict[str, str]:
    """What each merged id has become; `changes` are in the order of time."""
    into: dict[str, str] = {}
    for change in changes:
        if change["change"] == MERGED_INTO:
            into[change["profile_id"]] = change["other_profile_id"]
        else:
            into.pop(change["profile_id"], None)
    return {loser: end_of_chain(loser, into) for loser in sorted(into)}


def end_of_chain(profile_id: str, into: dict[str, str]) -> str:
    """What a merged id has become in the end; a circle is followed once."""
    seen = {profile_id}
    for step in _chain(profile_id, into):
        if step in seen:
            break
        profile_id = step
        seen.add(step)
    return profile_id


def _chain(profile_id: str, into: dict[str, str]) -> Iterator[str]:
    while profile_id in into:
        profile_id = into[profile_id]
        yield profile_id
