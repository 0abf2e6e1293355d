"""Which rule decides an attribute: the longest exception that matches whole steps of the path."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from profile_engine.profiles.attribute_rules import ChosenRule, chosen_rules
from profile_engine.profiles.config import AttributeRule, MergePolicyConfig

SOURCE_TIME = ChosenRule("newest", "source_time")
INGESTED = ChosenRule("newest", "ingested_at")


def test_the_longest_matching_exception_holds_and_paths_match_by_step() -> None:
    policy = MergePolicyConfig(
        exceptions={
            "address": AttributeRule(dataset_order=["crm", "shop"]),
            "address.home.city": AttributeRule(newest="ingested_at"),
            "address.home": AttributeRule(dataset_order=["shop"]),
        }
    )
    paths = ["address.country", "address.home.zip", "address.home.city", "address.home.city_code", "addressee", "email"]
    assert chosen_rules(policy, paths) == {
        "address.country": ChosenRule("dataset_order", ("crm", "shop")),
        "address.home.zip": ChosenRule("dataset_order", ("shop",)),
        "address.home.city": INGESTED,
        "address.home.city_code": ChosenRule("dataset_order", ("shop",)),
        "addressee": SOURCE_TIME,
        "email": SOURCE_TIME,
    }


def test_without_a_word_the_newest_by_the_sources_time_wins() -> None:
    assert chosen_rules(MergePolicyConfig(), ["email"]) == {"email": SOURCE_TIME}


@pytest.mark.parametrize("written", [{}, {"newest": "source_time", "dataset_order": ["crm"]}, {"newest": "yesterday"}])
def test_a_rule_names_one_strategy(written: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        AttributeRule.model_validate(written)
