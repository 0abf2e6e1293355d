"""Appending to and replacing a table in one commit each; a first write makes the table in that same commit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from pyspark.sql import DataFrame
from pyspark.sql.types import StructType

from profile_engine.config.units import Span
from profile_engine.lake.commits import Commit
from profile_engine.lake.fitting import fitted, widens
from profile_engine.lake.merging import (
    FEW_ROWS,
    MergeCounts,
    changes_of_known,
    counts_of,
    differing,
    inserts_of,
    merge_differences,
    refuse_duplicates,
    refuse_maps,
    rows_with_own_keys,
    stored_with_keys_of,
)
from profile_engine.lake.retention import table_properties
from profile_engine.lake.settle import RunMark
from profile_engine.lake.stored_table import StoredTable
from profile_engine.lake.tables import TableEntry


@dataclass(frozen=True)
class TableWriter:
    """Writes one table for one run. `version` is the table's version in the run, None before its first write."""

    stored: StoredTable
    entry: TableEntry
    version: int | None
    mark: RunMark
    keep_releases: Span

    def append(self, rows: DataFrame, batch: str | None) -> Commit | None:
        """Add rows; None when there were none, or when this batch has been appended before."""
        rows = self._fitted(rows)
        options = {} if batch is None else self._transaction(batch)
        if batch is not None and rows.isEmpty():  # a transaction id makes a commit even without rows
            return None
        if self.version is None:
            return self._create(rows, options)
        self.stored.append(rows, {**options, **self._evolution(rows)})
        return self._own_commit()

    def replace(self, rows: DataFrame, where: str | None) -> Commit | None:
        """Put rows in the place of all rows, or of those that `where` is true for."""
        rows = self._fitted(rows)
        if self.version is None:
            return self._create(rows, {})
        self.stored.overwrite(rows, where, self._evolution(rows))
        return self._own_commit()

    def merge(
        self, rows: DataFrame, *, delete_missing: bool, instead_of: DataFrame | None = None
    ) -> tuple[list[Commit], MergeCounts]:
        """Bring the table's rows with these keys to these values; only rows that differ are written, in three commits at
        most: one that widens the table, one that changes rows that are there, one that adds rows."""
        rows, key = self._fitted(rows), self.entry.key
        refuse_maps(rows, self.entry.name)
        if self.version is None:
            commit = self._create(rows, {})
            if commit is None:
                return [], MergeCounts()
            refuse_duplicates(self.stored.read(commit.version), self.entry.name, key)
            return [commit], MergeCounts(inserted=commit.rows)
        given = rows.persist()
        try:
            count = rows_with_own_keys(given, self.entry.name, key)
            if count == 0 and not delete_missing:
                return [], MergeCounts()
            return self._merge_differences(given, count, instead_of, delete_missing=delete_missing)
        finally:
            given.unpersist()

    def _merge_differences(
        self, given: DataFrame, count: int, instead_of: DataFrame | None, *, delete_missing: bool
    ) -> tuple[list[Commit], MergeCounts]:
        commits, key = [], self.entry.key
        if self._evolution(given):  # MERGE would add its own working columns: widen the table by itself first
            self.stored.append(given.limit(0), {"mergeSchema": "true"})
            commits += self._own_commits()
        stored_rows = self.stored.read(commits[-1].version if commits else self.version)
        if instead_of is not None:
            stored_rows = instead_of
        elif count <= FEW_ROWS and not delete_missing:
            stored_rows = stored_with_keys_of(given, stored_rows, key)
        differences = differing(given, stored_rows, key, delete_missing=delete_missing).persist()
        try:
            counts = counts_of(differences)
            # no row to find: an append is six times as fast as a MERGE; and beside a MERGE of a part of a large table, a second
            # commit is nothing to bringing all of the table together with its new rows
            apart = instead_of is not None or counts.total == counts.inserted
            merged = replace(counts, inserted=0) if apart else counts
            if merged.total:
                rows = changes_of_known(differences) if apart else differences
                merge_differences(self.stored.spark, self.stored.place, rows, key, merged)
            if apart and counts.inserted:
                self.stored.append(inserts_of(differences), {})
            return self._own_commits(), counts
        finally:
            differences.unpersist()

    def _fitted(self, rows: DataFrame) -> DataFrame:
        return fitted(rows, self.entry, self._schema)

    @cached_property
    def _schema(self) -> StructType | None:
        return None if self.version is None else self.stored.read(self.version).schema

    def _evolution(self, rows: DataFrame) -> dict[str, str]:
        """What a write of fitted rows needs: the table grows by open columns, and by those its entry has gained."""
        schema = self._schema
        return {"mergeSchema": "true"} if schema is not None and widens(rows.schema, schema) else {}

    def _create(self, rows: DataFrame, options: dict[str, str]) -> Commit | None:
        if self.stored.head() is not None:
            self.stored.drop()  # what an undone run left where it could not be removed
        properties = table_properties(self.entry, self.keep_releases)
        self.stored.create(rows, self.entry.partitioned_by, {**properties, **options})
        commit = self._own_commit()
        if commit is not None and commit.rows == 0:
            # Looking for rows beforehand would compute the frame twice; a table is only there when it has had rows.
            self.stored.drop()
            return None
        return commit

    def _transaction(self, batch: str) -> dict[str, str]:
        """Delta skips a transaction that it has seen, also when it was undone since: so an append that can be undone
        carries the run's fence, and one that never is carries none, to be found again by a run that repeats it."""
        attempt = self.mark.fence if self.entry.rolled_back else 0
        return {"txnAppId": f"{self.entry.name}/{batch}/{attempt}", "txnVersion": "1"}

    def _own_commit(self) -> Commit | None:
        """The newest commit that this write made, or None when Delta made none."""
        newest = self.stored.newest_commit()
        if newest is None or (newest.run_id, newest.fence) != (self.mark.run_id, self.mark.fence):
            return None
        return newest if self.version is None or newest.version > self.version else None

    def _own_commits(self) -> list[Commit]:
        """All commits that this write made, oldest first."""
        newest = self._own_commit()
        if newest is None or self.version is None or newest.version == self.version + 1:
            return [] if newest is None else [newest]
        return [commit for commit in self.stored.commits_above(self.version) if commit.version <= newest.version]
