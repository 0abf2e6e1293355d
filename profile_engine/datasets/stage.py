"""Source files into raw tables: what is new is landed once, what is wrong is kept aside with its reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from functools import reduce
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.datasets.batches import (
    ABANDONED,
    DUPLICATE,
    LOADED,
    REFUSED,
    Batch,
    batch_rows,
    planned_batches,
    settled_batches,
    unsettled_batches,
)
from profile_engine.datasets.files import listed_by_executors, listed_files
from profile_engine.datasets.inbox import collected_batches, inbox
from profile_engine.datasets.landing import Source, landed_rows, sources_of
from profile_engine.datasets.outcome import Outcome, counted_rows, ended, outcomes
from profile_engine.datasets.promotion import (
    changed_owners,
    new_events,
    new_versions,
    raw_rows,
    replaced_table,
    with_other_records,
)
from profile_engine.datasets.quarantine import rejected_files, rejected_rows
from profile_engine.datasets.raw_shape import empty_raw_rows, holds_maps, lacks_fields, refuse_changed_types
from profile_engine.datasets.silence import GATE, last_arrivals, silences
from profile_engine.datasets.validation import REASONS
from profile_engine.lake.gates import Gate
from profile_engine.lake.tables import RAW_PREFIX
from profile_engine.observability.stage_report import StageReport

if TYPE_CHECKING:
    from profile_engine.lake.runs import Run
    from profile_engine.project.project import Project

_STAGE = "datasets"
Sources = Mapping[tuple[str, str], Source]


def ingest_datasets(run: Run, project: Project) -> StageReport:
    """Land the new files of all datasets; files that are known by path, size and time, or by content, are skipped.

    read = accepted + rejected for every batch. An event that was there before (same id and UTC day), or a version that is
    not newer than the lake's, counts as accepted, and as `repeated`. A batch above its error threshold is refused whole, a
    file that can't be read alone; both are named in the report. A source that brought nothing for longer than its
    `expected_every` fails the gate `silent_sources`.

    raises   FieldChangedTypeError when a schema gives a field another type than the lake holds
    """
    sources = sources_of(project.datasets, project.schemas, project.engine.time_zone)
    changed = run.why_run(_STAGE, (), project.configuration_hash(_STAGE)) is not None
    if changed:
        _follow_configuration(run, project)
    settled, batches = _planned(run, project, sources)
    written: dict[str, int] = {}
    if batches:
        batches, written = _landed(run, project, sources, settled, batches)
    _look_for_silence(run, sources, settled, batches)
    run.stage_done(_STAGE, (), project.configuration_hash(_STAGE))
    skipped = None if batches or changed else "no new files"
    return _report(batches, written, skipped)


def _follow_configuration(run: Run, project: Project) -> None:
    """Bring raw tables up to schemas and namespaces that have changed: new fields are added, owners found anew."""
    for dataset, config in project.datasets.items():
        table, schema = RAW_PREFIX + dataset, project.schemas[config.schema_name]
        if not run.exists(table):
            continue
        stored = run.read(table)
        refuse_changed_types(schema, dataset, stored.schema)
        can_merge = not holds_maps(stored.schema)
        if lacks_fields(schema, stored.schema) and can_merge:
            run.merge(table, empty_raw_rows(run.spark, schema))
            stored = run.read(table)
        moved = changed_owners(stored, schema, project.namespaces, run.lake.identifier_key())
        if can_merge:
            run.merge(table, moved)
        elif not moved.isEmpty():
            run.replace(table, with_other_records(moved, stored))


def _planned(run: Run, project: Project, sources: Sources) -> tuple[DataFrame | None, list[Batch]]:
    """The settled batches, and what becomes of the files that are in none of them."""
    settled: DataFrame | None = None
    if run.exists("batch"):
        settled = settled_batches(run.read("batch"), run.read("run"), run.run_id, run.fence)
    listed = [
        file
        for (dataset, name), source in sources.items()
        for file in listed_files(run.spark, project.root, dataset, name, source.config.files)
    ]
    formats = {place: (s.config.format_name, s.config.format_options) for place, s in sources.items()}
    replacing = frozenset(place for place, source in sources.items() if source.config.mode == "replace")
    new = inbox(run.spark, listed, settled, formats, replacing)
    if not new.files:
        return settled, []
    unsettled: list[Batch] = []
    if settled is not None:
        # the files of a dead run's batches are new to the lake, so there is nothing to look for without new files
        unsettled = collected_batches(unsettled_batches(run.read("batch"), run.read("run"), run.run_id, run.fence))
    files = [sources[file.listed.dataset, file.listed.source].checked(file) for file in new.files]
    return settled, planned_batches(files, new.seen, unsettled, run.as_of)


def _landed(
    run: Run, project: Project, sources: Sources, settled: DataFrame | None, batches: list[Batch]
) -> tuple[list[Batch], dict[str, int]]:
    """The batches as they ended, and rows written by dataset. One write of `quarantine`, two of `batch`, one a raw table."""
    by_key = any(batch.resumed or batch.status == ABANDONED for batch in batches)
    _record(run, batches, by_key=by_key)
    key = run.lake.identifier_key()
    landed: dict[str, DataFrame] = {}
    with listed_by_executors(run.spark):
        for dataset in project.datasets:
            own = [source for source in sources.values() if source.dataset == dataset]
            rows = landed_rows(run.spark, own, batches, project.namespaces, key)
            if rows is not None:
                landed[dataset] = rows.persist()
    try:
        # one job computes the rows of all datasets, counts them and keeps them
        came_to = outcomes(counted_rows(landed.values()).collect()) if landed else {}
        done = [
            ended(batch, came_to.get(batch.batch_id), project.datasets[batch.dataset].error_threshold)
            for batch in batches
        ]
        written = {
            dataset: _promoted(run, [s for s in sources.values() if s.dataset == dataset], rows, settled, done, came_to)
            for dataset, rows in landed.items()
        }
        _set_aside(run, landed, done, by_key=by_key)
        _record(run, done, by_key=True)
    finally:
        for rows in landed.values():
            rows.unpersist()
    return done, written


def _record(run: Run, batches: Sequence[Batch], *, by_key: bool) -> None:
    rows = batch_rows(run.spark, batches, run.run_id, run.fence)
    if by_key:
        # all columns of all rows are known here, so they need not be looked for as a MERGE would
        ids = ", ".join(f"'{batch.batch_id}'" for batch in batches)
        run.replace("batch", rows, where=f"batch_id IN ({ids})")
    else:
        run.append("batch", rows)


def _promoted(
    run: Run,
    sources: Sequence[Source],
    rows: DataFrame,
    settled: DataFrame | None,
    batches: Sequence[Batch],
    came_to: Mapping[str, Outcome],
) -> int:
    """Write one dataset's accepted rows of its loaded batches; returns how many rows that changed."""
    dataset, schema, newest_by = sources[0].dataset, sources[0].schema, sources[0].dataset_config.newest_by
    table = RAW_PREFIX + dataset
    loaded = [b for b in batches if b.dataset == dataset and b.status == LOADED]
    replacing = [s.name for s in sources if s.config.mode == "replace" and any(b.source == s.name for b in loaded)]
    if not any(batch.accepted for batch in loaded) and not replacing:
        return 0
    ids = [batch.batch_id for batch in loaded]
    accepted = raw_rows(rows.where((F.size(REASONS) == 0) & F.col("batch_id").isin(ids)), schema, run.as_of)
    stored = run.read(table) if run.exists(table) else None
    if replacing:
        of_source = (F.col("dataset") == dataset) & F.col("source").isin(replacing)
        replaced = None if settled is None else settled.where(of_source).select("batch_id")
        whole = replaced_table(accepted, stored, replaced, newest_by)
        return (
            run.replace(table, whole)
            if holds_maps(whole.schema)
            else run.merge(table, whole, delete_missing=True).total
        )
    if schema.class_ == "event" and all(source.config.mode == "append" for source in sources):
        times = [t for i in ids if i in came_to for t in (came_to[i].first_time, came_to[i].last_time) if t is not None]
        return run.append(table, new_events(accepted, stored, (min(times), max(times))))
    new = new_versions(accepted, stored, newest_by)
    if stored is None:
        return run.append(table, new)
    if not holds_maps(new.schema):
        return run.merge(table, new).total
    return run.replace(table, with_other_records(new, stored))


def _set_aside(run: Run, landed: Mapping[str, DataFrame], batches: Sequence[Batch], *, by_key: bool) -> None:
    refused = [batch.batch_id for batch in batches if batch.status == REFUSED]
    hit = {batch.dataset for batch in batches if batch.rejected and not batch.is_refused_file}
    parts = [rejected_rows(rows, dataset, refused, run.as_of) for dataset, rows in landed.items() if dataset in hit]
    files = rejected_files(run.spark, batches, run.as_of)
    if files is not None:
        parts.append(files)
    if not parts:
        return
    rows = reduce(lambda left, right: left.unionByName(right), parts)
    if by_key:
        # a dead run may have set the same rows aside before
        run.merge("quarantine", rows)
    else:
        run.append("quarantine", rows)


def _look_for_silence(run: Run, sources: Sources, settled: DataFrame | None, batches: Sequence[Batch]) -> None:
    expected = {place: source.config.expected_every for place, source in sources.items()}
    spans = {place: span for place, span in expected.items() if span is not None}
    if not spans or settled is None:
        return
    arrived = {(row["dataset"], row["source"]): row["last"].astimezone(UTC) for row in last_arrivals(settled).collect()}
    silent = silences(spans, arrived, batches, run.as_of)
    limits = ", ".join(f"{'/'.join(place)} every {span}" for place, span in sorted(spans.items()))
    figure = "; ".join(map(str, silent)) or "every source brought what was expected"
    run.add_gate(Gate(GATE, not silent, figure, f"expected: {limits}", f"--confirm {GATE}"))


def _report(batches: Sequence[Batch], written: Mapping[str, int], skipped: str | None) -> StageReport:
    told = [batch for batch in batches if batch.status in (LOADED, REFUSED)]
    accepted = sum(batch.accepted for batch in told)
    figures: dict[str, int | float | str] = {
        "read": sum(batch.read for batch in told),
        "accepted": accepted,
        "rejected": sum(batch.rejected for batch in told),
        "no_identity": sum(batch.no_identity for batch in told),
        "repeated": max(accepted - sum(written.values()), 0),
        "files": sum(len(batch.files) for batch in told),
        "duplicates": sum(len(batch.files) for batch in batches if batch.status == DUPLICATE),
    }
    refused = tuple(
        f"{batch.dataset}/{batch.source}: {_refused_what(batch)}: {batch.reason}"
        for batch in told
        if batch.status == REFUSED
    )
    return StageReport(_STAGE, figures, skipped=skipped, refused=refused)


def _refused_what(batch: Batch) -> str:
    if batch.is_refused_file:
        return f"file {batch.files[0].listed.path}"
    return f"batch {batch.batch_id} of {len(batch.files)} files"
