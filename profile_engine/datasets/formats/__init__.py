"""The file formats that sources come in: a registry of one file each.

A module of this folder declares `NAME`, `Options` (a ConfigModel), and

    inspect(head, open_file, options) -> Header      on an executor, before anything is read; raises BadFileError
    rows(spark, files, columns, wanted, options)     a frame with the source's own columns and those of `source_rows`

Nothing here imports pyspark before rows are read, so that `validate` knows formats and their options without a JVM.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, BinaryIO

from profile_engine.config.model import ConfigModel
from profile_engine.errors import ConfigurationError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


class BadFileError(Exception):
    """A file that can't be read as what it should be; it is refused whole, the others go on."""

    def __init__(self, code: str, message: str) -> None:
        self.code, self.message = code, message
        super().__init__(f"{code}: {message}")


@dataclass(frozen=True)
class Header:
    """What a file says about itself. Files with the same `columns` and `kind` are read in one go."""

    columns: tuple[str, ...] | None
    """Names in order, None where each record names its own."""
    kind: str = ""
    """Types of the columns, where the file has some."""
    empty: bool = False
    """True for a file without any record, not even a header; it is not read."""


@dataclass(frozen=True)
class Format:
    """One entry of the registry."""

    name: str
    module: ModuleType
    Options: type[ConfigModel]
    """What may stand under the format's name in a source."""

    def options(self, given: Mapping[str, object]) -> ConfigModel:
        return self.Options.model_validate(dict(given))

    def inspect(self, head: bytes, open_file: Callable[[], BinaryIO], options: ConfigModel) -> Header:
        """The header of a file by its first (unpacked) bytes, or by reading it; raises BadFileError."""
        header: Header = self.module.inspect(head, open_file, options)
        return header

    def rows(
        self,
        spark: SparkSession,
        files: Sequence[str],
        columns: tuple[str, ...] | None,
        wanted: frozenset[str],
        options: ConfigModel,
    ) -> DataFrame:
        """The records of files with one header; `wanted` are the columns that the mapping speaks of."""
        rows: DataFrame = self.module.rows(spark, files, columns, wanted, options)
        return rows


@cache
def registered() -> Mapping[str, Format]:
    """All formats by name."""
    found: dict[str, Format] = {}
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{__name__}.{info.name}")
        if module.NAME in found:
            first = found[module.NAME].module.__file__
            raise ConfigurationError(
                f"two formats are named '{module.NAME}': {first} and {module.__file__}; rename one"
            )
        found[module.NAME] = Format(module.NAME, module, module.Options)
    return found


def format_named(name: str) -> Format:
    """Raises ConfigurationError for an unknown name."""
    if name not in registered():
        raise ConfigurationError(f"unknown format '{name}'; known: {', '.join(registered())}")
    return registered()[name]
