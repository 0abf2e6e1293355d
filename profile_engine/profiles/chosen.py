"""What a strategy chose: a value for each group of candidates, and the rows that gave it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from profile_engine.profiles.candidates import Candidates, Mask, Order, Whole


@dataclass(frozen=True)
class Chosen:
    """`values` has one value a group, null where there is none; `rows` are the rows that gave it."""

    values: pa.Array
    rows: Whole


def present_rows(values: pa.Array) -> Mask:
    """Which rows have a value."""
    return np.asarray(values.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)


def list_offsets(sizes: Whole) -> pa.Array:
    """Where the lists of these sizes begin, as an Arrow array of lists has it."""
    return pa.array(np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32))


def one_of(values: pa.Array, candidates: Candidates, order: Order) -> Chosen:
    """The value that comes first of each group."""
    won = candidates.winners(order, present_rows(values))
    return Chosen(values.take(pa.array(won, mask=won < 0)), won[won >= 0])


def ranked(values: pa.Array) -> tuple[Whole, Mask]:
    """Whole numbers that rise with the values, and which rows have one that can be compared."""
    present = present_rows(values)
    if pa.types.is_floating(values.type):
        finite = pc.is_finite(values).fill_null(False)
        present = np.asarray(finite.to_numpy(zero_copy_only=False), dtype=np.bool_)
    return np.asarray(pc.rank(values, tiebreaker="dense").to_numpy()).astype(np.int64), present
