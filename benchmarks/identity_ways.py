"""One way to solve identifier pairs, timed in a process of its own; prints what it measured as JSON.

    python -m benchmarks.identity_ways WAY --folder FOLDER --repeat 3

FOLDER holds pairs.parquet, truth.parquet, next.parquet and truth_next.parquet of `benchmarks.identifier_pairs`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.peak_memory import peak_memory

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from profile_engine.workspace import Workspace

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
PROJECT = Path(__file__).parent / "pairs_project"
Measured = dict[str, Any]


def engine(folder: Path) -> Iterator[Measured]:
    """The whole stage, from strings in a raw table to all five identity tables in Delta; then a day of new pairs."""
    lake = folder / "lake"
    while True:
        shutil.rmtree(lake, ignore_errors=True)
        workspace = _workspace(lake, "auto")
        measured: Measured = {}
        for name, file, as_of in (("full", "pairs", AS_OF), ("next", "next", AS_OF + timedelta(days=1))):
            _land(workspace, folder / f"{file}.parquet", as_of)
            steps: dict[str, float] = {}
            with _timed_steps(steps):
                started = time.perf_counter()
                report = workspace.run(as_of, ["identity"]).reports[0]
                measured[name] = time.perf_counter() - started
            measured |= {f"{name} {step}": seconds for step, seconds in steps.items()}
            measured[f"{name} figures"] = report.figures
            truth = "truth" if name == "full" else "truth_next"
            measured[f"{name} wrong"] = _wrong(workspace, folder / f"{truth}.parquet")
        yield measured


def engine_components(folder: Path, solver: str = "auto") -> Iterator[Measured]:
    """As much as the peers do: strings to hashed ids, by the engine's own hygiene, and components of them in Delta."""
    from profile_engine.identity.components import choice
    from profile_engine.identity.sightings import sightings_of
    from profile_engine.identity.touched import pairs_of
    from profile_engine.schemas.identifier_arrays import identifier_arrays

    workspace = _workspace(folder / "no_lake", solver)
    spark, project = workspace.spark, workspace.project
    while True:
        target = folder / "components"
        shutil.rmtree(target, ignore_errors=True)
        started = time.perf_counter()
        rows = _raw_rows(spark, folder / "pairs.parquet", AS_OF)
        identified = identifier_arrays(rows, project.schemas["pair"], project.namespaces, b"a key for this benchmark")
        links = pairs_of(sightings_of(identified, "pairs"))
        chosen = choice.choice_of_solver(project.engine.identity, 0, choice.memory_settings(spark))
        found = choice.components(links, None, chosen, 0)
        found.write.format("delta").mode("overwrite").save(str(target))
        seconds = time.perf_counter() - started
        stored = spark.read.format("delta").load(str(target))
        yield {"full": seconds, "components": stored.select("component").distinct().count()}


def duckdb(folder: Path) -> Iterator[Measured]:
    from benchmarks.peers.duckdb_components import components

    while True:
        started = time.perf_counter()
        components(folder / "pairs.parquet", folder / "duckdb.parquet", memory="12GB", threads=2)
        yield {"full": time.perf_counter() - started}


def graphframes(folder: Path, solve: Callable[[SparkSession, Path, Path], None]) -> Iterator[Measured]:
    spark = _workspace(folder / "no_lake", "auto").spark
    while True:
        target = folder / "graphframes"
        shutil.rmtree(target, ignore_errors=True)
        started = time.perf_counter()
        solve(spark, folder / "pairs.parquet", target)
        seconds = time.perf_counter() - started
        yield {
            "full": seconds,
            "components": spark.read.format("delta").load(str(target)).select("component").distinct().count(),
        }


def stock_graphframes(folder: Path) -> Iterator[Measured]:
    from benchmarks.peers.graphframes_components import stock

    yield from graphframes(folder, stock)


def best_graphframes(folder: Path) -> Iterator[Measured]:
    from benchmarks.peers.graphframes_components import at_its_best

    yield from graphframes(folder, at_its_best)


WAYS: dict[str, Callable[[Path], Iterator[Measured]]] = {
    "engine": engine,
    "engine_components": engine_components,
    "engine_graphframes": lambda folder: engine_components(folder, "graphframes"),
    "duckdb": duckdb,
    "stock_graphframes": stock_graphframes,
    "best_graphframes": best_graphframes,
}


def _workspace(lake: Path, solver: str) -> Workspace:
    import dataclasses

    from profile_engine.workspace import open_workspace

    workspace = open_workspace(PROJECT, lake=str(lake))
    engine = workspace.project.engine
    identity = engine.identity.model_copy(update={"solver": solver})
    workspace.project = dataclasses.replace(workspace.project, engine=engine.model_copy(update={"identity": identity}))
    return workspace


def _land(workspace: Workspace, file: Path, as_of: datetime) -> None:
    """The pairs as the datasets stage leaves them; not on the clock, as the peers' strings are in Parquet already."""
    rows = _raw_rows(workspace.spark, file, as_of)
    with workspace.lake.run("land_pairs", as_of) as run:
        run.append("raw_pairs", rows)


def _raw_rows(spark: SparkSession, file: Path, as_of: datetime) -> DataFrame:
    from pyspark.sql import functions as F

    at = F.lit(as_of)
    return spark.read.parquet(str(file)).select(
        F.col("record_id").alias("pair_id"), at.alias("at"), "account", "device", "record_id",
        F.lit(None).cast("bigint").alias("owner_id"), at.alias("source_time"), at.alias("ingested_at"),
        F.lit(f"landed {as_of:%Y-%m-%d}").alias("batch_id"),
    )  # fmt: skip


@contextmanager
def _timed_steps(seconds: dict[str, float]) -> Iterator[None]:
    """Seconds that the stage spends in its steps while this is open."""
    from profile_engine.identity import stage
    from profile_engine.lake.runs import Run

    places = [(stage, "take_in"), (stage, "graph_part"), (Run, "merge"), (Run, "append"), (Run, "replace")]
    plain = [getattr(place, name) for place, name in places]

    def timed(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **options: Any) -> Any:
            started = time.perf_counter()
            try:
                return function(*arguments, **options)
            finally:
                table = f" {arguments[1]}" if name in ("merge", "append", "replace") else ""
                seconds[name + table] = seconds.get(name + table, 0.0) + time.perf_counter() - started

        return wrapped

    for (place, name), function in zip(places, plain, strict=True):
        setattr(place, name, timed(name, function))
    try:
        yield
    finally:
        for (place, name), function in zip(places, plain, strict=True):
            setattr(place, name, function)


def _wrong(workspace: Workspace, truth: Path) -> int:
    """People in several profiles, profiles of several people, and identifiers without a profile."""
    from pyspark.sql import functions as F

    found = workspace.table("identifier").join(workspace.table("identity_map"), "identifier_id", how="inner")
    placed = workspace.spark.read.parquet(str(truth)).join(
        found.select(F.col("value").alias("identifier"), "profile_id"), "identifier", how="left"
    )
    pairs = placed.select("person", "profile_id").distinct().localCheckpoint()
    nobody = placed.where("profile_id is null").count()
    several = [pairs.groupBy(column).count().where("count > 1").count() for column in ("person", "profile_id")]
    return nobody + sum(several)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("way", choices=sorted(WAYS))
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args(arguments)
    with peak_memory() as peak:
        repetitions = [
            measured for _, measured in zip(range(given.repeat), WAYS[given.way](given.folder), strict=False)
        ]
    json.dump({"way": given.way, "peak_gb": round(peak.gigabytes, 2), "repetitions": repetitions}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
