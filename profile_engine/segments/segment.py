"""A segment: a rule about people under a name, as read from its file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from profile_engine.config.problems import Position
from profile_engine.rules.canonical import canonical_text
from profile_engine.segments.config import SegmentConfig

if TYPE_CHECKING:
    from profile_engine.rules.syntax import Condition


@dataclass(frozen=True)
class Segment:
    """`id` is the file's name; `sentence` says the rule in words; `position` is where the rule stands."""

    id: str
    name: str
    description: str | None
    tags: tuple[str, ...]
    merge_policy: str
    condition: Condition
    sentence: str
    position: Position
    content_hash: str
    """SHA-256 (hex) of what decides who is a member: the rule, the merge policy and the time zone; words, the order of
    the rule's parts and the file do not count."""
    renamed_from: str | None = None

    @classmethod
    def of(
        cls,
        segment_id: str,
        config: SegmentConfig,
        condition: Condition,
        sentence: str,
        position: Position,
        *,
        merge_policy: str,
        time_zone: str,
    ) -> Segment:
        """The segment that a file describes, its rule read already."""
        return cls(
            id=segment_id,
            name=config.name,
            description=config.description,
            tags=tuple(config.tags),
            merge_policy=merge_policy,
            condition=condition,
            sentence=sentence,
            position=position,
            content_hash=content_hash(condition, merge_policy, time_zone),
            renamed_from=config.renamed_from,
        )


def content_hash(condition: Condition, merge_policy: str, time_zone: str) -> str:
    """SHA-256 (hex) over the canonical condition and what else decides who is a member."""
    return hashlib.sha256("\n".join((canonical_text(condition), merge_policy, time_zone)).encode()).hexdigest()
