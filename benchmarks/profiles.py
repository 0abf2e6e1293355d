"""Merges fragments into profiles, and holds the time against DuckDB's `arg_max` per attribute on the same files.

    python -m benchmarks.profiles [--people 2000000] [--repeat 3] [--folder FOLDER]

Both engines read the same Parquet files and write a row a person to Parquet; ours writes the identities and where each
value comes from beside the 40 values. The winners of all attributes are digested and have to be equal. Exits with 1 when
they are not, or when ours takes more than 3 times as long.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from benchmarks.machine import machine
from benchmarks.profile_fragments import ATTRIBUTES, DATASETS, write_fragments
from profile_engine.config.engine import EngineConfig
from profile_engine.lake.session import spark_session
from profile_engine.profiles.config import MergePolicyConfig
from profile_engine.profiles.fragments import fragments_of
from profile_engine.profiles.merge import merged_people, tasks_for
from profile_engine.schemas.fields import Field
from profile_engine.schemas.identifiers import owner_profile_id
from profile_engine.schemas.spark_types import spark_type_of

BAR = 3.0


def merge_with_spark(spark: SparkSession, folder: Path, people: int, into: Path) -> None:
    """The engine's own functions: records to fragments, fragments to profiles under the default policy."""
    union = spark_type_of({name: Field(name, kind) for name, kind in ATTRIBUTES.items()})
    fragments = fragments_of({dataset: spark.read.parquet(str(folder / dataset)) for dataset in DATASETS}, union)
    number = F.hex("owner_id")
    identity = F.struct(F.lit(1).alias("rank"), F.lit("crm_id").alias("namespace"), number.alias("value"))
    rows = fragments.withColumns({"profile_id": owner_profile_id(), "identity": identity})
    tasks = tasks_for(people * len(DATASETS), int(spark.conf.get("spark.sql.shuffle.partitions") or 1))
    merged = merged_people(rows, union, {"default": MergePolicyConfig(default=True)}, DATASETS, tasks)
    merged.write.mode("overwrite").parquet(str(into))


def merge_with_duckdb(folder: Path, into: Path) -> None:
    """The newest value of each attribute by `arg_max`, as people write it in SQL."""
    winners = ", ".join(f"arg_max({name}, source_time) FILTER ({name} IS NOT NULL) AS {name}" for name in ATTRIBUTES)
    files = [str(folder / dataset / "*.parquet") for dataset in DATASETS]
    with duckdb.connect() as connection:
        connection.execute("SET threads = 2")
        connection.execute(
            f"COPY (SELECT profile_id, {winners} FROM read_parquet({files}) GROUP BY profile_id) "
            f"TO '{into}' (FORMAT parquet)"
        )


def digest(files: str) -> tuple[object, ...]:
    """How many people, and a sum over the hashes of their values, whatever the order of rows."""
    values = ", ".join(["profile_id", *ATTRIBUTES])
    with duckdb.connect() as connection:
        found = connection.execute(
            f"SELECT count(*), count(DISTINCT profile_id), sum(hash({values})::HUGEINT) FROM read_parquet('{files}')"
        ).fetchone()
    assert found is not None
    return found


def seconds_of(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parsed(arguments)
    with tempfile.TemporaryDirectory(prefix="fragments_") as temporary:
        folder = given.folder or Path(temporary)
        if not (folder / DATASETS[-1]).exists():
            write_fragments(folder, given.people, given.seed)
        spark = spark_session(EngineConfig.model_validate({"lake": {"path": str(folder / "lake")}}))
        ours, theirs = folder / "merged", folder / "duckdb.parquet"
        times: dict[str, list[float]] = {"engine": [], "DuckDB arg_max": []}
        for _ in range(given.repeat):
            times["engine"].append(seconds_of(lambda: merge_with_spark(spark, folder, given.people, ours)))
            times["DuckDB arg_max"].append(seconds_of(lambda: merge_with_duckdb(folder, theirs)))
            print({name: f"{each[-1]:.1f} s" for name, each in times.items()}, file=sys.stderr)
        equal = digest(f"{ours}/*.parquet") == digest(str(theirs))
        medians = {name: statistics.median(each) for name, each in times.items()}
        ratio = medians["engine"] / medians["DuckDB arg_max"]
        print(f"{machine(spark)}, duckdb {duckdb.__version__}")
        print(table(given.people, medians, ratio, given.repeat, equal=equal))
    return 0 if equal and ratio <= BAR else 1


def table(people: int, medians: dict[str, float], ratio: float, repeat: int, *, equal: bool) -> str:
    """The result as Markdown, as benchmarks/README.md keeps it."""
    said = "equal" if equal else "NOT EQUAL"
    lines = [
        f"{people * len(DATASETS):,} fragments of {people:,} people, {len(ATTRIBUTES)} attributes, {len(DATASETS)} datasets; "
        f"median of {repeat}, winners {said}.",
        "",
        "| | s |",
        "|---|---:|",
        *(f"| {name} | {seconds:.1f} |" for name, seconds in medians.items()),
        f"| ratio (at most {BAR:g}) | {ratio:.2f} |",
    ]
    return "\n".join(lines)


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=2_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="keeps the data here; a temporary folder otherwise")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
