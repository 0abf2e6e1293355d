"""A rehearsal: a run whose writes stay in memory, so that a stage shows what it would do to the lake as it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame

from profile_engine.errors import LakeError
from profile_engine.lake.candidate import Candidate
from profile_engine.lake.fitting import fitted
from profile_engine.lake.gates import Gate
from profile_engine.lake.merging import MergeCounts
from profile_engine.lake.runs import Run
from profile_engine.lake.tables import table_entry

if TYPE_CHECKING:
    from profile_engine.lake.lake import Lake


class Rehearsal(Run):
    """Reads the current release, takes no lease and commits nothing. What a stage writes is kept as a frame that later
    reads see, in the order and by the key that the table would have it; gates are noted and refuse nothing."""

    def __init__(self, lake: Lake) -> None:
        """As of the current release; raises LakeError where there is none. The parent's constructor is not called: it
        takes the lease."""
        base = lake.current_release()
        if base is None:
            raise LakeError(
                "the lake has no release yet, so there is nothing to rehearse on; run `profile-engine run` first"
            )
        self.release = base
        self.lake, self.job, self.as_of, self.run_id = lake, "rehearsal", base.as_of, "rehearsal"
        self.spark, self.commits = lake.spark, []
        self._candidate, self._confirmed = Candidate(base), frozenset()
        self._gates, self._figures, self._heads, self._follows_time = [], {}, {}, set()
        self._written_frames: dict[str, DataFrame] = {}

    @property
    def gates(self) -> tuple[Gate, ...]:
        """What would be checked before publishing."""
        return tuple(self._gates)

    def why_run(
        self, stage: str, tables: Iterable[str], configuration_hash: str, *, follows_time: bool = False
    ) -> str | None:
        """A rehearsed stage always has work."""
        return self.behind(stage, tables, configuration_hash) or "it is rehearsed"

    def behind(self, stage: str, tables: Iterable[str], configuration_hash: str) -> str | None:
        """Why the stage would have work in a run, whatever the time; None where the release is what it would make."""
        return super().why_run(stage, tables, configuration_hash)

    def exists(self, table: str) -> bool:
        return table in self._written_frames or super().exists(table)

    def read(self, table: str) -> DataFrame:
        kept = self._written_frames.get(table)
        return super().read(table) if kept is None else kept

    def changes(self, table: str, stage: str, *, before: Sequence[str] = ()) -> DataFrame | None:
        return None if table in self._written_frames else super().changes(table, stage, before=before)

    def appended(self, table: str, stage: str) -> DataFrame | None:
        return None if table in self._written_frames else super().appended(table, stage)

    def append(self, table: str, rows: DataFrame, *, batch: str | None = None) -> int:
        """Keeps the rows; 0, as none is written."""
        self._keep(table, self.read(table).unionByName(self._fitted(table, rows), allowMissingColumns=True))
        return 0

    def replace(self, table: str, rows: DataFrame, *, where: str | None = None) -> int:
        kept = self._fitted(table, rows)
        if where is not None:
            others = self.read(table).where(f"NOT coalesce(({where}), false)")
            kept = others.unionByName(kept, allowMissingColumns=True)
        self._keep(table, kept)
        return 0

    def merge(
        self, table: str, rows: DataFrame, *, delete_missing: bool = False, instead_of: DataFrame | None = None
    ) -> MergeCounts:
        kept = self._fitted(table, rows)
        if not delete_missing or instead_of is not None:
            key = list(table_entry(table).key)
            others = self.read(table).join(kept, key, how="left_anti")
            if delete_missing and instead_of is not None:
                others = others.join(instead_of, key, how="left_anti")
            kept = others.unionByName(kept, allowMissingColumns=True)
        self._keep(table, kept)
        return MergeCounts(0, 0, 0)

    def will_write(self, table: str) -> None:
        raise LakeError(f"a rehearsal writes nothing, so it can't write {table}")

    def publish(self) -> None:
        raise LakeError("a rehearsal is never published")

    def abandon(self, error: BaseException) -> None:
        """Nothing was written, so there is nothing to undo."""

    def _fitted(self, table: str, rows: DataFrame) -> DataFrame:
        stored = self.read(table).schema if self.exists(table) else None
        return fitted(rows, table_entry(table), stored)

    def _keep(self, table: str, rows: DataFrame) -> None:
        self._written_frames[table] = rows
