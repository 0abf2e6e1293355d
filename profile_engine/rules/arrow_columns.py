"""Columns of tests from columns of Arrow tables, by the type that the schema gives the field."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from profile_engine.rules.columns import (
    ArrayColumn,
    Column,
    DateColumn,
    FlagColumn,
    NumberColumn,
    ObjectColumn,
    TextColumn,
    TimeColumn,
    Whole,
)
from profile_engine.rules.field_types import ITEM_KINDS, item_type, kind_of, object_leaves, precision_of, scale_of

if TYPE_CHECKING:
    from profile_engine.rules.columns import Mask, Numbers

_FITS_64_BITS = 18
"""Decimals of so many digits fit 64 bits."""


def arrow_type(type_text: str) -> pa.DataType:
    """The Arrow type in which values of a field are handed over.

    Of objects in arrays the plain leaves are, by path; other items that are no plain values become null; of maps, keys.
    """
    kind = kind_of(type_text)
    if kind == "map":
        return pa.list_(pa.string())
    if kind == "object":
        return pa.struct([(path, arrow_type(of_leaf)) for path, of_leaf in object_leaves(type_text).items()])
    if kind == "array":
        inner = item_type(type_text)
        return pa.list_(arrow_type(inner) if kind_of(inner) in ITEM_KINDS else pa.null())
    if type_text.startswith("decimal("):
        return pa.decimal128(precision_of(type_text), scale_of(type_text))
    return {
        "string": pa.string(), "integer": pa.int64(), "double": pa.float64(), "boolean": pa.bool_(), "date": pa.date32(),
        "timestamp": pa.timestamp("us", "UTC"),
    }[type_text]  # fmt: skip


def column_of(values: pa.ChunkedArray | pa.Array, type_text: str) -> Column:
    """Raises TypeError or pyarrow.ArrowInvalid where the values are not of the type."""
    array = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    kind = kind_of(type_text)
    if kind == "array":
        return _array(array, item_type(type_text))
    if kind == "map":
        return _array(array, "string")
    present = _numpy(array.is_valid()).astype(np.bool_)
    if kind == "object":
        columns = {path: column_of(_member(array, path), leaf) for path, leaf in object_leaves(type_text).items()}
        return ObjectColumn(present, columns)
    if kind == "text":
        return _text(array, present)
    if kind == "boolean":
        return FlagColumn(present, _numpy(array.fill_null(False)).astype(np.bool_))
    if kind == "date":
        return DateColumn(present, _numpy(array.cast(pa.int32()).fill_null(0)).astype(np.int64))
    if kind == "time":
        return TimeColumn(present, microseconds(array))
    if type_text == "double":
        doubles = _numpy(array.cast(pa.float64()).fill_null(0.0)).astype(np.float64)
        return NumberColumn(present & np.isfinite(doubles), doubles, 0)
    if type_text.startswith("decimal("):
        return NumberColumn(present, _last_digits(array, type_text), scale_of(type_text))
    return NumberColumn(present, _numpy(array.cast(pa.int64()).fill_null(0)).astype(np.int64), 0)


def microseconds(array: pa.Array) -> Whole:
    """Microseconds since 1970; 0 where missing."""
    return _numpy(array.cast(pa.timestamp("us", array.type.tz)).cast(pa.int64()).fill_null(0)).astype(np.int64)


def _numpy(array: pa.Array) -> npt.NDArray[np.generic]:
    return np.asarray(array.to_numpy(zero_copy_only=False))


def _text(array: pa.Array, present: Mask) -> TextColumn:
    coded = array if pa.types.is_dictionary(array.type) else array.cast(pa.string()).dictionary_encode()
    words = tuple(coded.dictionary.to_pylist())
    codes = _numpy(coded.indices.fill_null(0)).astype(np.int64)
    # empty text is missing, and so is a null that stands in the dictionary
    usable = np.array([bool(word) for word in words], dtype=np.bool_)
    if len(words):
        present = present & usable[codes]
    return TextColumn(present, codes, tuple(word or "" for word in words))


def _last_digits(array: pa.Array, type_text: str) -> Numbers:
    """Decimals as whole numbers of their last digit."""
    precision, scale = precision_of(type_text), scale_of(type_text)
    array = array.cast(pa.decimal128(precision, scale)).fill_null(pa.scalar(0, pa.decimal128(precision, scale)))
    # the low half of each 128-bit number is all of it where the high half only repeats its sign
    words = np.frombuffer(array.buffers()[1], dtype=np.int64)[2 * array.offset : 2 * (array.offset + len(array))]
    low, high = words[::2], words[1::2]
    if precision <= _FITS_64_BITS or bool((high == low >> 63).all()):
        return low.copy()
    digits = np.empty(len(array), dtype=object)
    for row, value in enumerate(array.to_pylist()):
        digits[row] = int(value.scaleb(scale))
    return digits


def _member(objects: pa.Array, path: str) -> pa.Array:
    """A leaf of objects; missing where the object is."""
    return pc.struct_field(objects, [objects.type.get_field_index(path)])


def _array(array: pa.Array, of_items: str) -> ArrayColumn:
    present = _numpy(array.is_valid()).astype(np.bool_)
    sizes = _numpy(pc.list_value_length(array).fill_null(0)).astype(np.int64)
    row_of_item = np.repeat(np.arange(len(array), dtype=np.int64), sizes)
    items = column_of(array.flatten(), of_items) if kind_of(of_items) in ITEM_KINDS else None
    return ArrayColumn(present, sizes, items, row_of_item)
