"""Components in a single task: union-find over arrays, for graphs that the memory of one task's Python holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.rules.ascending import first_of_equal, sorted_with_places

BYTES_A_LINK = 80
"""Most memory that `component_labels` takes for a link, its two ids included (tests/identity measures it)."""
_ROWS_A_BATCH = 100_000

Ids = NDArray[np.int64]


def components(links: DataFrame, identifiers: DataFrame | None = None) -> DataFrame:
    """The components of `links`, as `profile_engine.identity.components` promises; lazy, one task.

    A row with both columns null in the answer says that the task ran out of memory: raising would make Spark try the same
    again. `choice` looks for it wherever the graph is large enough for that to be possible.
    """
    rows = links.select("left_id", "right_id")
    if identifiers is not None:
        # an identifier without a partner, so that one shuffle carries both
        alone = identifiers.select(
            F.col("identifier_id").alias("left_id"), F.lit(None).cast("bigint").alias("right_id")
        )
        rows = rows.unionByName(alone)
    return rows.repartition(1).mapInArrow(_solved, "identifier_id bigint, component bigint")


def component_labels(left: Ids, right: Ids, alone: Ids) -> tuple[Ids, Ids]:
    """Distinct ids of all three arrays, ascending, and beside each the smallest id of its component.

    `left` and `right` are the ends of links. Ids become their rank by one sort that carries their places along (a search of
    each id among the sorted ones took five times as long: every step of it misses the cache); components are scipy's
    (Pearce's algorithm for the undirected case).
    """
    ids, ranks = _ranked(left, right, alone)
    return ids, _labels(ids, ranks[: len(left)], ranks[len(left) : len(left) + len(right)])


def _labels(ids: Ids, left: NDArray[np.int32], right: NDArray[np.int32]) -> Ids:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    if not len(ids):
        return ids
    # float64 is what scipy would turn the weights into, in a copy
    graph = csr_array((np.ones(len(left), dtype=np.float64), (left, right)), shape=(len(ids), len(ids)))
    count, labels = connected_components(graph, directed=False)
    smallest = np.empty(count, dtype=np.int64)
    # ids ascend, and of several assignments to one place numpy keeps the last: backwards, that is the smallest id
    smallest[labels[::-1]] = ids[::-1]
    labelled: Ids = smallest[labels]
    return labelled


def _ranked(*arrays: Ids) -> tuple[Ids, NDArray[np.int32]]:
    """The sorted distinct values of all arrays, and the rank among them of each value, in the order of the arrays."""
    merged, order = sorted_with_places(np.concatenate(arrays))
    is_first = first_of_equal(merged)
    ids = merged[is_first]
    del merged
    ranks = np.empty(len(order), dtype=np.int32)
    ranks[order] = np.cumsum(is_first, dtype=np.int32)
    ranks -= 1
    return ids, ranks


def _solved(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    try:
        ids, labels = component_labels(*_ends(batches))
    except MemoryError:
        yield _batch(pa.nulls(1, pa.int64()), pa.nulls(1, pa.int64()))
        return
    for start in range(0, len(ids), _ROWS_A_BATCH):
        part = slice(start, start + _ROWS_A_BATCH)
        yield _batch(pa.array(ids[part]), pa.array(labels[part]))


def _ends(batches: Iterable[pa.RecordBatch]) -> tuple[Ids, Ids, Ids]:
    """Left and right ends of the links, and the identifiers without a partner, out of the rows of one partition."""
    lefts, rights, alone = [np.empty(0, np.int64)], [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for batch in batches:
        left, right = batch.column("left_id"), batch.column("right_id")
        if right.null_count:
            linked = right.is_valid()
            alone.append(left.filter(right.is_null()).to_numpy())
            left, right = left.filter(linked), right.filter(linked)
        lefts.append(left.to_numpy())
        rights.append(right.to_numpy())
    return _merged(lefts), _merged(rights), _merged(alone)


def _merged(parts: list[Ids]) -> Ids:
    """One array of all parts, which are given up, so that both never stay in memory."""
    merged = np.concatenate(parts)
    parts.clear()
    return merged


def _batch(ids: pa.Array, labels: pa.Array) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([ids, labels], names=["identifier_id", "component"])
