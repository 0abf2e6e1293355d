"""The sightings that may link now, by the project's datasets and the batches that were withdrawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import DataFrame

from profile_engine.identity.sightings import counting_sightings

if TYPE_CHECKING:
    from profile_engine.lake.lake import Lake
    from profile_engine.lake.runs import Run
    from profile_engine.project.project import Project


def current_sightings(tables: Run | Lake, project: Project, *, with_record: bool = False) -> DataFrame:
    """Those of the table `sighting`, as `counting_sightings` gives them."""
    datasets = project.enabled_datasets()
    ended = [name for name, dataset in datasets.items() if dataset.superseded_links == "end"]
    withdrawn = tables.read("batch").filter("status = 'withdrawn'") if tables.exists("batch") else None
    return counting_sightings(tables.read("sighting"), datasets, ended, withdrawn, with_record=with_record)
