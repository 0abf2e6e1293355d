"""`newest` (Adobe's timestampOrdered): the latest value wins, by the customer's own time or by that of ingestion."""

from __future__ import annotations

import pyarrow as pa

from profile_engine.profiles.attribute_rules import Setting
from profile_engine.profiles.candidates import Candidates
from profile_engine.profiles.chosen import Chosen, one_of

NAME = "newest"


def chosen(values: pa.Array, setting: Setting, candidates: Candidates, datasets: tuple[str, ...]) -> Chosen:
    """`source_time` falls back to the time of ingestion for records that have no time of their own."""
    return one_of(values, candidates, candidates.newest(str(setting)))
