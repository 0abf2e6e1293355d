"""What people are in now beside what they were in before: entries, exits and what is held, over arrays.

A membership is a key, the person's place above 32 bits of the segment's number, so that sorted keys are in the order in which
tables keep them. Everything here is one pass over sorted keys; nothing is looked at person by person.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from profile_engine.rules.columns import Mask, Whole

_NUMBER_BITS = 32
_NUMBER = (1 << _NUMBER_BITS) - 1
_TIME = pa.timestamp("us", "UTC")


@dataclass(frozen=True)
class Moves:
    """Of so many people, in their order: `columns` are `segments, entered_at` (held now), `entered`, `left` and
    `left_entered_at`, lists that ascend by segment; `entered` and `left` count people by segment."""

    columns: Mapping[str, pa.Array]
    entered: Mapping[int, int]
    left: Mapping[int, int]


def keys_of(person: Whole, number: Whole) -> Whole:
    """Memberships as keys, in the order given."""
    return (person.astype(np.int64) << _NUMBER_BITS) | number.astype(np.int64)


def compared(people: int, now: Whole, before: Whole, before_at: Whole, as_of: int, aside: Collection[int]) -> Moves:
    """What has changed at `as_of` (microseconds).

    people     how many there are; their places are in the keys
    now        keys of what the rules say, ascending
    before     keys of what was held, in any order (ascending is fastest); `before_at` when each had begun
    aside      segments that were not evaluated: who was in them still is, and nobody enters or leaves
    """
    if np.any(before[1:] < before[:-1]):
        order = np.argsort(before, kind="stable")
        before, before_at = before[order], before_at[order]
    if aside:
        now = now[~_of(now, aside)]
    stays, place = _found(now, before)
    entered_at = np.full(len(now), as_of, dtype=np.int64)
    entered_at[stays] = before_at[place]
    gone = np.ones(len(before), dtype=np.bool_)
    gone[place] = False
    held = now
    if aside:
        rests = gone & _of(before, aside)
        gone &= ~rests
        held = np.concatenate([now, before[rests]])
        order = np.argsort(held, kind="stable")
        held, entered_at = held[order], np.concatenate([entered_at, before_at[rests]])[order]
    entered, left = now[~stays], before[gone]
    return Moves(
        {
            "segments": _lists(held, people, held & _NUMBER, pa.int32()),
            "entered_at": _lists(held, people, entered_at, _TIME),
            "entered": _lists(entered, people, entered & _NUMBER, pa.int32()),
            "left": _lists(left, people, left & _NUMBER, pa.int32()),
            "left_entered_at": _lists(left, people, before_at[gone], _TIME),
        },
        _counted(entered),
        _counted(left),
    )


def _found(keys: Whole, among: Whole) -> tuple[Mask, Whole]:
    """Which keys are among others (both ascend), and at which places of theirs those stand."""
    place = np.searchsorted(among, keys)
    there = np.zeros(len(keys), dtype=np.bool_)
    inside = place < len(among)
    there[inside] = among[place[inside]] == keys[inside]
    return there, place[there]


def _of(keys: Whole, numbers: Collection[int]) -> Mask:
    return np.isin(keys & _NUMBER, np.array(sorted(numbers), dtype=np.int64))


def _lists(keys: Whole, people: int, values: Whole, type: pa.DataType) -> pa.Array:
    """A list a person of the values beside ascending keys."""
    offsets = np.searchsorted(keys >> _NUMBER_BITS, np.arange(people + 1)).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(values, pa.int64()).cast(type))


def _counted(keys: Whole) -> dict[int, int]:
    rows = np.bincount(keys & _NUMBER)
    numbers = np.flatnonzero(rows)
    return dict(zip(numbers.tolist(), rows[numbers].tolist(), strict=True))
