"""Versions of merge policies: one begins when the content moves, and only then."""

from __future__ import annotations

from datetime import UTC, datetime

from profile_engine.profiles.config import AttributeRule, MergePolicyConfig
from profile_engine.profiles.policy_versions import new_versions

DAYS = [datetime(2026, 1, day, tzinfo=UTC) for day in range(1, 5)]
NEWEST = MergePolicyConfig(default=True)
BY_DATASET = MergePolicyConfig(default=True, attributes=AttributeRule(dataset_order=["crm"]))


def test_a_policy_begins_a_version_when_its_content_moves() -> None:
    first = new_versions([], {"default": NEWEST, "alone": MergePolicyConfig(identity_graph=False)}, DAYS[0], "r1")
    assert [(one.merge_policy, one.version, one.default) for one in first] == [
        ("alone", 1, False), ("default", 1, True)
    ]  # fmt: skip
    assert new_versions(first, {"default": NEWEST}, DAYS[1], "r2") == []
    second = new_versions(first, {"default": BY_DATASET}, DAYS[2], "r3")
    assert [(one.version, one.valid_from, one.run_id) for one in second] == [(2, DAYS[2], "r3")]
    # back to what it was is a new version too: profiles are merged by it from then on
    third = new_versions([*second, *first], {"default": NEWEST}, DAYS[3], "r4")
    assert [(one.version, one.content_hash) for one in third] == [(3, first[1].content_hash)]
