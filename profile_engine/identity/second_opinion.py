"""A sample of components solved again by another method, before anybody sees the graph: label propagation over arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.errors import LakeError

SAMPLE = 100_000
"""Links that are solved again, about; a graph of fewer is solved again as a whole."""
_SHARES = 10_000
Ids = NDArray[np.int64]


def audit_sample(placed: DataFrame, links: DataFrame, many: int) -> None:
    """Raise LakeError if a sample of components is not what its links make.

    placed  (identifier_id bigint, component bigint, ..), a row an identifier
    links   (left_id bigint, right_id bigint), all between identifiers of `placed`, none across components
    many    how many links there are

    The sample is drawn by a hash of the component, so that the same graph has the same sample.
    """
    share = max(1, min(_SHARES, _SHARES * SAMPLE // max(many, 1)))
    chosen = placed.select("identifier_id", "component")
    if share < _SHARES:
        chosen = chosen.filter(F.pmod(F.xxhash64("component"), F.lit(_SHARES)) < share)
    of_left = chosen.select(F.col("identifier_id").alias("left_id"), "component")
    inside = links.select("left_id", "right_id").join(F.broadcast(of_left), "left_id", how="inner")
    rows = inside.select("left_id", "right_id", "component").unionByName(
        of_left.select("left_id", F.lit(None).cast("bigint").alias("right_id"), "component")
    )
    found = rows.repartition(1).mapInArrow(_counted, "components bigint, wrong bigint").collect()
    wrong = sum(row["wrong"] for row in found)
    if wrong:
        raise LakeError(
            f"the identity graph is not sound: {wrong} components of a sample came out differently when they were solved "
            "again by another method; nothing was published; this is a defect of the solver, please report it with the "
            "solver named in the log"
        )


def components_that_differ(left: Ids, right: Ids, ids: Ids, components: Ids) -> int:
    """How many of the components given to `ids` are not those that the links between them make.

    left, right  ends of links, all among `ids`, which are distinct
    components   of each of `ids`, any number
    """
    order = np.argsort(ids)
    ids, components = ids[order], components[order]
    labels = _propagated(len(ids), np.searchsorted(ids, left), np.searchsorted(ids, right))
    # a component that should be several, and several that should be one
    return _with_several(components, labels) + _with_several(labels, components)


def _propagated(many: int, left: Ids, right: Ids) -> Ids:
    """The smallest position of each component: labels flow over links and then jump to the label of their label, until
    none moves (hooking and shortcutting; Shiloach and Vishkin, An O(log n) parallel connectivity algorithm, 1982)."""
    labels = np.arange(many, dtype=np.int64)
    while True:
        before = labels.copy()
        least = np.minimum(labels[left], labels[right])
        np.minimum.at(labels, labels[left], least)
        np.minimum.at(labels, labels[right], least)
        labels = labels[labels]
        if np.array_equal(labels, before):
            return labels


def _with_several(keys: Ids, values: Ids) -> int:
    """How many keys stand beside more than one value."""
    pairs = np.unique(np.stack([keys, values], axis=1), axis=0)
    return int((np.unique(pairs[:, 0], return_counts=True)[1] > 1).sum())


def _counted(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    parts = list(batches)
    if not parts:  # an empty graph
        return
    table = pa.Table.from_batches(parts)
    is_link = table.column("right_id").is_valid()
    links, alone = table.filter(is_link), table.filter(pc.invert(is_link))
    left, right = links.column("left_id").to_numpy(), links.column("right_id").to_numpy()
    ids, components = alone.column("left_id").to_numpy(), alone.column("component").to_numpy()
    strangers = int((~np.isin(right, ids)).sum())
    wrong = strangers or components_that_differ(left, right, ids, components)
    yield pa.RecordBatch.from_pydict({"components": [len(np.unique(components))], "wrong": [wrong]})
