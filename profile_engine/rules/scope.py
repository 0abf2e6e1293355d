"""What a rule may name: attributes of the profile, fields and types of events, segments, and the time zone it is read in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from profile_engine.schemas.union_schema import UnionSchema


@dataclass(frozen=True)
class Scope:
    """`segments` holds the ids of the project's segments; the built-in `everyone` need not be among them."""

    attributes: UnionSchema
    events: UnionSchema
    segments: frozenset[str]
    time_zone: str

    @property
    def zone(self) -> tzinfo:
        return ZoneInfo(self.time_zone)
