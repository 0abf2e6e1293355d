"""Which rule of a merge policy decides an attribute: the policy's own, or its longest matching exception."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from profile_engine.profiles.config import AttributeRule, MergePolicyConfig

Setting = str | tuple[str, ...]
"""What a policy says beside the name of a strategy: a word, or names in order."""


@dataclass(frozen=True)
class ChosenRule:
    """A strategy by name with its setting, as written in the policy; equal rules are evaluated once."""

    strategy: str
    setting: Setting

    @property
    def time(self) -> str:
        """The time by which records are ordered: `ingested_at` where the rule says so, else the customer's."""
        return "ingested_at" if self.setting == "ingested_at" else "source_time"


def chosen_rules(policy: MergePolicyConfig, paths: Iterable[str]) -> dict[str, ChosenRule]:
    """The rule of every leaf path. An exception for an object holds for all below it, unless a longer one matches."""
    return {path: _chosen(_rule_at(policy, exception_for(policy, path))) for path in paths}


def exception_for(policy: MergePolicyConfig, path: str) -> str | None:
    """The exception that decides a path; None where the policy's own rule does."""
    steps = path.split(".")
    above = (".".join(steps[:length]) for length in range(len(steps), 0, -1))
    return next((each for each in above if each in policy.exceptions), None)


def _rule_at(policy: MergePolicyConfig, exception: str | None) -> AttributeRule:
    return policy.attributes if exception is None else policy.exceptions[exception]


def _chosen(rule: AttributeRule) -> ChosenRule:
    ((strategy, setting),) = rule.model_dump(exclude_none=True).items()
    return ChosenRule(strategy, tuple(setting) if isinstance(setting, list) else str(setting).lower())
