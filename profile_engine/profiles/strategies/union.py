"""`union`: of an array, the different items of all records, in rising order; every record that has one is a source."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from profile_engine.profiles.attribute_rules import Setting
from profile_engine.profiles.candidates import Candidates
from profile_engine.profiles.chosen import Chosen, list_offsets, present_rows

NAME = "union"


def chosen(values: pa.Array, setting: Setting, candidates: Candidates, datasets: tuple[str, ...]) -> Chosen:
    """Items that are null are left out; a group whose records have empty arrays only has an empty array."""
    present = present_rows(values)
    items, row_of_item = values.flatten(), pc.list_parent_indices(values).to_numpy(zero_copy_only=False)
    there = present_rows(items)
    items, row_of_item = items.filter(pa.array(there)), np.asarray(row_of_item, dtype=np.int64)[there]
    ranks = np.asarray(pc.rank(items, tiebreaker="dense").to_numpy()).astype(np.int64)
    groups = candidates.groups[row_of_item]
    _, first = np.unique(groups * (int(ranks.max(initial=0)) + 1) + ranks, return_index=True)
    sizes = np.bincount(groups[first], minlength=candidates.number_of_groups)
    has_array = np.zeros(candidates.number_of_groups, dtype=np.bool_)
    has_array[candidates.groups[present]] = True
    offsets = list_offsets(sizes)
    united = pa.ListArray.from_arrays(offsets, items.take(pa.array(first)), mask=pa.array(~has_array))
    return Chosen(united.cast(values.type), np.flatnonzero(present))
