"""Members of a segment as sets of numbers: one container of the Roaring format per segment and 65,536 people.

A person is `profile_no`; its upper bits name the bucket, its lower 16 bits stand in the container. As Roaring's format
has it, up to 4,096 members are a list of 16-bit numbers (little-endian, ascending), more are 65,536 bits (8,192 bytes,
bit 0 first); the number of members says which. (S. Chambi, D. Lemire et al., Better bitmap performance with Roaring
bitmaps, 2016.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.lake.session import shuffle_partitions
from profile_engine.rules.ascending import ascending
from profile_engine.segments.change_log import ENTERED, LEFT, one_by_one

BUCKET_BITS = 16
MEMBERS_OF_A_LIST = 4096
BITMAP = "segment_no int, bucket bigint, members int, bitmap binary"
_BITMAP_TYPE = pa.schema({"segment_no": pa.int32(), "bucket": pa.int64(), "members": pa.int32(), "bitmap": pa.binary()})
_NUMBERS_AT_ONCE = 8_000_000
_BUCKETS_OF_ALL = 31
"""Bits of a bucket; with the 16 below it, people up to 2 to the 47."""
_LOW = (1 << BUCKET_BITS) - 1
Places = npt.NDArray[np.uint16]
_Batches = Iterable[pa.RecordBatch]
_Container = tuple[int, int, int, bytes]
"""A row of `segment_bitmap`."""


def packed(places: Places) -> bytes:
    """The container of distinct places, ascending."""
    if len(places) <= MEMBERS_OF_A_LIST:
        return places.astype("<u2").tobytes()
    bits = np.zeros(1 << BUCKET_BITS, dtype=np.bool_)
    bits[places] = True
    return np.packbits(bits, bitorder="little").tobytes()


def unpacked(container: bytes, members: int) -> Places:
    """The places of a container with so many members, ascending."""
    if members <= MEMBERS_OF_A_LIST:
        return np.frombuffer(container, dtype="<u2").astype(np.uint16)
    bits = np.unpackbits(np.frombuffer(container, dtype=np.uint8), bitorder="little")
    return np.flatnonzero(bits).astype(np.uint16)


def bitmaps_of(memberships: DataFrame) -> DataFrame:
    """A row is a segment's members among 65,536 people: the columns of `segment_bitmap`. `memberships` has `profile_no`
    (people without one are in no bitmap) and `segments`."""
    numbered = memberships.where(F.col("profile_no").isNotNull()).select("profile_no", "segments")
    parts = numbered.mapInArrow(_containers, BITMAP).groupBy("segment_no", "bucket")
    together = parts.agg(F.collect_list(F.struct("members", "bitmap")).alias("parts"))
    return together.mapInArrow(_united, BITMAP)


def bitmaps_after(bitmaps: DataFrame, changes: DataFrame) -> DataFrame:
    """The rows of `segment_bitmap` after the changes of one evaluation.

    changes  rows of `membership_change`, one a person
    """
    place = (F.col("profile_no").bitwiseAND(_LOW)).cast("int")
    bucket = F.shiftright("profile_no", BUCKET_BITS).alias("bucket")
    by_bucket = one_by_one(changes).where(F.col("profile_no").isNotNull()).groupBy("segment_no", bucket)
    moved = by_bucket.agg(
        F.collect_list(F.when(F.col("change") == ENTERED, place)).alias("entered"),
        F.collect_list(F.when(F.col("change") == LEFT, place)).alias("gone"),
    )
    beside = moved.join(bitmaps, ["segment_no", "bucket"], how="full")
    rows = beside.select("segment_no", "bucket", "members", "bitmap", "entered", "gone")
    # small in bytes and dear to change, so that Spark alone would leave all of them to one task
    rows = rows.repartition(shuffle_partitions(rows.sparkSession), "segment_no", "bucket")
    return rows.mapInArrow(_changed, BITMAP).where("members > 0")


def _containers(batches: _Batches) -> Iterator[pa.RecordBatch]:
    """Containers of the people at hand: some millions of memberships are sorted at a time."""
    waiting: list[npt.NDArray[np.int64]] = []
    for batch in batches:
        segments = batch.column("segments")
        sizes = np.asarray(segments.value_lengths().fill_null(0).to_numpy(zero_copy_only=False), dtype=np.int64)
        people = np.repeat(np.asarray(batch.column("profile_no").to_numpy(), dtype=np.int64), sizes)
        numbers = np.asarray(segments.flatten().to_numpy(), dtype=np.int64)
        waiting.append((numbers << (BUCKET_BITS + _BUCKETS_OF_ALL)) | people)
        if sum(map(len, waiting)) >= _NUMBERS_AT_ONCE:
            yield from _containers_of(np.concatenate(waiting))
            waiting = []
    if waiting:
        yield from _containers_of(np.concatenate(waiting))


def _containers_of(keys: npt.NDArray[np.int64]) -> Iterator[pa.RecordBatch]:
    """`keys` hold the segment above 47 bits of the person's number."""
    keys = ascending(keys)
    of_keys = keys >> BUCKET_BITS
    first = np.flatnonzero(np.diff(of_keys, prepend=-1))
    containers, ends = of_keys[first], np.append(first[1:], len(keys))
    places = (keys & _LOW).astype(np.uint16)
    yield from _rows(
        (one >> _BUCKETS_OF_ALL, one & ((1 << _BUCKETS_OF_ALL) - 1), end - begin, packed(places[begin:end]))
        for one, begin, end in zip(containers.tolist(), first.tolist(), ends.tolist(), strict=True)
    )


def _united(batches: _Batches) -> Iterator[pa.RecordBatch]:
    def united(row: dict[str, Any]) -> _Container:
        parts = [unpacked(part["bitmap"], part["members"]) for part in row["parts"]]
        return _container(row, parts[0] if len(parts) == 1 else ascending(np.concatenate(parts)))

    yield from _by_row(batches, united)


def _changed(batches: _Batches) -> Iterator[pa.RecordBatch]:
    def changed(row: dict[str, Any]) -> _Container:
        if row["entered"] is None:  # nothing moved here
            return row["segment_no"], row["bucket"], row["members"], row["bitmap"]
        is_in = np.zeros(1 << BUCKET_BITS, dtype=np.bool_)
        if row["bitmap"] is not None:
            is_in[unpacked(row["bitmap"], row["members"])] = True
        is_in[row["gone"]] = False
        is_in[row["entered"]] = True
        return _container(row, np.flatnonzero(is_in).astype(np.uint16))

    yield from _by_row(batches, changed)


def _container(row: Mapping[str, Any], places: Places) -> _Container:
    return row["segment_no"], row["bucket"], len(places), packed(places)


def _by_row(batches: _Batches, container: Callable[[dict[str, Any]], _Container]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        yield from _rows(container(row) for row in batch.to_pylist())


def _rows(containers: Iterable[_Container]) -> Iterator[pa.RecordBatch]:
    columns = zip(*containers, strict=True)
    arrays = [pa.array(list(column), field.type) for column, field in zip(columns, _BITMAP_TYPE, strict=False)]
    if arrays:
        yield from pa.table(arrays, schema=_BITMAP_TYPE).to_batches()
