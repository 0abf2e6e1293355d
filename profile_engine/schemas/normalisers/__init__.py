"""How a value is brought into the one form in which it is compared: a registry of one file each.

A module of this folder declares `NAME`, `EXAMPLES` (raw value to normal form, None where there is none), and the twins
`normalised(column, option)` in Spark and `normalised_value(text, option)` in Python. Both give null for a value that has no
normal form, and both must agree on every text. A module that takes an option (`phone:DE`) declares `takes_option(option)`.
Nothing here imports pyspark before a column is asked for, so that `validate` knows every name without a JVM.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING

from profile_engine.errors import ConfigurationError

if TYPE_CHECKING:
    from pyspark.sql import Column

DEFAULT = "trim"


@dataclass(frozen=True)
class Normaliser:
    """One way to normalise, with its option bound."""

    name: str
    option: str | None
    module: ModuleType

    @property
    def examples(self) -> Mapping[str, str | None]:
        """Raw values and what becomes of them with this option (modules list them without and with options)."""
        found: Mapping[str, str | None] = self.module.EXAMPLES.get(self.option, {})
        return found

    def normalised(self, column: Column) -> Column:
        """A text column in normal form; null where a value has none."""
        result: Column = self.module.normalised(column, self.option)
        return result

    def normalised_items(self, column: Column) -> Column:
        """A column of array<string>, every item in normal form, in the same order and number."""
        if hasattr(self.module, "normalised_items"):
            items: Column = self.module.normalised_items(column, self.option)
            return items
        from pyspark.sql import functions as F

        return F.transform(column, self.normalised)

    def normalised_value(self, text: str) -> str | None:
        """The Python twin of `normalised`."""
        value: str | None = self.module.normalised_value(text, self.option)
        return value


def normaliser(name: str) -> Normaliser:
    """The normaliser of a name such as `email`, `phone` or `phone:DE`; ConfigurationError when there is none."""
    kind, colon, option = name.partition(":")
    module = _modules().get(kind)
    if module is None:
        raise ConfigurationError(f"unknown normaliser '{name}'; known: {', '.join(normaliser_names())}")
    if colon and not (hasattr(module, "takes_option") and module.takes_option(option)):
        raise ConfigurationError(f"the normaliser {kind} has no option '{option}'; write '{kind}' or another option")
    return Normaliser(name, option if colon else None, module)


def normaliser_names() -> tuple[str, ...]:
    """The names that `normalise:` may take, sorted."""
    return tuple(sorted(_modules()))


@cache
def _modules() -> Mapping[str, ModuleType]:
    found: dict[str, ModuleType] = {}
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{__name__}.{info.name}")
        if not hasattr(module, "NAME"):
            continue
        if module.NAME in found:
            raise ConfigurationError(
                f"two normalisers are named '{module.NAME}': {found[module.NAME].__file__} and {module.__file__}; rename one"
            )
        found[module.NAME] = module
    return found
