"""The generated fragments: the same seed gives the same rows, and no two records of a person have one time."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.profile_fragments import ATTRIBUTES, DATASETS, write_fragments


def rows(folder: Path) -> pa.Table:
    return pa.concat_tables(pq.read_table(folder / dataset) for dataset in DATASETS)


def test_every_person_has_a_record_in_each_dataset_at_times_of_its_own(tmp_path: Path) -> None:
    for name in ("one", "other"):
        write_fragments(tmp_path / name, people=200, seed=3)
    one = rows(tmp_path / "one")
    assert one.equals(rows(tmp_path / "other"))
    assert one.num_rows == 600
    assert len(ATTRIBUTES) == 40
    people = one.group_by("profile_id").aggregate([("source_time", "count_distinct")])
    assert people.column("source_time_count_distinct").unique().to_pylist() == [3]
