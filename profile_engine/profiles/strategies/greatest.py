"""`max`: the greatest value wins; among records that have it the newest is named as its source."""

from __future__ import annotations

import pyarrow as pa

from profile_engine.profiles.attribute_rules import Setting
from profile_engine.profiles.candidates import Candidates
from profile_engine.profiles.chosen import Chosen, one_of, ranked

NAME = "max"


def chosen(values: pa.Array, setting: Setting, candidates: Candidates, datasets: tuple[str, ...]) -> Chosen:
    """A double that is no finite number has no place in an order, so it never wins."""
    ranks, present = ranked(values)
    return one_of(values, candidates, candidates.by(ranks, present))
