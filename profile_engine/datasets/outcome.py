"""What a batch's rows came to, and whether the batch may land."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import reduce

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from profile_engine.datasets.batches import LOADED, LOADING, REFUSED, Batch
from profile_engine.datasets.validation import REASONS
from profile_engine.errors import DataError


@dataclass(frozen=True)
class Outcome:
    """Counts of one batch, and the first and last time of its good rows."""

    read: int
    rejected: int
    no_identity: int
    first_time: datetime | None
    last_time: datetime | None


def counted_rows(landed: Iterable[DataFrame]) -> DataFrame:
    """One row a batch: batch_id and the columns of Outcome, over the rows of all datasets in one plan."""
    good = F.size(REASONS) == 0
    told = [rows.select("batch_id", "owner_id", "source_time", good.alias("good")) for rows in landed]
    return (
        reduce(lambda left, right: left.unionByName(right), told)
        .groupBy("batch_id")
        .agg(
            F.count(F.lit(1)).alias("read"),
            F.count_if(~F.col("good")).alias("rejected"),
            F.count_if(F.col("good") & F.col("owner_id").isNull()).alias("no_identity"),
            F.min(F.when(F.col("good"), F.col("source_time"))).alias("first_time"),
            F.max(F.when(F.col("good"), F.col("source_time"))).alias("last_time"),
        )
    )


def outcomes(counted: Iterable[Row]) -> dict[str, Outcome]:
    """Collected rows of `counted_rows` by batch id; raises DataError for rows of a file that nobody planned."""
    found: dict[str, Outcome] = {}
    for row in counted:
        if row["batch_id"] is None:
            raise DataError(
                f"{row['read']} rows came from files whose path Spark writes otherwise than the listing; rename the files "
                "so that their paths hold no unusual letters"
            )
        times = [None if row[name] is None else row[name].astimezone(UTC) for name in ("first_time", "last_time")]
        found[row["batch_id"]] = Outcome(row["read"], row["rejected"], row["no_identity"], *times)
    return found


def ended(batch: Batch, outcome: Outcome | None, error_threshold: float) -> Batch:
    """The batch as it ends: loaded with its counts, or refused whole where too many of its rows were rejected."""
    if batch.status != LOADING:
        return batch
    if outcome is None:
        return replace(batch, status=LOADED)
    if outcome.rejected > error_threshold * outcome.read:
        share = f"{outcome.rejected} of {outcome.read} rows were rejected, more than {100 * error_threshold:g} %"
        return replace(batch, status=REFUSED, reason=share, read=outcome.read, rejected=outcome.read)
    return replace(
        batch,
        status=LOADED,
        read=outcome.read,
        accepted=outcome.read - outcome.rejected,
        rejected=outcome.rejected,
        no_identity=outcome.no_identity,
    )
