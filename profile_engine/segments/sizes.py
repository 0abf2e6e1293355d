"""How many members segments have and share, from their bitmaps; and how many they had, from the records of runs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import combinations
from typing import Any

import numpy as np
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.segments.bitmaps import unpacked

STAGE_FIGURES = "segments"
_EVALUATED = frozenset({"published", "unchanged"})


def sizes(bitmaps: DataFrame) -> DataFrame:
    """A row is a segment: `segment_no, members`."""
    return bitmaps.groupBy("segment_no").agg(F.sum("members").cast("bigint").alias("members"))


def overlaps(bitmaps: Iterable[Mapping[str, Any]], chosen: Sequence[int]) -> dict[tuple[int, int], int]:
    """How many people are in both, for each two of the chosen segments (and for each one with itself, its size).

    bitmaps  rows of `segment_bitmap` of these segments
    """
    held = {
        (row["segment_no"], row["bucket"]): unpacked(bytes(row["bitmap"]), row["members"])
        for row in bitmaps
        if row["segment_no"] in set(chosen)
    }
    found = {(one, one): sum(len(places) for (number, _), places in held.items() if number == one) for one in chosen}
    for one, other in combinations(chosen, 2):
        shared = (
            len(np.intersect1d(places, held[other, bucket], assume_unique=True))
            for (number, bucket), places in held.items()
            if number == one and (other, bucket) in held
        )
        found[one, other] = sum(shared)
    return found


def history_of_size(runs: Iterable[tuple[datetime, str, str | None]], ids: Iterable[str]) -> list[tuple[datetime, int]]:
    """(as_of, members) of each evaluation, oldest first.

    runs  (as_of, status, figures as JSON), in the order in which they ended; a later run of the same as_of replaces one
          before, and one that failed or was refused counts for nothing
    ids   what the segment was and is called
    """
    found: dict[datetime, int] = {}
    for as_of, status, figures in runs:
        of_stage = json.loads(figures or "{}").get(STAGE_FIGURES, {}) if status in _EVALUATED else {}
        for id in ids:
            if f"members {id}" in of_stage:
                found[as_of] = int(of_stage[f"members {id}"])
    return sorted(found.items())
