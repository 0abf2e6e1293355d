"""The registry of strategies: every one is a key of the configuration, and no name is there twice."""

from __future__ import annotations

from profile_engine.profiles.config import AttributeRule
from profile_engine.profiles.strategies import STRATEGIES


def test_every_strategy_can_be_written_in_a_merge_policy_and_every_key_has_its_strategy() -> None:
    assert set(STRATEGIES) == set(AttributeRule.model_fields)
