"""The stage `segments`: profiles and their events become memberships, and what has changed in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from profile_engine.errors import ConfigurationError
from profile_engine.lake.tables import table_entry
from profile_engine.observability.stage_report import StageReport
from profile_engine.segments.bitmap_writing import write_bitmaps
from profile_engine.segments.current_members import profiles_now, program_of
from profile_engine.segments.membership import (
    change_rows,
    figures_of,
    membership_rows,
    moves,
    redirected,
    state_before,
    state_of,
)
from profile_engine.segments.redirects import redirects
from profile_engine.segments.versions import SegmentVersion, current_versions

if TYPE_CHECKING:
    from profile_engine.lake.runs import Run
    from profile_engine.project.project import Project

STAGE = "segments"
INPUTS = ("profile", "timeline", "identity_map", "identity_change")


def evaluate_segments(run: Run, project: Project) -> StageReport:
    """Writes `segment_version`, `membership`, `membership_change` and `segment_bitmap`.

    Figures: `profiles_evaluated`, `entered`, `left`, and `members <segment>` for each segment that was evaluated. A rule
    that can't be evaluated is set aside with a sentence: who was in its segment stays, nobody enters or leaves.

    Raises ConfigurationError for an as_of before the last evaluation's.
    """
    configuration = project.configuration_hash(STAGE)
    last = run.lake.stage_time(STAGE)
    if last is not None and run.as_of < last:
        raise ConfigurationError(
            f"segments were last evaluated as of {last.isoformat()}, and an evaluation as of {run.as_of.isoformat()} would "
            "rewrite what was true since; give a later --as-of, or read the past with --as-of-past, which writes nothing"
        )
    if run.why_run(STAGE, INPUTS, configuration, follows_time=True) is None:
        return StageReport(STAGE, skipped="no profile, event, rule or time moved")
    numbers = _write_versions(run, project)
    program = program_of(project)
    now = profiles_now(run, project, program, numbers, run.as_of)
    report = _write_memberships(run, now, numbers, last, program.refused)
    run.stage_done(STAGE, INPUTS, configuration)
    return report


def _write_versions(run: Run, project: Project) -> dict[str, int]:
    """The number of each segment; writes versions that are new, or told anew."""
    columns = [field.name for field in fields(SegmentVersion)]
    known = [
        SegmentVersion(**{**row.asDict(), "valid_from": row["valid_from"].astimezone(UTC)})
        for row in run.read("segment_version").select(*columns).collect()
    ]
    current = current_versions(known, project.segments, run.as_of, run.run_id)
    columns_ddl = table_entry("segment_version").columns
    keys = {(version.segment, version.version) for version in known}
    moved = [version for version in current.values() if version not in known]
    if new := [astuple(version) for version in moved if (version.segment, version.version) not in keys]:
        run.append("segment_version", run.spark.createDataFrame(new, columns_ddl))
    if told_anew := [astuple(version) for version in moved if (version.segment, version.version) in keys]:
        run.merge("segment_version", run.spark.createDataFrame(told_anew, columns_ddl))
    return {id: version.segment_no for id, version in current.items()}


def _write_memberships(
    run: Run, now: DataFrame, numbers: Mapping[str, int], last: datetime | None, refused: Mapping[str, str]
) -> StageReport:
    repeated = last == run.as_of
    at_as_of = F.col("at") == F.lit(run.as_of)
    changes_before = run.read("membership_change").where(at_as_of) if repeated else None
    before, as_stored = _state_before(run, last, changes_before)
    moved = moves(before, now, run.as_of, {numbers[segment] for segment in refused}).persist()
    try:
        found = figures_of(moved).collect()
        failed = {row["segment_no"]: row["detail"] for row in found if row["figure"] == "failed"}
        if failed:
            # rare, so the common way does not pay for knowing it beforehand
            moved.unpersist()
            moved = moves(before, now, run.as_of, {*failed, *(numbers[segment] for segment in refused)}).persist()
            found = figures_of(moved).collect()
        if not as_stored or any(row["figure"] in {"entered", "left"} for row in found):
            _write_state(run, moved)
            _write_changes(run, change_rows(moved, run.as_of, run.run_id), changes_before)
            write_bitmaps(run, changes_say_all=as_stored)
    finally:
        moved.unpersist()
    reasons = {**refused, **{segment: failed[number] for segment, number in numbers.items() if number in failed}}
    return StageReport(STAGE, _figures(found, numbers, reasons), refused=_told(reasons))


def _state_before(run: Run, last: datetime | None, changes_before: DataFrame | None) -> tuple[DataFrame | None, bool]:
    """Who was in what before this evaluation, by the ids that are left (None before the first), and whether that is what
    `membership` holds."""
    if last is None:
        return None, False
    state = state_of(run.read("membership"))
    if changes_before is not None:
        state = state_before(state, changes_before)
    if run.version("identity_change") == run.inputs_of(STAGE).get("identity_change"):
        return state, changes_before is None
    since = F.col("at") >= F.lit(last)  # merges before the last evaluation were followed then
    return redirected(state, redirects(run.read("identity_change").where(since))), False


def _write_state(run: Run, moved: DataFrame) -> None:
    if run.exists("membership"):
        run.merge("membership", membership_rows(moved), delete_missing=True)
    else:  # a profile is one row of `moved`, so its keys need no looking for
        run.append("membership", membership_rows(moved))


def _write_changes(run: Run, changes: DataFrame, changes_before: DataFrame | None) -> None:
    """Appends the changes, or puts them in the place of those that an evaluation of the same as_of had found."""
    if changes_before is None or changes_before.isEmpty():
        run.append("membership_change", changes)
        return
    new, old = changes.drop("run_id"), changes_before.select(*changes.columns).drop("run_id")
    if not new.exceptAll(old).isEmpty() or not old.exceptAll(new).isEmpty():
        run.replace("membership_change", changes, where=f"at = TIMESTAMP '{run.as_of.isoformat()}'")


def _figures(found: list[Row], numbers: Mapping[str, int], reasons: Mapping[str, str]) -> dict[str, int | float | str]:
    def total(figure: str, number: int | None = None) -> int:
        return sum(row["rows"] for row in found if row["figure"] == figure and number in (None, row["segment_no"]))

    return {
        "profiles_evaluated": total("evaluated"),
        "entered": total("entered"),
        "left": total("left"),
        **{f"members {id}": total("member", number) for id, number in numbers.items() if id not in reasons},
    }


def _told(reasons: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(
        f"segment {segment} was set aside, its members stay as they were: {why}"
        for segment, why in sorted(reasons.items())
    )
