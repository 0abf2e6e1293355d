"""Maps merged by key: each key of a person's map is an attribute of its own, decided by the rule of the map."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from profile_engine.profiles.candidates import Candidates, Whole
from profile_engine.profiles.chosen import Chosen, list_offsets, present_rows


def merged_maps(values: pa.Array, candidates: Candidates, chosen: Callable[[pa.Array, Candidates], Chosen]) -> Chosen:
    """Maps as arrays of entries (`attribute_shape`), one a group, sorted by key; `chosen` decides the values of the keys.

    A key that a record does not have, or has with null, never overrides. A group whose records have empty maps only has
    an empty map. Its rows are those of all winning entries, or of the empty maps where nothing won.
    """
    present = present_rows(values)
    entries = values.flatten()
    keys = pc.struct_field(entries, "key").dictionary_encode()
    row_of_entry = np.asarray(pc.list_parent_indices(values)).astype(np.int64)
    by_key = np.empty(max(1, len(keys.dictionary)), dtype=np.int64)
    by_key[np.asarray(pc.sort_indices(keys.dictionary))] = np.arange(len(keys.dictionary))
    places = by_key[np.asarray(keys.indices).astype(np.int64)]
    person_and_key = candidates.groups[row_of_entry] * len(by_key) + places
    groups, of_entry = np.unique(person_and_key, return_inverse=True)
    won = chosen(pc.struct_field(entries, "value"), candidates.regrouped(row_of_entry, of_entry, len(groups)))
    kept = present_rows(won.values)
    person, place = groups[kept] // len(by_key), groups[kept] % len(by_key)
    names = keys.dictionary.take(pc.sort_indices(keys.dictionary)).take(pa.array(place))
    has_map = np.zeros(candidates.number_of_groups, dtype=np.bool_)
    has_map[candidates.groups[present]] = True
    sizes = np.bincount(person, minlength=candidates.number_of_groups)
    offsets = list_offsets(sizes)
    members = pa.StructArray.from_arrays([names, won.values.filter(pa.array(kept))], fields=list(entries.type))
    merged = pa.ListArray.from_arrays(offsets, members, type=values.type, mask=pa.array(~has_map))
    return Chosen(merged, _sources(row_of_entry[won.rows], present, sizes, candidates))


def _sources(winning: Whole, present: np.ndarray, sizes: Whole, candidates: Candidates) -> Whole:
    empty = np.flatnonzero(present & (sizes[candidates.groups] == 0))
    return np.unique(np.concatenate([winning, empty]))
