"""Which rule of a merge policy decides an attribute: the policy's own, or its longest matching exception."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from profile_engine.profiles.config import AttributeRule, MergePolicyConfig


@dataclass(frozen=True)
class ChosenRule:
    """A strategy by name with its setting, as written in the policy; equal rules are evaluated once."""

    strategy: str
    setting: str | tuple[str, ...]


def chosen_rules(policy: MergePolicyConfig, paths: Iterable[str]) -> dict[str, ChosenRule]:
    """The rule of every leaf path. An exception for an object holds for all below it, unless a longer one matches."""
    return {path: _chosen(_rule_for(policy, path)) for path in paths}


def _rule_for(policy: MergePolicyConfig, path: str) -> AttributeRule:
    steps = path.split(".")
    for length in range(len(steps), 0, -1):
        exception = policy.exceptions.get(".".join(steps[:length]))
        if exception is not None:
            return exception
    return policy.attributes


def _chosen(rule: AttributeRule) -> ChosenRule:
    ((strategy, setting),) = rule.model_dump(exclude_none=True).items()
    return ChosenRule(strategy, tuple(setting) if isinstance(setting, list) else str(setting))
