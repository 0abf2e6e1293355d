"""Undoing what an unpublished run wrote: its own commits above the last release, and no one else's."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from profile_engine.errors import LakeError
from profile_engine.lake.candidate import Candidate
from profile_engine.lake.commits import Commit, commit_mark
from profile_engine.lake.lease import Lease
from profile_engine.lake.run_records import RunRecord
from profile_engine.lake.stored_table import StoredTable
from profile_engine.lake.tables import TABLES, table_entry

if TYPE_CHECKING:
    from profile_engine.lake.lake import Lake

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunMark:
    """Which run a commit carries: its id and its fence."""

    run_id: str
    fence: int


def settle(lake: Lake, lease: Lease, candidate: Candidate, by: RunMark) -> list[RunRecord]:
    """Undo what runs before left unpublished; returns the records that they could not write themselves."""
    base = candidate.base
    marks: list[RunMark] | None
    if lease.previous is None and base is not None:  # no record of who wrote last: look at every table
        tables, marks = sorted({*base.tables, *TABLES}), None
    else:
        tables, marks = list(lease.writes), [RunMark(run.run_id, run.fence) for run in lease.dead]
    rolled_back = [table for table in tables if table_entry(table).rolled_back]
    stored = {table: lake.stored(table) for table in rolled_back}
    equal = undo(stored, candidate.written_over(rolled_back), marks, by)
    for table, version in equal.items():
        candidate.same_content(table, candidate.versions[table], version, publish=False)
    if not lease.dead:
        return []
    published = _fence_of_newest_release(lake)
    records = [
        RunRecord(
            run.run_id,
            run.job,
            datetime.fromisoformat(run.as_of),
            "published" if run.fence == published else "dead",
            datetime.fromisoformat(run.started_at),
            lease.started_at,
            run.fence,
            base.release_id if base is not None and run.fence == published else None,
        )
        for run in lease.dead
    ]
    _log.warning("run=%s settled=%s", by.run_id, ",".join(f"{run.run_id}/{run.fence}" for run in lease.dead))
    lease.settled()
    return records


def _fence_of_newest_release(lake: Lake) -> int | None:
    """A run that died between its release and its record has published all the same."""
    newest = lake.stored("release").newest_commit()
    return newest.fence if newest is not None and newest.rows == 1 else None


def unsettled(commits: list[Commit], released: int | None) -> list[Commit]:
    """Of the commits above a release, oldest first, those after the newest one that brought the release's rows back."""
    for index in range(len(commits) - 1, -1, -1):
        if commits[index].restores is not None and commits[index].restores == released:
            return commits[index + 1 :]
    return commits


def undo(
    tables: Mapping[str, StoredTable],
    released: Mapping[str, int | None],
    dead: Collection[RunMark] | None,
    by: RunMark,
) -> dict[str, int]:
    """Bring tables back to their released versions, and remove those that were born in the dead run.

    tables    those the dead run may have written
    released  the version of each in the last release, None for a table that is in none
    dead      the runs whose commits may be undone; None when their record is lost: then those of any run of the engine
    returns   the version that now has the released rows, for each table where it is not the released version itself

    Raises LakeError, before anything is undone, for a table with commits of these runs and of others above the release.
    """
    plans = {name: _commits_to_undo(table, released[name], dead) for name, table in tables.items()}
    equal = {}
    for name, table in tables.items():
        above, to_undo = plans[name]
        pinned = released[name]
        if not to_undo:
            if pinned is not None and above and above[-1].restores == pinned:
                equal[name] = above[-1].version
        elif pinned is None:
            dropped = table.drop()
            _log.info("table=%s undone=%s", name, "dropped" if dropped else "left, and replaced at its first write")
        else:
            equal[name] = table.restore(pinned, commit_mark(by.run_id, by.fence, restores=pinned))
            _log.info("table=%s undone=restored to=%s as=%s", name, pinned, equal[name])
    return equal


def _commits_to_undo(
    table: StoredTable, pinned: int | None, dead: Collection[RunMark] | None
) -> tuple[list[Commit], list[Commit]]:
    above = table.commits_above(-1 if pinned is None else pinned)
    rest = unsettled(above, pinned)
    of_the_dead = [commit for commit in rest if _is_of(commit, dead)]
    others = [commit.version for commit in rest if not _is_of(commit, dead)]
    if of_the_dead and others:
        raise LakeError(
            f"table {table.place.table} has commits of a dead run and of others (versions {others}) above the last release, "
            "so restoring it would undo theirs; look at its history, restore it by hand to "
            f"{'nothing (drop it)' if pinned is None else f'version {pinned}'} if nothing of theirs is needed, and start the "
            "run again"
        )
    if others:
        _log.warning("table=%s commits_of_others_above_release=%s left=as they are", table.place.table, others)
    return above, of_the_dead


def _is_of(commit: Commit, dead: Collection[RunMark] | None) -> bool:
    if commit.run_id is None or commit.fence is None:
        return False
    return dead is None or RunMark(commit.run_id, commit.fence) in dead
