"""A folder that the driver and all executors see: a local disk, a mounted share."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import field_validator

from profile_engine.config.model import ConfigModel
from profile_engine.destinations.target import FileEnd
from profile_engine.errors import ConfigurationError, PermanentDeliveryError

NAME = "folder"
_PATTERN = re.compile(r"[*?\[\]{}\\]")


class Settings(ConfigModel):
    path: str
    """Relative paths count from the project's root."""

    @field_validator("path")
    @classmethod
    def _no_uri(cls, value: str) -> str:
        if "://" in value:
            raise ValueError(
                "a folder is a path of the file system; for S3 write 's3_files: {bucket: ..., prefix: ...}'"
            )
        if not value:
            raise ValueError("give the folder's path")
        return value


@dataclass(frozen=True)
class Folder:
    """A target on the file system; a rename publishes, so readers never see half a file."""

    root: Path

    def uri(self, path: str) -> str:
        return f"file://{self.root / path}"

    def spark_options(self) -> Mapping[str, str]:
        return {}

    def read_text(self, path: str) -> str | None:
        with _refusals():
            file = self.root / path
            return file.read_text(encoding="utf-8") if file.is_file() else None

    def write_text(self, path: str, text: str) -> None:
        with _refusals():
            file = self.root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            half = file.with_name(f".{file.name}.half")
            with half.open("w", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            half.replace(file)

    def publish(self, staged: str, path: str, end: FileEnd | None = None) -> None:
        with _refusals():
            file = self.root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            with (self.root / staged).open("r+b") as stream:
                if end is not None:
                    size = stream.seek(0, os.SEEK_END)
                    stream.seek(max(0, size - 8))
                    start = stream.seek(end.footer_start(stream.read(), size))
                    footer = end.canonical_footer(stream.read())
                    stream.seek(start)
                    stream.write(footer)
                    stream.flush()
                os.fsync(stream.fileno())  # on the disk before the marker that vouches for it
            (self.root / staged).replace(file)

    def remove(self, folder: str) -> None:
        with _refusals():
            shutil.rmtree(self.root / folder, ignore_errors=not (self.root / folder).exists())


def target(settings: Settings, root: Path) -> Folder:
    folder = os.path.abspath(root / Path(settings.path).expanduser())
    if _PATTERN.search(folder):
        raise ConfigurationError(
            f"the folder {folder} has one of * ? [ ] {{ }} \\ in its path, which Spark takes for patterns; rename it"
        )
    return Folder(Path(folder))


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise PermanentDeliveryError(
            f"the folder can't be used ({error.strerror}: {error.filename}); give the engine the right to write there, "
            "or change 'path'"
        ) from error
