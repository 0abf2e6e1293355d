"""Times identity beside its peers on the same generated pairs, each way in a process of its own, and prints the table.

    python -m benchmarks.identity [--links 1000000 5000000] [--ways engine duckdb] [--repeat 3] [--folder FOLDER]

The work: identifier pairs as strings in Parquet to a map from identifier to person in Delta (DuckDB: in Parquet). The engine
also writes sightings, identifiers, links and the ledger of ids, and then takes in a day of 10,000 new pairs. What it makes
is held against the truth. Exits with 1 where that is not what came out.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.identifier_pairs import next_day, pairs, write_pairs, write_truth

WAYS = ("engine", "engine_components", "duckdb", "best_graphframes", "stock_graphframes", "engine_graphframes")
NEW_PAIRS = 10_000
SEED = 20261126
Result = dict[str, Any]


def prepare(folder: Path, links: int) -> None:
    """Pairs, truth and the next day, once for a folder."""
    if (folder / "ready").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    known = pairs(links, SEED)
    write_pairs(known, folder / "pairs.parquet")
    write_truth(known, folder / "truth.parquet")
    after = next_day(known, NEW_PAIRS, SEED + 1)
    write_pairs(after, folder / "next.parquet", first=links)
    write_truth(after, folder / "truth_next.parquet")
    (folder / "ready").touch()


def measured(way: str, folder: Path, repeat: int) -> Result:
    """What `benchmarks.identity_ways` prints, out of a process of its own."""
    command = [sys.executable, "-m", "benchmarks.identity_ways", way, "--folder", str(folder), "--repeat", str(repeat)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{way} on {folder} failed:\n{done.stderr[-2000:]}")
    result: Result = json.loads(done.stdout.splitlines()[-1])
    return result


def median(result: Result, name: str) -> float | None:
    found = [one[name] for one in result["repetitions"] if name in one]
    return statistics.median(found) if found else None


def table(results: Mapping[tuple[int, str], Result]) -> str:
    """Markdown as benchmarks/README.md keeps it: a line a size and way; the ratio is this way's time to the engine's."""
    lines = [
        "| links | way | full, s | to the engine | 10,000 new, s | peak memory, GB | runs |",
        "|---:|---|---:|---:|---:|---:|---:|",
    ]
    for (links, way), result in results.items():
        full, day = median(result, "full"), median(result, "next")
        engine = median(results[links, "engine"], "full") if (links, "engine") in results else None
        assert full is not None
        ratio = f"{full / engine:.1f}" if engine else ""
        lines.append(
            f"| {links:,} | {way} | {full:.1f} | {ratio} | {'' if day is None else f'{day:.1f}'} | {result['peak_gb']:.1f} | "
            f"{len(result['repetitions'])} |"
        )
    return "\n".join(lines)


def steps(results: Mapping[tuple[int, str], Result]) -> str:
    """Where the engine's seconds go, a line a step."""
    lines = []
    for (links, way), result in results.items():
        names = [
            name for name in result["repetitions"][0] if name.startswith(("full ", "next ")) and "figures" not in name
        ]
        told = ", ".join(f"{name} {median(result, name):.1f}" for name in names if not name.endswith("wrong"))
        if told:
            lines.append(f"{links:,} {way}: {told}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--links", type=int, nargs="+", default=[1_000_000, 5_000_000, 20_000_000])
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="kept between calls; default: a temporary one")
    given = parser.parse_args(arguments)
    folder = given.folder or Path(tempfile.mkdtemp(prefix="identifier_pairs_"))
    results: dict[tuple[int, str], Result] = {}
    wrong = 0
    for links in given.links:
        prepare(folder / str(links), links)
        for way in given.ways:
            result = results[links, way] = measured(way, folder / str(links), given.repeat)
            wrong += sum(one.get(f"{name} wrong", 0) for one in result["repetitions"] for name in ("full", "next"))
            print(json.dumps({"links": links, **result}), file=sys.stderr)
    print(table(results), steps(results), f"{wrong} differences from the truth", sep="\n\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
