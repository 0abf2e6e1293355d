"""Connectors to file destinations; one file each, found by looking through this folder."""

from __future__ import annotations

from functools import cache
from typing import cast

from profile_engine.destinations.registry import modules_by_name, unknown
from profile_engine.destinations.target import Connector


@cache
def connectors() -> dict[str, Connector]:
    """All connectors by name."""
    return {name: cast(Connector, module) for name, module in modules_by_name(__name__).items()}


def connector(name: str) -> Connector:
    """The connector of that name; raises ConfigurationError with the known names."""
    if name not in connectors():
        raise unknown("connector", name, list(connectors()))
    return connectors()[name]
