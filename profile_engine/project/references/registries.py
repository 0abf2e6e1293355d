"""The registries that a project names entries of, each entry with the model of its settings; none of them needs Spark."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from profile_engine.config.model import ConfigModel
from profile_engine.datasets.formats import registered
from profile_engine.destinations.connectors import connectors
from profile_engine.destinations.file_formats import file_formats


@dataclass(frozen=True)
class NamedSettings:
    """A part that is written as one name with its settings: `format: {csv: {delimiter: ";"}}`."""

    what: str
    code: str
    models: Callable[[], Mapping[str, type[ConfigModel]]]
    """The model of the settings by name."""


FORMATS = NamedSettings("format", "E224", lambda: {name: entry.Options for name, entry in registered().items()})
CONNECTORS = NamedSettings("connector", "E260", lambda: {name: entry.Settings for name, entry in connectors().items()})
FILE_FORMATS = NamedSettings(
    "file format", "E261", lambda: {name: entry.Options for name, entry in file_formats().items()}
)
