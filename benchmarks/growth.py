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
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.machine import machine
from benchmarks.segment_lake import project_of, write_profiles, write_timeline
from benchmarks.segment_people import AS_OF, write_segment_data
from benchmarks.segment_rules import draw_rules
from profile_engine.lake.lake import open_lake
from profile_engine.lake.session import spark_session
from profile_engine.segments.stage import evaluate_segments

EVENTS_A_PERSON = 10
RULES = 1_000
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Spent:
    """Of everything this process started: CPU seconds, wall clock, and the most memory of one Python worker in bytes."""

    cpu: float = 0.0
    wall: float = 0.0
    worker: int = 0


@contextmanager
def spent() -> Iterator[Spent]:
    found, over = Spent(), threading.Event()
    cpu, wall = _cpu_seconds(), time.perf_counter()

    def watch() -> None:
        while not over.wait(0.2):
            found.worker = max([found.worker, *(_resident(one) for one in _family() if _is_worker(one))])

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield found
    finally:
        over.set()
        watcher.join()
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
    with spent() as found, lake.run("evaluate_segments", AS_OF) as run:
        evaluate_segments(run, project)
    print(f"{people:,} people, {rules:,} rules: {found.cpu:.0f} CPU s, {found.wall:.0f} s", file=sys.stderr, flush=True)
    return found


def _family() -> set[int]:
    """This process and all below it."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (stat := _stat(int(entry.name))):
            parents[int(entry.name)] = int(stat[1])
    ours, more = {os.getpid()}, True
    while more:
        below = {process for process, parent in parents.items() if parent in ours} - ours
        ours |= below
        more = bool(below)
    return ours


def _cpu_seconds() -> float:
    """With what processes that have ended left to their parents."""
    return sum(sum(map(int, stat[11:15])) for one in _family() if (stat := _stat(one))) / _TICKS


def _stat(process: int) -> list[str]:
    """The fields of /proc/<process>/stat after its name; none where it has ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _is_worker(process: int) -> bool:
    try:
        return b"pyspark" in Path(f"/proc/{process}/cmdline").read_bytes() and process != os.getpid()
    except OSError:
        return False


def _resident(process: int) -> int:
    stat = _stat(process)
    name = Path(f"/proc/{process}/comm")
    try:
        return int(stat[21]) * _PAGE if stat and name.read_text().startswith("python") else 0
    except OSError:
        return 0


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
