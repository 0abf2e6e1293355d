"""Batches: which files a run takes up, which it knows already, and what became of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from profile_engine.datasets.inspection import InspectedFile
from profile_engine.lake.tables import table_entry

LOADING, LOADED, REFUSED, DUPLICATE, ABANDONED = "loading", "loaded", "refused", "duplicate", "abandoned"
WITHDRAWN = "withdrawn"
"""A batch that somebody took back: its files are new again."""
_NOT_THERE = (ABANDONED, WITHDRAWN)
_ENDED_WELL = ("published", "unchanged")


@dataclass(frozen=True)
class Batch:
    """Files of one source that are taken up together. `reason` says why it was refused or abandoned."""

    batch_id: str
    dataset: str
    source: str
    status: str
    files: tuple[InspectedFile, ...]
    planned_as_of: datetime
    reason: str | None = None
    code: str | None = None
    read: int = 0
    accepted: int = 0
    rejected: int = 0
    no_identity: int = 0
    resumed: bool = False

    @property
    def is_refused_file(self) -> bool:
        """A file that could not be read at all stands as one record that was read and rejected."""
        return self.status == REFUSED and self.code is not None


def batch_id(dataset: str, source: str, files: Iterable[InspectedFile], as_of: datetime) -> str:
    """32 hexadecimal digits over the source, the paths and contents, and the time of planning."""
    content = [dataset, source, as_of.isoformat(), *sorted([file.listed.path, file.sha256] for file in files)]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]


def settled_batches(batches: DataFrame, runs: DataFrame, run_id: str, fence: int) -> DataFrame:
    """Batches of runs that were published, with those of the run itself: what a dead or refused run wrote does not count,
    as its rows were undone."""
    return batches.join(F.broadcast(_ended_well(runs, run_id, fence)), on=["run_id", "fence"], how="left_semi")


def unsettled_batches(batches: DataFrame, runs: DataFrame, run_id: str, fence: int) -> DataFrame:
    """Batches that a dead or refused run planned: a run that follows finishes them as they stand."""
    of_others = batches.join(F.broadcast(_ended_well(runs, run_id, fence)), on=["run_id", "fence"], how="left_anti")
    return of_others.where(~F.col("status").isin(*_NOT_THERE))


def known_files(settled: DataFrame) -> DataFrame:
    """dataset, source, path, size, modified_at, sha256, planned_as_of: files that are in a settled batch."""
    told = settled.where(~F.col("status").isin(*_NOT_THERE))
    files = told.select("dataset", "source", "planned_as_of", F.explode("files").alias("file"))
    return files.select("dataset", "source", "file.*", "planned_as_of")


def planned_batches(
    files: Sequence[InspectedFile], seen: frozenset[tuple[str, str, str]], unsettled: Sequence[Batch], as_of: datetime
) -> list[Batch]:
    """What becomes of new files: one batch a source to load, one for its duplicates, one for each refused file.

    seen       dataset, source and SHA-256 of contents that are in the lake
    unsettled  batches of dead runs; each is taken up again under its own id if all its files are still as they were,
               and abandoned otherwise
    """
    by_place = {(f.listed.dataset, f.listed.source, f.listed.path, f.sha256): f for f in files}
    batches: list[Batch] = []
    taken: set[tuple[str, str, str, str]] = set()
    for old in sorted(unsettled, key=lambda batch: (batch.planned_as_of, batch.batch_id)):
        places = [(old.dataset, old.source, file.listed.path, file.sha256) for file in old.files]
        there = tuple(by_place[place] for place in places if place in by_place)
        again = _taken_up_again(old, there) if len(there) == len(places) and taken.isdisjoint(places) else None
        if again is not None:
            batches.append(again)
            taken |= set(places)
        else:
            batches.append(replace(old, status=ABANDONED, reason="its run did not end, and its files are planned anew"))
    contents = seen | {(dataset, source, sha256) for dataset, source, _, sha256 in taken}
    rest = sorted((f for place, f in by_place.items() if place not in taken), key=lambda f: f.listed.path)
    for dataset, source in sorted({(f.listed.dataset, f.listed.source) for f in rest}):
        own = [f for f in rest if (f.listed.dataset, f.listed.source) == (dataset, source)]
        batches += _batches_of(
            dataset, source, own, {sha for d, s, sha in contents if (d, s) == (dataset, source)}, as_of
        )
    return batches


def _taken_up_again(old: Batch, files: tuple[InspectedFile, ...]) -> Batch | None:
    """A dead run's batch under its own id: its rows in quarantine carry that id already."""
    if old.status not in (LOADING, LOADED, REFUSED) or not files:
        return None
    if all(file.code is None for file in files):
        return replace(old, status=LOADING, reason=None, files=files, resumed=True)
    if len(files) == 1:
        return _refused_file(replace(old, files=files, resumed=True))
    return None


def _refused_file(batch: Batch) -> Batch:
    file = batch.files[0]
    return replace(batch, status=REFUSED, reason=file.message, code=file.code, read=1, rejected=1)


def _batches_of(dataset: str, source: str, files: list[InspectedFile], seen: set[str], as_of: datetime) -> list[Batch]:
    load: list[InspectedFile] = []
    duplicates: list[InspectedFile] = []
    refused: list[InspectedFile] = []
    for file in files:
        if file.sha256 in seen:
            duplicates.append(file)
            continue
        seen.add(file.sha256)
        (load if file.code is None else refused).append(file)

    def batch(status: str, of: list[InspectedFile]) -> Batch:
        return Batch(batch_id(dataset, source, of, as_of), dataset, source, status, tuple(of), as_of)

    found = [batch(LOADING, load)] if load else []
    if duplicates:
        found.append(replace(batch(DUPLICATE, duplicates), reason="the content is in the lake already"))
    return found + [_refused_file(batch(REFUSED, [file])) for file in refused]


def batch_rows(spark: SparkSession, batches: Iterable[Batch], run_id: str, fence: int) -> DataFrame:
    """Rows of the table `batch`."""
    rows = [
        (
            each.batch_id, each.dataset, each.source, each.status, each.reason,
            [(f.listed.path, f.listed.size, f.listed.modified_at, f.sha256) for f in each.files],
            each.read, each.accepted, each.rejected, each.no_identity, each.planned_as_of, run_id, fence,
        )
        for each in batches
    ]  # fmt: skip
    return spark.createDataFrame(rows, table_entry("batch").columns).coalesce(1)


def _ended_well(runs: DataFrame, run_id: str, fence: int) -> DataFrame:
    own = runs.sparkSession.createDataFrame([(run_id, fence)], "run_id string, fence bigint")
    return runs.where(F.col("status").isin(*_ENDED_WELL)).select("run_id", "fence").unionByName(own).distinct()
