"""How the evaluation of segments grows: CPU seconds and memory for more people, and for more rules.

    python -m benchmarks.growth [--folder FOLDER] [--people 250000 500000 1000000 2000000] [--rules 250 1000 4000]

Everybody is evaluated, from `timeline` and `profile` to all tables of memberships: 1,000 rules for each number of people, each
number of rules for the fewest people, ten events a person. CPU seconds of Python, the JVM and Spark's workers together are
told, as they stay the same on a busy machine, and the most memory that one worker held. The first size runs twice and its
second time counts, as the JVM compiles in the first. Nothing is compared: `benchmarks.segments` holds members against polars.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.machine import machine
from benchmarks.process_tree import Process, process_tree, watched
from benchmarks.segment_lake import project_of, write_profiles, write_timeline
from benchmarks.segment_people import AS_OF, write_segment_data
from benchmarks.segment_rules import draw_rules
from benchmarks.segments import evaluation
from profile_engine.lake.lake import open_lake
from profile_engine.lake.session import spark_session

EVENTS_A_PERSON = 10
RULES = 1_000


@dataclass
class Spent:
    """Of everything this process started: CPU seconds, wall clock, and the most memory of one Python worker in bytes."""

    cpu: float = 0.0
    wall: float = 0.0
    worker: int = 0


@contextmanager
def spent() -> Iterator[Spent]:
    found, cpu, wall = Spent(), _cpu_seconds(), time.perf_counter()

    def look(processes: list[Process]) -> None:
        workers = [one for one in processes if one.name.startswith("python") and one.number != os.getpid()]
        found.worker = max([found.worker, *(one.resident for one in workers)])

    with watched(look):
        yield found
    found.cpu, found.wall = _cpu_seconds() - cpu, time.perf_counter() - wall


def measured(folder: Path, people: int, rules: int) -> Spent:
    """The evaluation of everybody, in a lake of its own."""
    events = people * EVENTS_A_PERSON
    data = write_segment_data(folder / f"data_{people}", people, events, seed=1)
    place = folder / f"{people}_people_{rules}_rules_{time.monotonic_ns()}"
    project = project_of(place, draw_rules(rules, 1))
    lake = open_lake(spark_session(project.engine), project.engine, place)
    with lake.run("before", AS_OF) as run:
        write_profiles(run, data)
    with lake.run("timeline", AS_OF) as run:
        write_timeline(run, project, sorted(data.old_events.glob("*.parquet")), anew=True)
    with spent() as found:
        evaluation(lake, project, AS_OF)
    print(f"{people:,} people, {rules:,} rules: {found.cpu:.0f} CPU s, {found.wall:.0f} s", file=sys.stderr, flush=True)
    return found


def _cpu_seconds() -> float:
    return sum(one.cpu for one in process_tree())


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path("/tmp/growth_benchmark"))
    parser.add_argument("--people", type=int, nargs="+", default=[250_000, 500_000, 1_000_000, 2_000_000])
    parser.add_argument("--rules", type=int, nargs="+", default=[250, 1_000, 4_000])
    given = parser.parse_args(arguments)
    fewest = min(given.people)
    measured(given.folder, fewest, RULES)
    sizes = [(people, RULES) for people in given.people] + [(fewest, rules) for rules in given.rules if rules != RULES]
    print(
        "| people | rules | CPU s | CPU s a million people | s | most memory of a worker, GB |\n|---:|---:|---:|---:|---:|---:|"
    )
    for people, rules in sizes:
        found = measured(given.folder, people, rules)
        a_million = found.cpu / people * 1e6
        print(
            f"| {people:,} | {rules:,} | {found.cpu:.0f} | {a_million:.0f} | {found.wall:.0f} | {found.worker / 1e9:.2f} |"
        )
    print(machine(spark_session(project_of(given.folder / "none", draw_rules(1, 1)).engine)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
