"""Times each stage of the whole road on a generated population, and checks what came out against its truth.

    python -m benchmarks.end_to_end [--people 100000] [--events 1000000] [--repeat 3] [--folder FOLDER]

Every repetition is a first run on a lake of its own, followed by a run with nothing new. Exits with 1 when a figure is
not the truth's.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.checks import differences
from benchmarks.generated_project import generate_project
from benchmarks.machine import machine
from benchmarks.population import AS_OF
from benchmarks.truth import Truth
from profile_engine.workspace import open_workspace

FIRST, NOTHING_NEW = "first run", "nothing new"


def run_once(project: Path, lake: Path, truth: Truth) -> tuple[dict[str, dict[str, float]], dict[str, int], list[str]]:
    """Seconds by stage of both runs, commits of both runs, and the sentences that say where the truth was missed."""
    shutil.rmtree(project / "exports", ignore_errors=True)
    workspace = open_workspace(project, lake=str(lake))
    seconds, commits = {}, {}
    for name in (FIRST, NOTHING_NEW):
        started = time.perf_counter()
        result = workspace.run(AS_OF)
        seconds[name] = {**result.seconds, "all": time.perf_counter() - started}
        commits[name] = len(result.commits)
    return seconds, commits, differences(workspace, project, truth)


def medians(repetitions: Sequence[dict[str, dict[str, float]]]) -> dict[str, dict[str, float]]:
    """The median of each stage's seconds over the repetitions."""
    return {
        run: {stage: statistics.median(each[run][stage] for each in repetitions) for stage in repetitions[0][run]}
        for run in repetitions[0]
    }


def table(seconds: dict[str, dict[str, float]], commits: dict[str, int], truth: Truth, repeat: int) -> str:
    """The result as Markdown, as benchmarks/README.md keeps it."""
    lines = [
        f"{truth.read:,} rows read, {truth.identifiers:,} identifiers, {truth.profiles:,} profiles, {truth.events:,} events, "
        f"{len(truth.segments)} segments, {len(truth.rows_delivered)} audiences, {sum(truth.rows_delivered.values()):,} rows "
        f"delivered; median of {repeat}, session start left out.",
        "",
        f"| stage | {' | '.join(f'{run}, s' for run in seconds)} |",
        f"|---|{'---:|' * len(seconds)}",
    ]
    for stage in seconds[FIRST]:
        lines.append(f"| {stage} | {' | '.join(f'{seconds[run][stage]:.1f}' for run in seconds)} |")
    lines.append(f"| commits | {' | '.join(str(commits[run]) for run in seconds)} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parsed(arguments)
    folder = given.folder or Path(tempfile.mkdtemp(prefix="population_"))
    truth = generate_project(
        folder, people=given.people, events=given.events, seed=given.seed, sweep=given.sweep, files=given.files
    )
    repetitions, missed, commits = [], [], {}
    for number in range(given.repeat):
        lake = folder / f"lake_{number}"
        seconds, commits, wrong = run_once(folder, lake, truth)
        repetitions.append(seconds)
        missed.extend(wrong)
        shutil.rmtree(lake)
        print(f"repetition {number + 1}: {seconds[FIRST]['all']:.1f} s, {len(wrong)} differences", file=sys.stderr)
    print(machine(open_workspace(folder).spark))
    print(table(medians(repetitions), commits, truth, given.repeat))
    for sentence in missed:
        print(f"NOT THE TRUTH: {sentence}", file=sys.stderr)
    if given.folder is None:
        shutil.rmtree(folder)
    return 1 if missed else 0


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--sweep", type=int, default=45, help="thresholds of two more kinds of segment; 45 makes 100 segments"
    )
    parser.add_argument("--files", type=int, default=4, help="files that each source arrives in")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="keeps project and data here; a temporary folder otherwise")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
