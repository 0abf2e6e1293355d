"""Fragments to merge: three datasets with a record of each person in each, 40 attributes, drawn from a seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

DATASETS = ("crm", "loyalty", "web")
ATTRIBUTES = {
    f"a{number:02}": (
        "string",
        "string",
        "string",
        "string",
        "string",
        "integer",
        "integer",
        "double",
        "date",
        "boolean",
    )[number % 10]
    for number in range(40)
}
"""Half text (10, 300 or 20,000 different words), and whole numbers, doubles, dates and flags."""
FILES = 4
_WORDS = (10, 300, 20_000)


def write_fragments(folder: Path, people: int, seed: int) -> None:
    """Parquet files `<folder>/<dataset>/part_n.parquet`: a row is a record with `profile_id, owner_id, source_time,
    ingested_at, batch_id, record_id` and the attributes.

    A third of the attributes of a dataset is missing in 65 % of its records, the others in 15 %. No two records of a
    person have one time, so that the newest value is one value whatever engine looks for it.
    """
    rng = np.random.default_rng(seed)
    words = [pa.array([f"value {number}" for number in range(size)]) for size in _WORDS]
    for dataset_no, dataset in enumerate(DATASETS):
        (folder / dataset).mkdir(parents=True, exist_ok=True)
        order = rng.permutation(people)
        for part in range(FILES):
            persons = order[part * people // FILES : (part + 1) * people // FILES]
            table = _records(rng, persons, dataset_no, f"{dataset}_{part}", words)
            pq.write_table(table, folder / dataset / f"part_{part}.parquet")


def _records(
    rng: np.random.Generator, persons: np.ndarray, dataset_no: int, batch_id: str, words: list[pa.Array]
) -> pa.Table:
    rows = len(persons)
    seconds = rng.integers(1_700_000_000, 1_750_000_000, rows)
    mixed = persons.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    columns = {
        "profile_id": pa.array([f"owner_{number:016x}" for number in mixed.tolist()]),
        "owner_id": pa.array(mixed.view(np.int64)),
        "source_time": pa.array(seconds * 1_000_000 + dataset_no, pa.timestamp("us", "UTC")),
        "ingested_at": pa.array(np.full(rows, 1_760_000_000_000_000), pa.timestamp("us", "UTC")),
        "batch_id": pa.array([batch_id] * rows),
        "record_id": pa.array([f"{batch_id}_{number:x}" for number in mixed.tolist()]),
    }
    for number, (name, kind) in enumerate(ATTRIBUTES.items()):
        missing = rng.random(rows) < (0.65 if (number + dataset_no) % 3 == 0 else 0.15)
        there = np.where(missing, -1, np.arange(rows))
        columns[name] = _values(rng, kind, rows, words[number % 3]).take(pa.array(there, mask=missing))
    return pa.table(columns)


def _values(rng: np.random.Generator, kind: str, rows: int, words: pa.Array) -> pa.Array:
    if kind == "string":
        return words.take(pa.array(rng.integers(0, len(words), rows)))
    if kind == "integer":
        return pa.array(rng.integers(0, 100_000, rows))
    if kind == "double":
        return pa.array(np.round(rng.random(rows) * 1000, 2))
    if kind == "date":
        return pa.array(rng.integers(0, 20_000, rows).astype(np.int32)).cast(pa.date32())
    return pa.array(rng.random(rows) < 0.5)
