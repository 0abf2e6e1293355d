"""How many members segments have and share, from their bitmaps and, of owners, memberships; how many they had, from the records
of runs."""

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
SET_ASIDE = "set_aside"
"""In the record of a run, the segments whose rules could not be evaluated: their members stayed, and were not counted."""
_EVALUATED = frozenset({"published", "unchanged"})


def sizes(bitmaps: DataFrame) -> DataFrame:
    """A row is a segment: `segment_no, members`."""
    return bitmaps.groupBy("segment_no").agg(F.sum("members").cast("bigint").alias("members"))


def overlaps(bitmaps: Iterable[Mapping[str, Any]], chosen: Sequence[int]) -> dict[tuple[int, int], int]:
    """How many people with a number are in both, for each two of the chosen segments (and for each one with itself).

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


def overlaps_of_owners(memberships: DataFrame, chosen: Sequence[int]) -> dict[tuple[int, int], int]:
    """As `overlaps`, of the members that no bitmap holds: owners under merge policies without the identity graph, who have no
    number. One job.

    memberships  `membership`
    """
    pairs = [*((one, one) for one in chosen), *combinations(chosen, 2)]
    in_both = [F.array_contains("segments", one) & F.array_contains("segments", other) for one, other in pairs]
    owners = memberships.where(F.col("profile_no").isNull())
    counts = owners.agg(*(F.count_if(both).alias(f"pair{place}") for place, both in enumerate(in_both))).collect()[0]
    return dict(zip(pairs, counts, strict=True))


def history_of_size(
    runs: Iterable[tuple[datetime, str, str | None]], names: Iterable[tuple[datetime, str]]
) -> list[tuple[datetime, int | None]]:
    """(as_of, members) of each evaluation since the segment's first, oldest first; None where the project had it no more. One
    that set it aside is left out.

    runs   (as_of, status, figures as JSON), in the order in which they ended; a later run of the same as_of replaces one
           before, and one that failed or was refused counts for nothing
    names  (since when, what the segment was called then); another segment may have the name before and after
    """
    named = sorted(names)
    found: dict[datetime, int | None] = {}
    for as_of, status, figures in runs:
        of_stage = json.loads(figures or "{}").get(STAGE_FIGURES, {}) if status in _EVALUATED else {}
        called = [name for since, name in named if since <= as_of][-1:]
        told = [int(of_stage[f"members {name}"]) for name in called if f"members {name}" in of_stage]
        if told:
            found[as_of] = told[-1]
        elif found and not set(called) & set(of_stage.get(SET_ASIDE, called)):
            found[as_of] = None
    return sorted(found.items())
