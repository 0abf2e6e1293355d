"""All tests of the language, found by looking through this folder."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from functools import cache

import profile_engine.rules.operators as family_folder
from profile_engine.rules.field_types import Kind
from profile_engine.rules.operators.operator import Operator

_NO_FAMILIES = frozenset({"operator", "registry"})


@cache
def operators() -> Mapping[str, Operator]:
    """Every test by its name, in the order of the families' names; a name used twice is an error naming both places."""
    families = []
    for module in sorted(pkgutil.iter_modules(family_folder.__path__), key=lambda module: module.name):
        if module.name not in _NO_FAMILIES:
            path = f"{family_folder.__name__}.{module.name}"
            families.append((path, importlib.import_module(path).OPERATORS))
    return collected(families)


def collected(families: Iterable[tuple[str, Iterable[Operator]]]) -> Mapping[str, Operator]:
    """The entries of all families by name; raises ValueError for a name that two of them use."""
    found: dict[str, Operator] = {}
    place: dict[str, str] = {}
    for path, entries in families:
        for entry in entries:
            if entry.name in found:
                raise ValueError(f"the test '{entry.name}' is defined in both {place[entry.name]} and {path}")
            found[entry.name], place[entry.name] = entry, path
    return found


def fitting(kind: Kind) -> tuple[str, ...]:
    """The names of the tests that fit a kind of value."""
    return tuple(name for name, operator in operators().items() if kind in operator.fits)
