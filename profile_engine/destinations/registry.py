"""Entries found by looking through a package's folder: one new file adds one."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

from profile_engine.config.problems import did_you_mean
from profile_engine.errors import ConfigurationError


def modules_by_name(package: str) -> dict[str, ModuleType]:
    """The modules of `package` by their `NAME`, in the order of names.

    Raises ConfigurationError for a name used twice, naming both files.
    """
    found: dict[str, ModuleType] = {}
    folder = importlib.import_module(package)
    for info in pkgutil.iter_modules(folder.__path__):
        module = importlib.import_module(f"{package}.{info.name}")
        if module.NAME in found:
            raise ConfigurationError(
                f"'{module.NAME}' is the NAME of both {found[module.NAME].__file__} and {module.__file__}; rename one"
            )
        found[module.NAME] = module
    return dict(sorted(found.items()))


def unknown(kind: str, name: str, known: list[str]) -> ConfigurationError:
    """The error for a name that no entry has, with a close match."""
    return ConfigurationError(f"unknown {kind} '{name}'; {did_you_mean(name, known) or ''}")
