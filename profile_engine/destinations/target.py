"""What a file connector promises: a place that Spark writes to and whose files can be named, read and removed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from profile_engine.config.model import ConfigModel


class FileEnd(Protocol):
    """The end of files of a format whose writer leaves its form to chance; the length stays."""

    def footer_start(self, tail: bytes, size: int) -> int:
        """Where the end begins, by the last 8 or more bytes of a file and its size."""

    def canonical_footer(self, footer: bytes) -> bytes:
        """The end in its one form."""

    def canonical_file(self, content: bytes) -> bytes:
        """A whole file with its end in that form."""


class Target(Protocol):
    """One destination's root. Paths are relative to it, with `/`; a folder is a common start of names.

    What fails raises `TransientDeliveryError` where waiting may help and `PermanentDeliveryError` where it doesn't.
    All calls may come from several threads.
    """

    def uri(self, path: str) -> str:
        """The path as Spark writes and reads it (Hadoop reads no percent-encoding in it)."""

    def spark_options(self) -> Mapping[str, str]:
        """Options of Spark's reads and writes below this root; never a credential."""

    def read_text(self, path: str) -> str | None:
        """The text of a small file, or None where there is none."""

    def write_text(self, path: str, text: str) -> None:
        """Writes a small file whole: readers see all of it or nothing."""

    def publish(self, staged: str, path: str, end: FileEnd | None = None) -> None:
        """Gives a file that Spark has written its final name, and its end the one form it has; what stood there is replaced."""

    def remove(self, folder: str) -> None:
        """Removes all files below a folder; a folder that isn't there is no error."""


class Connector(Protocol):
    """A module of `connectors/`; imports no pyspark."""

    NAME: str
    Settings: type[ConfigModel]
    """What stands under the connector's name in `to`."""

    def target(self, settings: ConfigModel, root: Path) -> Target:
        """The target of these settings; relative paths count from the project's `root`."""
