"""The road: the stages in their order, run inside one writing run and published together."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module

from profile_engine.errors import ConfigurationError
from profile_engine.lake.lake import Lake
from profile_engine.lake.runs import Run
from profile_engine.lake.spark_jobs import name_jobs
from profile_engine.observability.log import log_context
from profile_engine.observability.progress import STEP_WORDS, RunProgress
from profile_engine.observability.stage_report import StageReport
from profile_engine.project.project import Project

logger = logging.getLogger(__name__)

STAGES = {
    "datasets": ("profile_engine.datasets.stage", "ingest_datasets"),
    "identity": ("profile_engine.identity.stage", "resolve_identity"),
    "profiles": ("profile_engine.profiles.stage", "build_profiles"),
    "segments": ("profile_engine.segments.stage", "evaluate_segments"),
    "destinations": ("profile_engine.destinations.stage", "deliver_audiences"),
}


@dataclass(frozen=True)
class RunResult:
    """What a run did: a report and the seconds of each stage, its id, the release it published (None: nothing moved)."""

    run_id: str
    as_of: datetime
    reports: tuple[StageReport, ...]
    seconds: dict[str, float]
    release_id: int | None
    commits: tuple[str, ...] = field(default=())
    """The table of each Delta commit, in order, the run's own record included."""

    @property
    def exit_code(self) -> int:
        """0, or 3 when something was set aside."""
        return 3 if any(report.refused for report in self.reports) else 0


def run_stages(
    project: Project,
    lake: Lake,
    *,
    job: str,
    stages: Sequence[str],
    as_of: datetime,
    run_id: str | None = None,
    confirmed: frozenset[str] = frozenset(),
    progress: RunProgress | None = None,
) -> RunResult:
    """Runs `stages` in the order of the road and publishes what they wrote as one release.

    Raises LeaseHeld when another run writes to the lake, GateRefused when a check before publishing failed; whatever
    a stage raises, the lake is as it was before.
    """
    unknown = [stage for stage in stages if stage not in STAGES]
    if unknown:
        raise ConfigurationError(f"unknown stage {unknown[0]}; known: {', '.join(STAGES)}")
    shown = progress or RunProgress(None)
    reports: list[StageReport] = []
    seconds: dict[str, float] = {}
    with lake.run(job, as_of, run_id, confirmed=confirmed) as run, log_context(run_id=run.run_id):
        for stage in STAGES:
            if stage in stages:
                started = time.perf_counter()
                with shown.step(stage), log_context(step=stage):
                    reports.append(_run_stage(stage, run, project))
                seconds[stage] = time.perf_counter() - started
                told = {**reports[-1].figures, **reports[-1].details}
                run.note_figures(stage, {**told, "seconds": round(seconds[stage], 1)})
    commits = tuple(commit.table for commit in run.commits)
    release = lake.current_release() if "release" in commits else None
    return RunResult(run.run_id, as_of, tuple(reports), seconds, release.release_id if release else None, commits)


def _run_stage(stage: str, run: Run, project: Project) -> StageReport:
    module, function = STAGES[stage]
    run_stage: Callable[[Run, Project], StageReport] = getattr(import_module(module), function)
    logger.info("start job=%s", function)
    name_jobs(run.spark, STEP_WORDS[stage])
    report = run_stage(run, project)
    figures = " ".join(f"{name.replace(' ', '_')}={value}" for name, value in report.figures.items())
    logger.info("end job=%s %s", function, f"skipped={report.skipped!r}" if report.skipped else figures)
    if report.dearest:
        logger.info("cost job=%s dearest=%r", function, ", ".join(report.dearest))
    for sentence in report.refused:
        logger.warning("set_aside job=%s what=%r", function, sentence)
    return report
