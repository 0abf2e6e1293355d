"""Where the attributes of a profile come from: the records that gave them, each with the paths that it gave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from profile_engine.profiles.candidates import Candidates, Whole
from profile_engine.profiles.chosen import list_offsets

SOURCE = pa.struct({
    "dataset": pa.string(), "record_id": pa.string(), "time": pa.timestamp("us", "UTC"), "paths": pa.list_(pa.string()),
})  # fmt: skip


@dataclass(frozen=True)
class Given:
    """The rows that gave one attribute, and the time by which its rule looks at them: source_time or ingested_at."""

    path: str
    time: str
    rows: Whole


def provenance_lists(
    given: Sequence[Given], candidates: Candidates, fragments: pa.Table, datasets: tuple[str, ...]
) -> pa.Array:
    """A list per person of `dataset, record_id, time, paths`, sorted by the dataset's place in the project, then time.

    An attribute has one entry, but for unions and maps, to which several records give. A record that gave some attributes
    by one time and some by the other has an entry of each.
    """
    by_path = sorted(given, key=lambda one: one.path)
    rows, paths, times, number_of_paths = [], [], [], []
    for kind in ("source_time", "ingested_at"):
        of_kind = [number for number, one in enumerate(by_path) if one.time == kind]
        gave = np.zeros((len(of_kind), len(candidates.groups)), dtype=np.bool_)
        for place, number in enumerate(of_kind):
            gave[place, by_path[number].rows] = True
        some = np.flatnonzero(gave.any(axis=0))
        entry, column = np.nonzero(np.ascontiguousarray(gave[:, some].T))
        rows.append(some)
        times.append(candidates.time(kind)[some])
        paths.append(np.asarray(of_kind, dtype=np.int64)[column] if of_kind else column)
        number_of_paths.append(np.bincount(entry, minlength=len(some)))
    row, time, sizes = (np.concatenate(parts) for parts in (rows, times, number_of_paths))
    person = candidates.groups[row]
    order = np.lexsort((candidates.latecomer[row], time, candidates.dataset_no[row], person))
    names = pa.array([one.path for one in by_path], pa.string()).take(pa.array(np.concatenate(paths)))
    lists = pa.ListArray.from_arrays(list_offsets(sizes), names).take(pa.array(order))
    row = row[order]
    members = [
        pa.array(datasets, pa.string()).take(pa.array(candidates.dataset_no[row])),
        fragments.column("record_id").combine_chunks().take(pa.array(row)).cast(pa.string()),
        pa.array(time[order]).cast(pa.timestamp("us", "UTC")),
        lists,
    ]
    of_person = np.bincount(person, minlength=candidates.number_of_groups)
    return pa.ListArray.from_arrays(list_offsets(of_person), pa.StructArray.from_arrays(members, fields=list(SOURCE)))
