"""The stage `segments`: profiles and their events become memberships, and what has changed in them."""

from __future__ import annotations

from dataclasses import astuple, fields
from datetime import UTC
from typing import TYPE_CHECKING

from profile_engine.errors import ConfigurationError
from profile_engine.lake.tables import table_entry
from profile_engine.observability.stage_report import StageReport
from profile_engine.segments.evaluation_run import EvaluationRun
from profile_engine.segments.set_aside import told_set_aside
from profile_engine.segments.versions import SegmentVersion, current_versions, numbers_set_aside

if TYPE_CHECKING:
    from profile_engine.lake.runs import Run
    from profile_engine.project.project import Project

STAGE = "segments"
INPUTS = ("profile", "timeline", "identity_map", "identity_change")


def evaluate_segments(run: Run, project: Project) -> StageReport:
    """Writes `segment_version`, `membership`, `membership_change`, `segment_bitmap`, `evaluation_state` and `evaluated_rule`.

    Evaluated are the profiles that are due (`due.py`), by all rules, and all others by the rules that are new or changed.

    Figures: `profiles_evaluated`, `entered`, `left`, and `members <segment>` for each segment that was evaluated. A rule
    that can't be evaluated, or that the project has set aside, is told with a sentence: who was in its segment stays, nobody
    enters or leaves, and everybody is evaluated by it next time.

    Raises ConfigurationError for an as_of before the last evaluation's.
    """
    configuration = project.configuration_hash(STAGE)
    last = run.lake.stage_time(STAGE)
    if last is not None and run.as_of < last:
        raise ConfigurationError(
            f"segments were last evaluated as of {last.isoformat()}, and an evaluation as of {run.as_of.isoformat()} would "
            "rewrite what was true since; give a later --as-of; who was in a segment then is what `profile-engine explain members "
            "SEGMENT --as-of T` tells, which writes nothing"
        )
    if run.why_run(STAGE, INPUTS, configuration, follows_time=True) is None:
        aside = told_set_aside({id: one.reason for id, one in project.set_aside.items()})
        return StageReport(STAGE, skipped="no profile, event, rule or time moved", refused=aside)
    numbers = _write_versions(run, project)
    report = EvaluationRun(run, project, numbers, last, STAGE).evaluate()
    run.stage_done(STAGE, INPUTS, configuration)
    return report


def _write_versions(run: Run, project: Project) -> dict[str, int]:
    """The number of each segment, those that were set aside among them; writes versions that are new, or told anew."""
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
    numbers = {id: version.segment_no for id, version in current.items()}
    return numbers | numbers_set_aside(known, project.set_aside, numbers.values())
