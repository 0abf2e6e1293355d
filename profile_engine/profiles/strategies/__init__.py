"""Strategies that choose among the values of one attribute: one file each, found by looking through this folder.

A strategy file has `NAME` (its key in a merge policy) and `chosen(values, setting,
candidates, datasets) -> Chosen`. `values` holds a value, or null, for each row of `candidates`; `setting` is what the policy
says, `datasets` the names of the datasets by their number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import Protocol, cast

import pyarrow as pa

from profile_engine.errors import ConfigurationError
from profile_engine.profiles.attribute_rules import Setting
from profile_engine.profiles.candidates import Candidates
from profile_engine.profiles.chosen import Chosen


class Strategy(Protocol):
    """What a file of this folder offers."""

    __name__: str
    NAME: str

    def chosen(
        self, values: pa.Array, setting: Setting, candidates: Candidates, datasets: tuple[str, ...]
    ) -> Chosen: ...


def by_name(strategies: Iterable[Strategy]) -> Mapping[str, Strategy]:
    """Strategies by NAME; raises ConfigurationError for a name that two of them have."""
    found: dict[str, Strategy] = {}
    for strategy in strategies:
        if strategy.NAME in found:
            places = " and ".join(each.__name__ for each in (found[strategy.NAME], strategy))
            raise ConfigurationError(f"two merge strategies are named '{strategy.NAME}': {places}; rename one of them")
        found[strategy.NAME] = strategy
    return MappingProxyType(found)


STRATEGIES = by_name(
    cast(Strategy, import_module(f"{__name__}.{module.name}"))
    for module in sorted(iter_modules(__path__), key=lambda module: module.name)
)
