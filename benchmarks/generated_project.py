"""A project on a generated population: configuration and segments as they are written, sources beside them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.population import AS_OF, make_population
from benchmarks.source_files import write_sources
from benchmarks.truth import Truth, identifiers_of, swept_amount, swept_days, swept_points, truth_of

WRITTEN = Path(__file__).parent / "project"


def generate_project(
    folder: Path, *, people: int = 100_000, events: int = 1_000_000, seed: int = 1, sweep: int = 45, files: int = 4
) -> Truth:
    """Writes conf/, segments/, data/, truth.json and truth_identifiers.parquet below `folder`; returns the truth.

    sweep  how many thresholds each of two more kinds of segment goes through, so that there are 10 + 2 x sweep segments
    files  in how many files each source arrives
    """
    population = make_population(people, events, seed)
    shutil.copytree(WRITTEN, folder, dirs_exist_ok=True)
    write_sources(population, folder / "data", files)
    for step in range(sweep):
        _write_swept_segments(folder / "segments" / "swept", step)
    truth = truth_of(population, sweep)
    pq.write_table(identifiers_of(population), folder / "truth_identifiers.parquet")
    described = {"as_of": AS_OF.isoformat(), "people": people, "seed": seed, **truth.as_dict()}
    (folder / "truth.json").write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")
    return truth


def _write_swept_segments(folder: Path, step: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    days, amount, points = swept_days(step), swept_amount(step), swept_points(step)
    (folder / f"spent_{step:04}.yaml").write_text(
        f"name: Spent at least {amount} in {days} days\n"
        "members:\n"
        f"  did: {{event: order, within_last: {days} days, sum: {{of: amount, at_least: {amount}}}}}\n"
    )
    (folder / f"bought_{step:04}.yaml").write_text(
        f"name: Bought in {days} days, and has {points} points\n"
        "members:\n"
        "  all:\n"
        f"    - did: {{event: order, within_last: {days} days}}\n"
        f"    - loyalty.points: {{at_least: {points}}}\n"
    )
