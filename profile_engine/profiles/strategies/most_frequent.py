"""`most_frequent`: the value that most records of the person have; among equally frequent ones the newest."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from profile_engine.profiles.attribute_rules import Setting
from profile_engine.profiles.candidates import Candidates
from profile_engine.profiles.chosen import Chosen, one_of, present_rows

NAME = "most_frequent"


def chosen(values: pa.Array, setting: Setting, candidates: Candidates, datasets: tuple[str, ...]) -> Chosen:
    """Every record counts once, whatever its dataset; the newest record with the value is named as its source."""
    present = present_rows(values)
    coded = values.dictionary_encode()
    codes = np.asarray(coded.indices.fill_null(0).to_numpy(zero_copy_only=False), dtype=np.int64)
    pairs = np.where(present, candidates.groups * max(1, len(coded.dictionary)) + codes, -1)
    _, place, number_of = np.unique(pairs, return_inverse=True, return_counts=True)
    return one_of(values, candidates, candidates.by(number_of[place].astype(np.int64), present))
