"""Documented cases of linking rules, read from the file that LINKING_CASES names."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from tests.support.shared_data import shared


@dataclass(frozen=True)
class LinkingCase:
    """A few events, one after the other, and the graphs that they have to end in."""

    name: str
    priority: tuple[str, ...]
    unique: tuple[str, ...]
    events: tuple[tuple[str, ...], ...]
    """Each identifier in its namespace (`CRMID:Tom`), the best one first."""
    expected: frozenset[frozenset[str]]

    @property
    def rank(self) -> dict[str, int]:
        return {namespace: number for number, namespace in enumerate(self.priority, start=1)}


def linking_cases() -> tuple[LinkingCase, ...]:
    """All cases of the file; none where there is no file."""
    path = Path(os.environ.get("LINKING_CASES") or shared("reference/identity-linking-cases.json"))
    if not path.exists():
        return ()
    return tuple(_case(listed) for listed in json.loads(path.read_text(encoding="utf-8")))


def _case(listed: dict) -> LinkingCase:  # type: ignore[type-arg]
    rank = {namespace: number for number, namespace in enumerate(listed["priority"])}
    events = tuple(
        tuple(sorted(dict.fromkeys(event), key=lambda i: (rank[i.partition(":")[0]], i))) for event in listed["events"]
    )
    return LinkingCase(
        listed["case"],
        tuple(listed["priority"]),
        tuple(listed["unique"]),
        events,
        frozenset(map(frozenset, listed["expected_components"])),
    )
