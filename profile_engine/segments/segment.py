"""A segment: a rule about people under a name, as read from its file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from profile_engine.config.problems import Position
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
    """SHA-256 (hex) of the rule's meaning and its merge policy: words, order of keys and file do not count."""
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
            content_hash=content_hash(condition, merge_policy),
            renamed_from=config.renamed_from,
        )


def content_hash(condition: Condition, merge_policy: str) -> str:
    """Of what decides who is a member. Positions are no part of a condition's `repr`, so a moved rule keeps its hash."""
    return hashlib.sha256(f"{merge_policy}\n{condition!r}".encode()).hexdigest()
