"""`dataset_order` (Adobe's dataSetPrecedence): the first dataset with a value wins; datasets not listed are left out."""

from __future__ import annotations

import pyarrow as pa

from profile_engine.profiles.attribute_rules import Setting
from profile_engine.profiles.candidates import Candidates
from profile_engine.profiles.chosen import Chosen, one_of

NAME = "dataset_order"


def chosen(values: pa.Array, setting: Setting, candidates: Candidates, datasets: tuple[str, ...]) -> Chosen:
    """Among several records of the winning dataset the newest by the customer's time."""
    assert isinstance(setting, tuple)
    numbers = tuple(datasets.index(name) for name in dict.fromkeys(setting) if name in datasets)
    return one_of(values, candidates, candidates.of_datasets(numbers))
