"""The same rows give the same Parquet bytes in every JVM.

parquet-java keeps the encodings of a column chunk in a HashSet of enums, whose order hangs on addresses of the JVM, and
writes them to the footer in that order: two runs give files of one content and one length that differ in some ten bytes.
The order means nothing to readers, so it is sorted here. The footer is a Thrift struct in the compact protocol
(https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md, field numbers from parquet.thrift).
"""

from __future__ import annotations

from collections.abc import Iterator

MAGIC = b"PAR1"
_TAIL = 8
"""Bytes behind the footer: its length (4, little-endian) and the magic word."""
_BOOLEANS, _BYTE, _INTEGERS, _DOUBLE, _BINARY, _LISTS, _STRUCT = (1, 2), 3, (4, 5, 6), 7, 8, (9, 10), 12
_ROW_GROUPS, _COLUMNS, _META_DATA, _ENCODINGS, _ENCODING_STATS = 4, 1, 3, 2, 13

Span = tuple[int, int]


def footer_start(tail: bytes, size: int) -> int:
    """Where the footer of a file begins, by the file's last 8 or more bytes and its size; raises ValueError for a file
    that is no Parquet."""
    if len(tail) < _TAIL or tail[-4:] != MAGIC:
        raise ValueError("not a Parquet file")
    return size - _TAIL - int.from_bytes(tail[-_TAIL:-4], "little")


def canonical_footer(footer: bytes) -> bytes:
    """The footer (with the 8 bytes behind it) with encodings in order; of the same length."""
    sorted_footer = bytearray(footer)
    for group, _ in _list(footer, 0, _ROW_GROUPS):
        for column, _ in _list(footer, group, _COLUMNS):
            for field, type_, start, _ in _fields(footer, column):
                if field == _META_DATA and type_ == _STRUCT:
                    _sort_encodings(footer, start, sorted_footer)
    return bytes(sorted_footer)


def canonical_file(content: bytes) -> bytes:
    """A whole file, its footer in order."""
    start = footer_start(content[-_TAIL:], len(content))
    return content[:start] + canonical_footer(content[start:])


def _sort_encodings(footer: bytes, meta_data: int, into: bytearray) -> None:
    for number in (_ENCODINGS, _ENCODING_STATS):
        if spans := _list(footer, meta_data, number):
            into[spans[0][0] : spans[-1][1]] = b"".join(sorted(footer[start:end] for start, end in spans))


def _list(data: bytes, struct: int, number: int) -> list[Span]:
    """The elements of the list that is a struct's field of this number; none where it has no such field."""
    for field, type_, start, _ in _fields(data, struct):
        if field == number and type_ in _LISTS:
            return _elements(data, start)
    return []


def _fields(data: bytes, at: int) -> Iterator[tuple[int, int, int, int]]:
    """Number, type, start and end of each field of the struct that begins here; the last one is the stop, of type 0."""
    number = 0
    while True:
        header, at = data[at], at + 1
        delta, type_ = header >> 4, header & 15
        if type_ == 0:
            yield 0, 0, at, at
            return
        if delta:
            number += delta
        else:
            coded, at = _varint(data, at)
            number = (coded >> 1) ^ -(coded & 1)
        end = at if type_ in _BOOLEANS else _end(data, at, type_)
        yield number, type_, at, end
        at = end


def _elements(data: bytes, at: int) -> list[Span]:
    header, at = data[at], at + 1
    size, type_ = header >> 4, header & 15
    if size == 15:
        size, at = _varint(data, at)
    spans = []
    for _ in range(size):
        end = at + 1 if type_ in _BOOLEANS else _end(data, at, type_)
        spans.append((at, end))
        at = end
    return spans


def _end(data: bytes, at: int, type_: int) -> int:
    """Where the value that begins here ends."""
    if type_ in _INTEGERS:
        return _varint(data, at)[1]
    if type_ == _BYTE:
        return at + 1
    if type_ == _DOUBLE:
        return at + 8
    if type_ == _BINARY:
        length, at = _varint(data, at)
        return at + length
    if type_ == _STRUCT:
        return max(end for *_, end in _fields(data, at))
    if type_ in _LISTS:
        return _end_of_list(data, at)
    raise ValueError(f"a Parquet footer with a value of type {type_}, which its format has no use for")


def _end_of_list(data: bytes, at: int) -> int:
    spans = _elements(data, at)
    if spans:
        return spans[-1][1]
    return at + 1


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte, at = data[at], at + 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
