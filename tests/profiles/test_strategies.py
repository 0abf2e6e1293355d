"""The registry of strategies: every one is a key of the configuration, and no name is there twice."""

from __future__ import annotations

import pytest

from profile_engine.errors import ConfigurationError
from profile_engine.profiles.config import AttributeRule
from profile_engine.profiles.strategies import STRATEGIES, by_name, newest


def test_every_strategy_can_be_written_in_a_merge_policy_and_every_key_has_its_strategy() -> None:
    assert set(STRATEGIES) == set(AttributeRule.model_fields)


def test_a_name_that_is_used_twice_is_refused_with_both_places() -> None:
    with pytest.raises(ConfigurationError, match=r"strategies\.newest and .*strategies\.newest"):
        by_name([newest, newest])
