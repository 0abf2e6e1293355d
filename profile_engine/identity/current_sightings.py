"""The sightings that may link at a time, by the project's datasets and the batches that were withdrawn."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.identity.sightings import counting_sightings

if TYPE_CHECKING:
    from profile_engine.lake.lake import Lake
    from profile_engine.lake.runs import Run
    from profile_engine.project.project import Project


def current_sightings(
    tables: Run | Lake, project: Project, as_of: datetime, *, with_record: bool = False, of: DataFrame | None = None
) -> DataFrame:
    """Those of the table `sighting`, as `counting_sightings` gives them.

    of  (identifier_id bigint), few: only sightings whose first identifier is one of them
    """
    datasets, ended = project.enabled_datasets(), ended_datasets(project)
    withdrawn = tables.read("batch").filter("status = 'withdrawn'") if tables.exists("batch") else None
    sightings = tables.read("sighting")
    if of is None:
        return counting_sightings(sightings, datasets, ended, as_of, withdrawn, with_record=with_record)
    looked_at = _of(sightings, of)
    if ended:
        # which version of a record is the newest shows only beside all its versions
        records = looked_at.filter(F.col("dataset").isin(ended)).select("dataset", "record_id").distinct()
        of_records = sightings.join(F.broadcast(records), ["dataset", "record_id"], how="left_semi")
        looked_at = looked_at.filter(~F.col("dataset").isin(ended)).unionByName(of_records)
    counting = counting_sightings(looked_at, datasets, ended, as_of, withdrawn, with_record=with_record)
    return _of(counting, of) if ended else counting


def ended_datasets(project: Project) -> list[str]:
    """The datasets of which only a record's newest version links."""
    return sorted(name for name, dataset in project.enabled_datasets().items() if dataset.superseded_links == "end")


def withdrawn_batches(batches: DataFrame | None) -> frozenset[str]:
    """The ids of withdrawn batches among `batches` (batch_id string, status string, ..)."""
    if batches is None:
        return frozenset()
    return frozenset(row["batch_id"] for row in batches.filter("status = 'withdrawn'").select("batch_id").collect())


def _of(sightings: DataFrame, of: DataFrame) -> DataFrame:
    first = F.broadcast(of.select(F.col("identifier_id").alias("first_id")))
    return sightings.join(first, F.get("identifier_ids", F.lit(0)) == F.col("first_id"), how="left_semi")
