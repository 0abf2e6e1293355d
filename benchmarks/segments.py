"""Times the evaluation of segments beside polars, DuckDB and one Spark select on the same files, members held equal.

    python -m benchmarks.segments [--people 2000000] [--events 20000000] [--rules 1000] [--repeat 3] [--parts ...]

Parts: `full` (the first day: timeline, then memberships), `next_day` (1 % new events), `attributes` (4,000 rules of
attributes alone), `duckdb` and `spark_select` (the slow peers, once each). Every engine's count and digest of the members of
every rule must be equal, else the exit code is 1.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from benchmarks.machine import machine
from benchmarks.peers.duckdb_segments import duckdb_members
from benchmarks.peers.polars_segments import polars_members
from benchmarks.peers.spark_select import selected
from benchmarks.segment_lake import digests, project_of, write_profiles, write_timeline
from benchmarks.segment_people import AS_OF, SegmentData, write_segment_data
from benchmarks.segment_rules import draw_rules
from profile_engine.lake.lake import Lake, open_lake
from profile_engine.lake.session import spark_session
from profile_engine.observability.stage_report import StageReport
from profile_engine.project import Project
from profile_engine.segments.stage import evaluate_segments

NEXT_DAY = AS_OF + timedelta(days=1)
ATTRIBUTE_RULES = 4_000
PARTS = ("full", "next_day", "attributes", "duckdb", "spark_select")
Result = TypeVar("Result")


class Benchmark:
    """`seconds` by what was timed, one entry a repetition; `differences` name rules whose members differ."""

    def __init__(self, folder: Path, data: SegmentData, rules: int, seed: int) -> None:
        self.folder, self.data, self.rules = folder, data, draw_rules(rules, seed)
        self.attribute_rules = draw_rules(ATTRIBUTE_RULES, seed, attributes_only=True)
        self.old = sorted(data.old_events.glob("*.parquet"))
        self.new = sorted(data.new_events.glob("*.parquet"))
        self.seconds: dict[str, list[float]] = {}
        self.figures: dict[str, object] = {}
        self.differences: list[str] = []

    def timed(self, name: str, work: Callable[[], Result]) -> Result:
        started = time.perf_counter()
        result = work()
        self.seconds.setdefault(name, []).append(time.perf_counter() - started)
        print(f"{name}: {self.seconds[name][-1]:.1f} s", file=sys.stderr, flush=True)
        return result

    def compare(self, name: str, one: dict[str, tuple[int, int]], other: dict[str, tuple[int, int]]) -> None:
        self.differences += [f"{name}: {rule}" for rule in one if one[rule] != other.get(rule)]

    def run(self, parts: Sequence[str]) -> None:
        if "full" in parts:
            self.days(next_day="next_day" in parts)
        if "attributes" in parts:
            self.attributes()

    def lake(self, project: Project, name: str) -> Lake:
        shutil.rmtree(self.folder / "lake", ignore_errors=True)
        lake = open_lake(spark_session(project.engine), project.engine, self.folder)
        with lake.run(f"{name}_profiles", AS_OF) as run:
            write_profiles(run, self.data)
        return lake

    def days(self, *, next_day: bool) -> None:
        profiles, rules = self.data.profiles, self.rules
        by_polars = self.timed("polars, full", lambda: polars_members(profiles, self.old, rules, AS_OF))
        project = project_of(self.folder, rules)
        lake = self.lake(project, "days")

        def first_timeline() -> None:
            with lake.run("timeline", AS_OF) as run:
                write_timeline(run, project, self.old, anew=True)

        self.timed("engine, timeline", first_timeline)
        self.timed("engine, full", lambda: evaluation(lake, project, AS_OF))
        self.compare("full", by_polars, digests(lake, AS_OF))
        if not next_day:
            return
        both = [*self.old, *self.new]
        by_polars = self.timed("polars, the day again", lambda: polars_members(profiles, both, rules, NEXT_DAY))

        def new_events() -> None:
            with lake.run("timeline", NEXT_DAY) as run:
                write_timeline(run, project, self.new, anew=False)

        self.timed("engine, new events into timeline", new_events)
        report = self.timed("engine, next day", lambda: evaluation(lake, project, NEXT_DAY))
        self.compare("next day", by_polars, digests(lake, NEXT_DAY))
        self.figures["profiles evaluated on the next day"] = report.figures["profiles_evaluated"]
        self.figures["entered, left on the next day"] = (report.figures["entered"], report.figures["left"])
        with lake.run("forget", NEXT_DAY) as run:
            run.replace("evaluated_rule", run.read("evaluated_rule").limit(0))
        later = NEXT_DAY + timedelta(seconds=1)
        self.timed("engine, all people on the next day", lambda: evaluation(lake, project, later))

    def attributes(self) -> None:
        rules = self.attribute_rules
        by_polars = self.timed("polars, attributes", lambda: polars_members(self.data.profiles, [], rules, AS_OF))
        project = project_of(self.folder, rules)
        lake = self.lake(project, "attributes")
        self.timed("engine, attributes", lambda: evaluation(lake, project, AS_OF))
        self.compare("attributes", by_polars, digests(lake, AS_OF))

    def duckdb(self) -> None:
        found = self.timed("duckdb, full", lambda: duckdb_members(self.data.profiles, self.old, self.rules, AS_OF))
        self.compare("duckdb", found, polars_members(self.data.profiles, self.old, self.rules, AS_OF))

    def spark_select(self) -> None:
        """On a tenth of the people, without writing anything."""
        project = project_of(self.folder, self.rules[:1])
        profiles = spark_session(project.engine).read.parquet(str(self.data.profiles)).where("profile_no % 10 = 0")
        chosen = selected(profiles, self.attribute_rules, AS_OF)
        self.timed("spark select, a tenth", lambda: chosen.write.format("noop").mode("overwrite").save())


def evaluation(lake: Lake, project: Project, as_of: object) -> StageReport:
    with lake.run("evaluate_segments", as_of) as run:  # type: ignore[arg-type]
        return evaluate_segments(run, project)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--people", type=int, default=2_000_000)
    parser.add_argument("--events", type=int, default=20_000_000)
    parser.add_argument("--rules", type=int, default=1_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path("/tmp/segments_benchmark"))
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    given = parser.parse_args(arguments)
    data = write_segment_data(given.folder / "data", given.people, given.events, given.seed)
    benchmark = Benchmark(given.folder, data, given.rules, given.seed)
    for _ in range(given.repeat):
        benchmark.run(given.parts)
    if "duckdb" in given.parts:
        benchmark.duckdb()
    if "spark_select" in given.parts:
        benchmark.spark_select()
    print(f"{given.people:,} people, {given.events:,} events, {given.rules:,} rules; median of {given.repeat}")
    for name, seconds in benchmark.seconds.items():
        print(f"| {name} | {statistics.median(seconds):.1f} | {', '.join(f'{one:.1f}' for one in seconds)} |")
    print(json.dumps(benchmark.figures))
    print(machine(spark_session(project_of(given.folder, benchmark.rules[:1]).engine)))
    for difference in benchmark.differences[:20]:
        print(f"differs: {difference}")
    return 1 if benchmark.differences else 0


if __name__ == "__main__":
    sys.exit(main())
