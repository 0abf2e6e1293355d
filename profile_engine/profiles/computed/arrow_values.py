"""Columns of the rules' machinery as Arrow arrays of the type that a table keeps."""

from __future__ import annotations

from decimal import Context, Decimal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from profile_engine.rules.arrow_columns import arrow_type
from profile_engine.rules.columns import (
    Column,
    DateColumn,
    FlagColumn,
    NumberColumn,
    Numbers,
    RatioColumn,
    TextColumn,
    TimeColumn,
)
from profile_engine.rules.field_types import scale_of

_EXACT = Context(prec=76)
_FITS_64_BITS = 2**62
"""With room for twice a remainder."""


def arrow_values(column: Column, type_text: str) -> pa.Array:
    """The values, null where missing; a fraction is rounded to the digits of the type, half to even.

    A number that has more digits than the type can hold is missing, as a double without a finite value is.
    """
    wanted, missing = arrow_type(type_text), ~column.present
    if isinstance(column, TextColumn):
        words = pa.array(column.words or ("",), pa.string())
        return words.take(pa.array(column.codes, mask=missing))
    if isinstance(column, FlagColumn):
        return pa.array(column.values, mask=missing)
    if isinstance(column, DateColumn):
        return pa.array(column.values.astype(np.int32), mask=missing).cast(pa.date32())
    if isinstance(column, TimeColumn):
        return pa.array(column.values, mask=missing).cast(wanted)
    assert isinstance(column, NumberColumn)
    if not pa.types.is_decimal(wanted):
        return pa.array(column.values, wanted, mask=missing)
    scale = scale_of(type_text)
    if isinstance(column, RatioColumn):
        return _decimals(_rounded(column, scale), missing, wanted)
    assert column.scale == scale, "a sum keeps the digits of what it sums"
    return _decimals(column.values, missing, wanted)


def _rounded(column: RatioColumn, scale: int) -> Numbers:
    """Whole numbers of the last digit."""
    shift = 10 ** (scale - column.scale)
    numerators: Numbers = column.values
    if len(numerators) and max(abs(int(numerators.max())), abs(int(numerators.min()))) * shift >= _FITS_64_BITS:
        numerators = numerators.astype(object)
    numerators, counts = numerators * shift, column.counts
    whole = numerators // counts
    rest = 2 * (numerators - whole * counts)
    up = (rest > counts) | ((rest == counts) & (whole % 2 == 1))
    return np.where(column.present, whole + up, 0)


def _decimals(whole: Numbers, missing: npt.NDArray[np.bool_], wanted: pa.DataType) -> pa.Array:
    if whole.dtype == np.int64:
        # both halves of each 128-bit number: the second repeats the sign of the first
        halves = np.empty((len(whole), 2), dtype=np.int64)
        halves[:, 0], halves[:, 1] = whole, whole.astype(np.int64) >> 63
        validity = pa.py_buffer(np.packbits(~missing, bitorder="little").tobytes())
        return pa.Array.from_buffers(wanted, len(whole), [validity, pa.py_buffer(halves.tobytes())])
    most = 10**wanted.precision
    exact = [
        None if gone or not -most < number < most else _EXACT.scaleb(Decimal(int(number)), -wanted.scale)
        for number, gone in zip(whole.tolist(), missing.tolist(), strict=True)
    ]
    return pa.array(exact, wanted)
