"""File formats of deliveries; one file each, found by looking through this folder."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Protocol, cast

from profile_engine.config.model import ConfigModel
from profile_engine.destinations.registry import modules_by_name, unknown
from profile_engine.destinations.target import FileEnd

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class FileFormat(Protocol):
    """A module of this folder; imports pyspark only where frames are at hand."""

    NAME: str
    Options: type[ConfigModel]
    """What stands under the format's name in `format`."""

    END: FileEnd | None
    """What to do that the same rows give the same bytes, where the format's writer does not see to it."""

    def suffix(self, options: ConfigModel) -> str:
        """The end of a part's name, such as `csv.gz`."""

    def spark_options(self, options: ConfigModel) -> Mapping[str, str]:
        """Options of Spark's writer, every one that touches bytes written out."""

    def laid_out(self, rows: DataFrame, options: ConfigModel) -> DataFrame:
        """Rows of a payload as the format can hold them; columns keep their names and order."""

    def dialect(self, options: ConfigModel) -> Mapping[str, str | bool | None]:
        """What a reader has to know, for the manifest."""


@cache
def file_formats() -> dict[str, FileFormat]:
    """All formats by name; the name is Spark's own."""
    return {name: cast(FileFormat, module) for name, module in modules_by_name(__name__).items()}


def file_format(name: str) -> FileFormat:
    """The format of that name; raises ConfigurationError with the known names."""
    if name not in file_formats():
        raise unknown("file format", name, list(file_formats()))
    return file_formats()[name]
