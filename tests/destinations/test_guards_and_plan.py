"""Guards, and what is planned for an audience; no Spark."""

from __future__ import annotations

from pathlib import Path

import pytest

from profile_engine.destinations.config import DestinationConfig, GuardsConfig
from profile_engine.destinations.connectors import connector, connectors
from profile_engine.destinations.file_formats import file_format, file_formats
from profile_engine.destinations.guards import AudienceSizes, refusal
from profile_engine.destinations.ledger import LastDelivery
from profile_engine.destinations.mapping import DestinationMapping, MappedAudience, mapping_hash
from profile_engine.destinations.plan import planned, told_of_last_members
from profile_engine.destinations.registry import modules_by_name
from profile_engine.errors import ConfigurationError
from profile_engine.project import open_project
from tests.destinations.shop import ADVERTISING, day, destination
from tests.project.small_project import change, small_project

GUARDS = GuardsConfig.model_validate(
    {"removals": {"at_most": "30 %"}, "audience": {"at_least": 10}, "when_empty": "stop"}
)


@pytest.mark.parametrize(
    ("before", "now", "left", "says"),
    [
        (None, 100, None, None),
        (None, 9, None, "has 9 rows, fewer than audience.at_least 10"),
        (100, 70, 30, None),
        (100, 69, 31, "would lose 31 of 100 rows (31.0 %), more than removals.at_most 30 %"),
        (100, 100, 31, "would lose 31 of 100"),  # as many came as went
        (100, 69, None, "would lose 31 of 100"),  # no comparison row by row: the sizes alone
        (100, 100, None, None),
        (100, 0, 100, "has no rows now and had 100 at its last delivery"),
        (0, 10, 0, None),
        (100, 9, 1, "fewer than audience.at_least"),
    ],
)
def test_guards(before: int | None, now: int, left: int | None, says: str | None):
    sentence = refusal("ads/vip", AudienceSizes(before, now, left), GUARDS, lambda gate: False)
    assert (sentence is None) if says is None else (sentence is not None and says in sentence)


def test_a_removal_and_an_emptied_audience_can_be_confirmed_by_name():
    confirmed = {"removals:ads/vip", "empty:ads/gone"}
    assert refusal("ads/vip", AudienceSizes(100, 50, 50), GUARDS, confirmed.__contains__) is None
    assert refusal("ads/gone", AudienceSizes(100, 0, 100), GUARDS, confirmed.__contains__) is None
    assert refusal("ads/other", AudienceSizes(100, 50, 50), GUARDS, confirmed.__contains__) is not None


def last(mapping: str) -> LastDelivery:
    return LastDelivery("key", "full", day(1), (5,), 5, 3, 4, mapping, "run-1")


@pytest.mark.parametrize(
    ("mode", "was", "readable", "operation", "compared", "why"),
    [
        ("full_then_changes", None, True, "full", False, None),
        ("full_then_changes", "same", True, "changes", True, None),
        ("full_then_changes", "other", True, "full", False, "has changed since 2026-11-01"),
        ("full_then_changes", "same", False, "full", False, "can't be read any more"),
        ("full", None, True, "full", False, None),
        ("full", "same", True, "full", True, None),
        ("full", "other", True, "full", False, None),
    ],
)
def test_plan(mode: str, was: str | None, readable: bool, operation: str, compared: bool, why: str | None):
    audience = MappedAudience(0, "vip", "vip", 1, "default", "same")
    [plan] = planned([audience], mode, {"vip": last(was)} if was else {}, lambda _: readable)
    assert (plan.operation, plan.compared) == (operation, compared)
    assert (plan.why_whole is None) if why is None else (plan.why_whole is not None and why in plan.why_whole)


def hash_of(config: DestinationConfig, merge_policy: str = "default") -> str:
    mapping = DestinationMapping.of(config, None if config.consent == "not_needed" else ADVERTISING)
    settings = connector(config.connector).Settings.model_validate(config.connector_settings)
    options = file_format(config.file_format).Options.model_validate(config.format_options)
    return mapping_hash(config, config.audiences[0], mapping, merge_policy, settings, options)


def test_the_mapping_hash_moves_with_whatever_decides_the_files_and_with_nothing_else():
    given = destination(attributes={"city": "address.city", "points": "points"})
    others = [
        destination(attributes={"points": "points", "city": "address.city"}),
        destination(attributes={"city": "address.city"}),
        destination(attributes={"city": "address.country", "points": "points"}),
        given.model_copy(update={"identity": {"email": "sha256_hex"}}),
        given.model_copy(update={"identity": {"crm_id": "as_is"}}),
        given.model_copy(update={"consent": destination(consent={"purpose": "advertising"}).consent}),
        given.model_copy(update={"format": {"csv": {"delimiter": ";"}}}),
        given.model_copy(update={"to": {"folder": {"path": "elsewhere"}}}),
    ]
    same = [
        given.model_copy(update={"description": "words"}),
        given.model_copy(update={"format": {"csv": {"delimiter": ","}}}),
    ]
    assert len({hash_of(given), hash_of(given, "other_policy"), *map(hash_of, others)}) == 2 + len(others)
    assert {hash_of(given)} == {hash_of(config) for config in same}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"audiences": ["vip", {"segment": "lapsed", "as": "VIP"}]}, "given twice"),
        ({"audiences": [{"segment": "vip", "as": "ü" * 60}]}, "too long"),
        ({"attributes": {"Email": "email"}}, "can't be used"),
        ({"attributes": {"__part": "points"}}, "can't be used"),
        ({"attributes": {"a": "points", "A": "points"}}, "can't be used"),
        ({"attributes": {"status": "points"}, "export": {"mode": "full_then_changes"}}, "can't be used"),
        ({"identity": {"email": "as_is", "phone": "as_is"}}, "one identity"),
        ({"export": {"mode": "full", "rows_per_file": "0"}}, "greater than or equal to 1"),
    ],
)
def test_destinations_that_can_not_be(given: dict[str, object], says: str):
    with pytest.raises(ValueError, match=says):
        destination(**given)


def test_registries_find_their_files_and_name_what_they_know():
    assert list(connectors()) == ["folder", "s3_files"]
    assert list(file_formats()) == ["csv", "json", "parquet"]
    with pytest.raises(ConfigurationError, match="did you mean 's3_files'"):
        connector("s3_file")
    with pytest.raises(ConfigurationError, match="unknown file format 'xml'"):
        file_format("xml")


def test_a_name_used_twice_names_both_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    package = tmp_path / "two_of_a_name"
    package.mkdir()
    for file in ("__init__", "one", "two"):
        (package / f"{file}.py").write_text('NAME = "same"\n')
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ConfigurationError, match=r"one\.py and .*two\.py"):
        modules_by_name("two_of_a_name")


@pytest.mark.parametrize(
    ("name", "settings", "says"),
    [
        ("folder", {"path": "s3://bucket/x"}, "s3_files"),
        ("folder", {"path": ""}, "path"),
        ("folder", {"folder": "x"}, "path"),
        ("s3_files", {"bucket": "Not_A_Bucket"}, "pattern"),
        ("s3_files", {"bucket": "fine", "key": "secret"}, "extra"),
    ],
)
def test_settings_that_can_not_be(name: str, settings: dict[str, str], says: str):
    with pytest.raises(ValueError, match=says):
        connector(name).Settings.model_validate(settings)


def test_a_folder_that_spark_takes_for_a_pattern_is_refused(tmp_path: Path):
    folder = connector("folder")
    with pytest.raises(ConfigurationError, match="rename it"):
        folder.target(folder.Settings.model_validate({"path": "ex[1]"}), tmp_path)


def test_an_audience_of_a_segment_that_was_set_aside_is_told_of(tmp_path: Path):
    root = small_project(tmp_path)
    change(root, "segments/web/buyers.yaml", "{amount: {", "{amunt: {")
    project = open_project(root, broken_rules_aside=True)
    [first, second] = told_of_last_members(project, [("ads", "rich"), ("ads", "BUYERS")])
    assert (
        first
        == "ads/rich: segment rich was set aside, so the members that it had are sent: it names buyers, which was set aside"
    )
    assert second.startswith(
        "ads/BUYERS: segment buyers was set aside, so the members that it had are sent: segments/web/buyers.yaml:4:31: "
    )
    assert told_of_last_members(open_project(small_project(tmp_path / "sound")), [("ads", "rich")]) == []
