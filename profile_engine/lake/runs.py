"""A writing run: it holds the lease, sees its own writes, and is published as a whole or not at all."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame, SparkSession

from profile_engine.errors import GateRefused
from profile_engine.lake.candidate import Candidate
from profile_engine.lake.commits import Commit, commit_mark
from profile_engine.lake.gates import Gate, refuse_failed
from profile_engine.lake.lease import Lease
from profile_engine.lake.merging import MergeCounts
from profile_engine.lake.migrations import migrate
from profile_engine.lake.releases import LAKE_FORMAT, refuse_newer_format, release_row
from profile_engine.lake.run_records import RunRecord, error_in_words, run_rows
from profile_engine.lake.settle import RunMark, settle, undo
from profile_engine.lake.stored_table import USER_METADATA
from profile_engine.lake.tables import TABLES, table_entry
from profile_engine.lake.versions import appended_between, changes_between, empty_rows, past_rows, pinned_rows
from profile_engine.lake.writing import TableWriter

if TYPE_CHECKING:
    from profile_engine.lake.lake import Lake

_log = logging.getLogger(__name__)


class Run:
    """One writing run. Made by `Lake.run`, which publishes it at the end of the `with` or undoes it on an error."""

    def __init__(self, lake: Lake, job: str, as_of: datetime, run_id: str, confirmed: Collection[str]) -> None:
        self.lake, self.job, self.as_of, self.run_id = lake, job, as_of, run_id
        self.spark: SparkSession = lake.spark
        self.commits: list[Commit] = []
        """What the run has committed so far, its own records included."""
        self._confirmed = frozenset(confirmed)
        self._gates: list[Gate] = []
        self._figures: dict[str, object] = {}
        self._heads: dict[str, int | None] = {}
        self._follows_time: set[str] = set()
        self.lease = Lease.acquire(
            lake.control,
            lake=lake.location,
            run_id=run_id,
            job=job,
            as_of=as_of,
            clock=lake.clock,
            lasts=lake.lease_lasts,
        )
        self._mark = RunMark(run_id, self.lease.fence)
        try:
            base = lake.newest_release()
            refuse_newer_format(base, lake.location)
            self._candidate = Candidate(base)
            self._record(*settle(lake, self.lease, self._candidate, self._mark), self._row("running", ended=False))
            if base is not None and base.lake_format < LAKE_FORMAT:
                migrate(self, base.lake_format, LAKE_FORMAT, lake.migrations)
        except BaseException:
            self._close(None)
            raise

    @property
    def fence(self) -> int:
        return self._mark.fence

    def exists(self, table: str) -> bool:
        return self.version(table) is not None

    def version(self, table: str) -> int | None:
        """The table's version in the candidate; the head for tables that are never rolled back."""
        if table_entry(table).rolled_back:
            return self._candidate.versions.get(table)
        if table not in self._heads:
            self._heads[table] = self.lake.stored(table).head()
        return self._heads[table]

    def tables(self) -> list[str]:
        """All tables that have been written, the records of runs and releases among them."""
        records = (name for name, entry in TABLES.items() if not entry.rolled_back and self.exists(name))
        return sorted({*self._candidate.versions, *records})

    def read(self, table: str) -> DataFrame:
        """The candidate's rows; the frame stays as it is, whatever the run writes after."""
        version = self.version(table)
        stored = self.lake.stored(table)
        if version is None:
            return empty_rows(stored, table_entry(table))
        return pinned_rows(stored, version, self.lake.kept)

    def read_version(self, table: str, version: int) -> DataFrame:
        """The rows of a version; raises VersionGone when it can't be read any more."""
        if version == self.version(table):
            return self.read(table)
        return past_rows(
            self.lake.stored(table), version, now=self.lake.clock(), keep=self.lake.keep_releases, kept=self.lake.kept
        )

    def append(self, table: str, rows: DataFrame, *, batch: str | None = None) -> int:
        """Add rows; returns how many. No rows, no commit.

        With `batch`, what names the rows by their content, a table that is never rolled back takes them once, however
        often a killed run is repeated (0 is returned for a repetition).
        """
        return self._written(table, self._writer(table).append(rows, batch))

    def replace(self, table: str, rows: DataFrame, *, where: str | None = None) -> int:
        """Put rows in the place of all rows (or of those `where` is true for); returns how many were written."""
        return self._written(table, self._writer(table).replace(rows, where))

    def merge(
        self, table: str, rows: DataFrame, *, delete_missing: bool = False, instead_of: DataFrame | None = None
    ) -> MergeCounts:
        """Bring rows to these values by the table's key; with `delete_missing` rows with other keys go.

        instead_of  the part of the table whose place `rows` take, as the run reads it (at least the columns of `rows`);
                    what is outside stays, and no key of `rows` is there. None: the whole table

        Only rows that differ are written; no difference, no commit. Raises DuplicateKeys, FrameMisfit.
        """
        commits, counts = self._writer(table).merge(rows, delete_missing=delete_missing, instead_of=instead_of)
        for commit in commits:
            self._written(table, commit)
        return counts

    def changes(self, table: str, stage: str, *, before: Sequence[str] = ()) -> DataFrame | None:
        """One row a key that has changed since the version that `stage` read last: the table's columns and `_change`
        (`upsert` with the row as it is, `delete` with the row as it was), and `_before_<column>` for each column of
        `before`. None when that can't be told."""
        read_last, after = self._candidate.inputs.get(stage, {}).get(table), self.version(table)
        if read_last is None or after is None:
            return None
        return changes_between(
            self.lake.stored(table),
            table_entry(table),
            read_last,
            after,
            now=self.lake.clock(),
            keep=self.lake.keep_releases,
            also_before=before,
        )

    def appended(self, table: str, stage: str) -> DataFrame | None:
        """The rows that a log has gained since `stage` read it last (all where it never did), with `_version bigint`, which
        orders them as they came. None when that can't be told."""
        lake, before, after = self.lake, self.inputs_of(stage).get(table), self.version(table)
        return None if after is None else appended_between(
            lake.stored(table), table_entry(table), before, after,
            now=lake.clock(), keep=lake.keep_releases, kept=lake.kept,
        )  # fmt: skip

    def written_anew(self, table: str, stage: str) -> bool:
        """Whether the table was overwritten since `stage` read it last, so that its change feed holds all of it twice."""
        before, after = self._candidate.inputs.get(stage, {}).get(table), self.version(table)
        if before is None or after is None:
            return True
        commits = self.lake.stored(table).commits_above(before)
        return any(commit.mode == "Overwrite" and commit.version <= after for commit in commits)

    def why_run(
        self, stage: str, tables: Iterable[str], configuration_hash: str, *, follows_time: bool = False
    ) -> str | None:
        """Why the stage has work, in words, or None when nothing moved. `follows_time` for a stage whose result changes
        with as_of alone."""
        if follows_time:
            self._follows_time.add(stage)
        as_of = self.as_of if follows_time else None
        return self._candidate.why_run(stage, self._versions(tables), configuration_hash, as_of)

    def inputs_of(self, stage: str) -> Mapping[str, int]:
        """The versions that the stage read when it last ran; empty before its first run."""
        return dict(self._candidate.inputs.get(stage, {}))

    def stage_done(
        self, stage: str, tables: Iterable[str], configuration_hash: str, *, note_time: bool = False
    ) -> None:
        """The stage's tables now stand for the candidate's versions of what it reads, and, where it follows time or
        `note_time` says so, for the run's as_of (`Lake.stage_time`)."""
        at = self.as_of if note_time or stage in self._follows_time else None
        self._candidate.stage_done(stage, self._versions(tables), configuration_hash, at)

    def add_gate(self, gate: Gate) -> None:
        """A check of this run; before publishing, a failed one that is not confirmed refuses the run."""
        self._gates.append(gate)

    def confirmed(self, gate: str) -> bool:
        return gate in self._confirmed

    def note_figures(self, stage: str, figures: Mapping[str, object]) -> None:
        """Counts for the run's record; never a person's value."""
        self._figures[stage] = dict(figures)

    def will_write(self, table: str) -> None:
        """Say that a table is about to be written, so that it is settled if this run dies. Raises LakeError when another
        run has taken over."""
        self.lease.note_write(table)
        # At every write: two lakes may be written in one session, and both would mark each other's commits.
        self.spark.conf.set(USER_METADATA, commit_mark(self.run_id, self.fence))

    def same_content(self, table: str, commit: Commit) -> None:
        """A table was rewritten without a change of its rows; who has read it need not read again."""
        before = self.version(table)
        assert before is not None
        self.commits.append(commit)
        if not table_entry(table).rolled_back:
            self._heads[table] = commit.version
        self._candidate.same_content(table, before, commit.version, publish=True)

    def publish(self) -> None:
        """Gates, one release commit if anything moved, the run's record. Raises GateRefused after undoing."""
        try:
            refuse_failed(self._gates, self._confirmed)
            self.lease.ensure_held()
            release_id = self._publish_release()
        except BaseException as error:
            self.abandon(error)
            raise
        status = "unchanged" if release_id is None else "published"
        try:
            self._record(self._row(status, release_id=release_id))
        except BaseException:  # published all the same; the next run writes the record
            self._close(None)
            raise
        self._close(status)

    def abandon(self, error: BaseException) -> None:
        """Undo what the run wrote and record why; what can't be undone now is settled by the next run."""
        status = "refused" if isinstance(error, GateRefused) else "failed"
        try:
            self.lease.ensure_held()
            written = [table for table in self.lease.writes if table_entry(table).rolled_back]
            stored = {table: self.lake.stored(table) for table in written}
            undo(stored, self._candidate.written_over(written), [self._mark], self._mark)
            self._record(self._row(status, error=error_in_words(error)))
        except Exception as undo_error:
            _log.error("run=%s undo=left to the next run error=%s", self.run_id, type(undo_error).__name__)
            self._close(None)
        else:
            self._close(status)

    def _publish_release(self) -> int | None:
        if not self._candidate.is_news:
            return None
        release = self._candidate.release(self.run_id, self.as_of, self.lake.clock())
        self._written("release", self._writer("release").append(release_row(self.spark, release), None))
        self.lake.published(release, self._heads["release"])
        _log.info("run=%s release=%s tables=%s", self.run_id, release.release_id, len(release.tables))
        return release.release_id

    def _writer(self, table: str) -> TableWriter:
        self.will_write(table)
        return TableWriter(
            self.lake.stored(table),
            table_entry(table),
            self.version(table),
            self._mark,
            self.lake.engine.lake.keep_releases,
        )

    def _written(self, table: str, commit: Commit | None) -> int:
        if commit is None:
            return 0
        self.commits.append(commit)
        if table_entry(table).rolled_back:
            self._candidate.moved(table, commit.version)
        else:
            self._heads[table] = commit.version
        return commit.rows

    def _versions(self, tables: Iterable[str]) -> dict[str, int]:
        versions = {table: self.version(table) for table in tables}
        return {table: version for table, version in versions.items() if version is not None}

    def _row(
        self, status: str, *, ended: bool = True, release_id: int | None = None, error: str | None = None
    ) -> RunRecord:
        ended_at = self.lake.clock() if ended else None
        return RunRecord(
            self.run_id, self.job, self.as_of, status, self.lease.started_at, ended_at, self.fence, release_id,
            self._figures or None, error,
        )  # fmt: skip

    def _record(self, *records: RunRecord) -> None:
        self._written("run", self._writer("run").append(run_rows(self.spark, records), None))

    def _close(self, ended: str | None) -> None:
        """Give the lease back; `ended` None leaves what the run wrote for the next run to settle."""
        self.spark.conf.unset(USER_METADATA)
        if ended is not None:
            self.lease.end(ended)
            return
        try:
            self.lease.end_unsettled()
        except Exception as error:  # the control folder can't be reached: the lease will expire
            _log.error("run=%s lease=not given back error=%s", self.run_id, type(error).__name__)
