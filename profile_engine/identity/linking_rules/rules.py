"""What a project asks of graphs: unique namespaces, the order of priority, the most identifiers, and what one task replays."""

from __future__ import annotations

from dataclasses import dataclass, field

from profile_engine.identity.config import StitchingConfig
from profile_engine.schemas.namespace_rules import Namespaces

UNIQUE_NAMESPACE, CONTRADICTING_EVENT = "unique_namespace", "contradicting_event"
IDENTITY_LIMIT, REPLAY_LIMIT = "identity_limit", "replay_limit"
RULE_REASONS = (UNIQUE_NAMESPACE, CONTRADICTING_EVENT, IDENTITY_LIMIT, REPLAY_LIMIT)
"""Reasons for which a rule of this package drops a link."""

_REMOVED_IN = {"partner": 0, "cookie": 1, "device": 2}
_REMOVED_LAST = 3


@dataclass(frozen=True)
class LinkingRules:
    """Namespaces are told by their priority, 1 the highest; one that the project no longer has comes after all."""

    unique: frozenset[int]
    """Priorities of namespaces of which a graph has at most one value."""
    removed_in: dict[int, int] = field(default_factory=dict)
    """By priority: the turn in which identifiers leave a graph that is too large, 0 first; unknown ones leave first."""
    most_identifiers: int | None = None
    replay_limit: int = 50_000

    @classmethod
    def of(cls, namespaces: Namespaces, stitching: StitchingConfig) -> LinkingRules:
        return cls(
            frozenset(namespaces.priority(config.name) for config in namespaces.configs if config.unique),
            {
                namespaces.priority(config.name): _REMOVED_IN.get(config.kind, _REMOVED_LAST)
                for config in namespaces.configs
            },
            stitching.identifiers_per_profile,
            stitching.replay_limit,
        )

    @property
    def say_something(self) -> bool:
        """Whether any graph could break them."""
        return bool(self.unique) or self.most_identifiers is not None
