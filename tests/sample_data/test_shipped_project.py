"""The shipped project: valid in every environment, and its truth speaks of the same segments and destinations."""

from __future__ import annotations

import pytest

from profile_engine.project import open_project
from sample_data.audiences import CONSENT, DESTINATIONS, SEGMENTS
from sample_data.truth import PERSONS_PER_VALUE, PRIORITY
from tests.sample_data.shop import ROOT


@pytest.mark.parametrize("environment", [None, "dev", "prod"])
def test_it_is_valid(environment: str | None):
    assert open_project(ROOT, environment).warnings == ()


def test_the_truth_knows_every_segment_and_destination():
    project = open_project(ROOT)
    assert set(project.segments) == set(SEGMENTS)
    assert set(project.purposes) == set(CONSENT)
    assert {
        name: (destination.consent.purpose, destination.namespace, {a.name: a.segment for a in destination.audiences})
        for name, destination in project.destinations.items()
    } == DESTINATIONS


def test_the_truth_knows_the_rules_of_identity():
    namespaces = open_project(ROOT).namespaces
    assert namespaces.names == PRIORITY
    limits = {config.name: config.persons_per_value for config in namespaces.configs if config.persons_per_value}
    assert {name: limit.at_most for name, limit in limits.items()} == PERSONS_PER_VALUE


def test_only_production_sends_to_a_bucket():
    assert {d.connector for d in open_project(ROOT).destinations.values()} == {"folder"}
    assert open_project(ROOT, "prod").destinations["partner_bucket"].connector == "s3_files"


@pytest.mark.parametrize(
    "words",
    [
        ("all:",), ("any:",), ("none:",), ("not:",), ("did:",), ("did_not:",), ("in_segment: everyone",), ("exists: true",),
        ("exists: false",), ("none_of:",), ("between:",), ("ends_with:", "ignoring_case: true"), ("after:",), ("above:",),
        ("within_last:",), ("during: last month",), ("times:",), ("sum:",), ("where:",), ("event: [",),
    ],
    ids=" ".join,
)  # fmt: skip
def test_some_segment_shows(words: tuple[str, ...]):
    texts = [path.read_text() for path in (ROOT / "segments").rglob("*.yaml")]
    assert any(all(word in text for word in words) for text in texts)
