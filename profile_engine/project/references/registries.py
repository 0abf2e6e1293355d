"""The registries that a project names entries of; each offers `registered()` and needs no Spark for it."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

FORMATS = "profile_engine.datasets.formats"
CONNECTORS = "profile_engine.destinations.connectors"
FILE_FORMATS = "profile_engine.destinations.file_formats"


def registered_in(package: str) -> Mapping[str, object]:
    """The entries of a registry by name."""
    entries: Mapping[str, object] = getattr(importlib.import_module(package), "registered", dict)()  # TOLERANT
    return entries
