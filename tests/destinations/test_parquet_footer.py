"""Encodings in a Parquet footer have one order, and nothing else is touched."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from profile_engine.destinations.parquet_footer import canonical_file, canonical_footer, footer_start


def parquet(columns: int, rows: int) -> bytes:
    """Many row groups and kinds of column, so that footers have long lists, statistics and sizes."""
    of_a_row = {
        "text": "a",
        "number": 1.5,
        "flag": True,
        "list": [1, 2],
        "at": datetime(2026, 1, 1, tzinfo=UTC),
        "null": None,
    }
    table = pa.table({f"{kind}{i}": [value] * rows for i in range(columns) for kind, value in of_a_row.items()})
    written = io.BytesIO()
    pq.write_table(table, written, row_group_size=2, write_page_index=True, store_decimal_as_integer=True)
    return written.getvalue()


def turned_round(content: bytes) -> bytes:
    """The same file as another JVM writes it: a list of three encodings, PLAIN (0), RLE (3), BIT_PACKED (4) or
    RLE_DICTIONARY (8), the other way round; each is one byte in the footer, zigzag."""
    start = footer_start(content[-8:], len(content))
    footer = content[start:]
    for encodings in (b"\x00\x06\x10", b"\x06\x00\x10", b"\x10\x00\x06", b"\x00\x06\x08"):
        footer = footer.replace(b"\x19\x35" + encodings, b"\x19\x35" + encodings[::-1])
    return content[:start] + footer


@pytest.mark.parametrize(("columns", "rows"), [(1, 1), (1, 40), (20, 3), (3, 0)])
def test_files_that_differ_in_the_order_of_encodings_become_one(columns: int, rows: int):
    content = parquet(columns, rows)
    formed = canonical_file(content)
    assert canonical_file(turned_round(content)) == formed == canonical_file(formed)
    assert rows == 0 or turned_round(content) != content
    assert len(formed) == len(content)
    assert pq.read_table(io.BytesIO(formed)).equals(pq.read_table(io.BytesIO(content)))
    before, after = (pq.read_metadata(io.BytesIO(each)) for each in (content, formed))
    assert before.num_row_groups == after.num_row_groups
    for group in range(before.num_row_groups):
        for column in range(before.num_columns):
            one, other = (each.row_group(group).column(column) for each in (before, after))
            assert sorted(one.encodings) == sorted(other.encodings)
            assert one.statistics == other.statistics


def test_what_is_no_parquet_is_refused():
    with pytest.raises(ValueError, match="not a Parquet file"):
        canonical_file(b"PAR1 but not at the end")
    with pytest.raises((ValueError, IndexError)):
        canonical_footer(b"\x1b" * 20)
