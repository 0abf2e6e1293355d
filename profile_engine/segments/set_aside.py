"""Segments that are set aside: they can't be evaluated, so whoever is in one stays, and nobody enters or leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class SetAside:
    """A segment of the project whose file can't be read, or that names such a one."""

    reason: str
    """Where the problem is, with line and column, and what it is."""
    renamed_from: str | None = None


def told_set_aside(reasons: Mapping[str, str]) -> tuple[str, ...]:
    """A sentence for each segment, by id, with the reason why it was set aside."""
    return tuple(
        f"segment {segment} was set aside, its members stay as they were: {why}"
        for segment, why in sorted(reasons.items())
    )
