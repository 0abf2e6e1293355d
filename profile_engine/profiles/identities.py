"""The identities of people: what each is known by, sorted."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from profile_engine.profiles.candidates import Whole
from profile_engine.profiles.chosen import list_offsets

IDENTITY = pa.struct({"namespace": pa.string(), "value": pa.string()})


def identity_lists(rows: pa.Table, persons: Whole, people: int) -> pa.Array:
    """A list of `namespace, value` per person, sorted by the priority of the namespace, then by value.

    `rows` have `owner_id`, the identifier, which may stand on several rows of its person, and its `rank, namespace, value`.
    """
    owners = np.asarray(rows.column("owner_id")).astype(np.int64)
    _, first = np.unique(owners, return_index=True)
    known = rows.select(["rank", "namespace", "value"]).take(pa.array(first)).combine_chunks()
    known = known.append_column("person", pa.array(persons[first]))
    order = pc.sort_indices(known, [(name, "ascending") for name in ("person", "rank", "namespace", "value")])
    sizes = np.bincount(persons[first], minlength=people)
    offsets = list_offsets(sizes)
    members = [known.column(name).take(order).combine_chunks().cast(pa.string()) for name in ("namespace", "value")]
    return pa.ListArray.from_arrays(offsets, pa.StructArray.from_arrays(members, fields=list(IDENTITY)))
