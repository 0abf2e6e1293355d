"""How the timeline follows its raw tables: new events are appended, moved ones merged, else it is written anew."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.lake.tables import RAW_PREFIX
from profile_engine.profiles.timeline import laid_out, timeline_rows, touched_events
from profile_engine.schemas.spark_types import spark_type_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profile_engine.lake.runs import Run
    from profile_engine.project.project import Project

TIMELINE = "timeline"


def write_timeline(run: Run, stage: str, project: Project, datasets: tuple[str, ...], *, anew: bool) -> int:
    """Brings the timeline up to date with the raw events of `datasets`; returns the rows written.

    It is written anew when there is none, when `anew` says that the configuration moved (another field may be named, an
    event type read elsewhere), when what changed in raw can't be read any more, and when events are gone.
    """
    if not datasets and not run.exists(TIMELINE):
        return 0
    changes = None if anew or not run.exists(TIMELINE) else _changes(run, stage, datasets)
    if changes is None:
        return _write_anew(run, project, datasets)
    if not changes:
        return 0
    rows = _rows(project, {dataset: changed.where("_change = 'upsert'") for dataset, changed in changes.items()})
    touched = reduce(DataFrame.unionByName, [touched_events(changed, dataset) for dataset, changed in changes.items()])
    known, gone = _known_and_gone(touched, run.read(TIMELINE))
    if gone:
        return _write_anew(run, project, datasets)
    if known:
        counts = run.merge(TIMELINE, rows)
        return counts.inserted + counts.updated
    return run.append(TIMELINE, laid_out(rows))


def _changes(run: Run, stage: str, datasets: tuple[str, ...]) -> dict[str, DataFrame] | None:
    """What changed in the raw tables that moved since the stage read them, or None where that can't be read."""
    read_last = run.inputs_of(stage)
    changes = {}
    for dataset in datasets:
        table = RAW_PREFIX + dataset
        if run.version(table) == read_last.get(table):
            continue
        changed = run.changes(table, stage)
        if changed is None:
            return None
        changes[dataset] = changed
    return changes


def _known_and_gone(touched: DataFrame, timeline: DataFrame) -> tuple[int, int]:
    """How many of the changed events the timeline already has, and how many of these it must lose."""
    there = timeline.select("dataset", "record_id")
    counts = touched.join(there, ["dataset", "record_id"], how="inner").agg(
        F.count(F.lit(1)).alias("known"), F.count_if(~F.col("stays")).alias("gone")
    )
    ((known, gone),) = counts.collect()
    return known, gone


def _write_anew(run: Run, project: Project, datasets: tuple[str, ...]) -> int:
    if not datasets:
        return run.replace(TIMELINE, run.read(TIMELINE).limit(0))
    return run.replace(TIMELINE, laid_out(_rows(project, {name: run.read(RAW_PREFIX + name) for name in datasets})))


def _rows(project: Project, events: Mapping[str, DataFrame]) -> DataFrame:
    union, paths = spark_type_of(project.event_union.fields), project.event_fields()
    schemas = {name: project.schemas[project.datasets[name].schema_name] for name in events}
    parts = [timeline_rows(rows, name, schemas[name], union, paths) for name, rows in events.items()]
    return reduce(DataFrame.unionByName, parts)
