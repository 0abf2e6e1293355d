"""Keeping a lake fast and small: files compacted, what no kept release needs removed, under the run lease like any run."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pyspark.sql import Row, SparkSession

from profile_engine.lake.commits import Commit
from profile_engine.lake.lake import Lake
from profile_engine.lake.places import local_folder
from profile_engine.lake.retention import table_properties
from profile_engine.lake.runs import Run
from profile_engine.lake.stored_table import StoredTable
from profile_engine.lake.tables import RAW_PREFIX, TABLES, TableEntry, table_entry

FILE_BYTES = 128 * 1024 * 1024
MANY_FILES = 8
"""A table is compacted when it has more than this many files for each that its bytes need (and for each partition)."""
_PARTITIONS = 16
_KEEP_CONTENT = ("OPTIMIZE", "VACUUM START", "VACUUM END", "SET TBLPROPERTIES", "UNSET TBLPROPERTIES", "COMPUTE STATS")
_VACUUM_COMMITS = "spark.databricks.delta.vacuum.logging.enabled"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TableMaintenance:
    """What was done to one table. `left` says why it was not touched."""

    table: str
    compacted: bool = False
    vacuumed: bool = False
    dropped: bool = False
    left: str | None = None


def maintain_lake(
    lake: Lake, as_of: datetime, run_id: str | None = None, *, forget: Callable[[Run], object] = lambda _: None
) -> list[TableMaintenance]:
    """Compact, vacuum and expire every table by its own entry, in one run; one release when any table was compacted.

    Files are removed when the version that no longer has them is older than `lake.keep_releases`, so every kept release
    stays readable. Rows are never removed here, but by `forget`, which comes first and is a room's own. Tables that only
    an undone run had made are dropped. Raises LeaseHeld while another run is writing.
    """
    with lake.run("maintain_lake", as_of, run_id) as run, without_vacuum_commits(lake.spark):
        forget(run)
        done = [_maintained(run, table) for table in run.tables()]
        done += [TableMaintenance(table, dropped=lake.stored(table).drop()) for table in _in_no_release(run)]
        run.note_figures(
            "maintenance",
            {
                "compacted": sum(table.compacted for table in done),
                "vacuumed": sum(table.vacuumed for table in done),
                "dropped": sum(table.dropped for table in done),
            },
        )
    return done


def _maintained(run: Run, table: str) -> TableMaintenance:
    stored, entry = run.lake.stored(table), table_entry(table)
    left = _take_over_rewrites(run, stored)
    if left is not None:
        _log.warning("table=%s maintained=no reason=%r", table, left)
        return TableMaintenance(table, left=left)
    detail = run.spark.sql(f"DESCRIBE DETAIL {stored.place.sql_name}").collect()[0]
    _set_properties(run, stored, entry, detail)
    compacted = _has_many_files(entry, detail)
    if compacted:
        order = f" ZORDER BY ({', '.join(entry.clustered_by)})" if entry.clustered_by else ""
        _rewrite(run, stored, f"OPTIMIZE {stored.place.sql_name}{order}")
    run.spark.sql(f"VACUUM {stored.place.sql_name}").collect()
    _log.info("table=%s files=%s compacted=%s", table, detail["numFiles"], compacted)
    return TableMaintenance(table, compacted=compacted, vacuumed=True)


def _take_over_rewrites(run: Run, stored: StoredTable) -> str | None:
    """Commits that others made above the release: compactions become the released version, as vacuum would remove the
    files of the one before; anything else is a reason to leave the table alone."""
    pinned = run.version(stored.place.table)
    assert pinned is not None
    above = stored.commits_above(pinned)
    strange = [commit for commit in above if commit.operation not in _KEEP_CONTENT and commit.restores != pinned]
    if strange:
        return f"it has commits of others above the last release (versions {[commit.version for commit in strange]})"
    if above:
        run.same_content(stored.place.table, above[-1])
    return None


def _set_properties(run: Run, stored: StoredTable, entry: TableEntry, detail: Row) -> None:
    """Retention follows the configuration: a table made under another `lake.keep_releases` is told the new one."""
    wanted = table_properties(entry, run.lake.engine.lake.keep_releases)
    differing = {name: value for name, value in wanted.items() if detail["properties"].get(name) != value}
    if differing:
        pairs = ", ".join(f"'{name}' = '{value}'" for name, value in differing.items())
        _rewrite(run, stored, f"ALTER TABLE {stored.place.sql_name} SET TBLPROPERTIES ({pairs})")


def _rewrite(run: Run, stored: StoredTable, statement: str) -> None:
    run.will_write(stored.place.table)
    run.spark.sql(statement).collect()
    newest: Commit | None = stored.newest_commit()
    if newest is not None and newest.version != run.version(stored.place.table):
        run.same_content(stored.place.table, newest)


def _has_many_files(entry: TableEntry, detail: Row) -> bool:
    needed = max(1, math.ceil(detail["sizeInBytes"] / FILE_BYTES), _PARTITIONS if entry.partitioned_by else 1)
    return bool(detail["numFiles"] > MANY_FILES * needed)


def _in_no_release(run: Run) -> list[str]:
    """Tables that lie in the lake though no release has them: left by an undone run that could not remove them."""
    names = {name for name, entry in TABLES.items() if entry.rolled_back}
    folder: Path | None = local_folder(run.lake.location)
    if folder is not None:
        names |= {place.name for place in folder.glob(f"{RAW_PREFIX}*")}
    return [name for name in sorted(names) if not run.exists(name) and run.lake.stored(name).head() is not None]


@contextmanager
def without_vacuum_commits(spark: SparkSession) -> Iterator[None]:
    """Vacuum would note its start and end as two commits of each table, though no row moves."""
    spark.conf.set(_VACUUM_COMMITS, "false")
    try:
        yield
    finally:
        spark.conf.unset(_VACUUM_COMMITS)
