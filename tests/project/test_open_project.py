"""A valid project opens as one frozen whole, with environments, defaults and hashes that move only when they should."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from profile_engine.config.problems import ConfigErrors
from profile_engine.project import Project, open_project
from profile_engine.project.segment_file import read_segment_file
from tests.project.small_project import SMALL, change, small_project

STAGES = ("datasets", "identity", "profiles", "segments", "destinations")
SHIPPED = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def project() -> Project:
    return open_project(SMALL)


def hashes(root: Path) -> dict[str, str]:
    opened = open_project(root)
    return {stage: opened.configuration_hash(stage) for stage in STAGES}


def test_everything_is_there(project: Project) -> None:
    assert list(project.schemas) == ["customer", "web_event"]
    assert list(project.datasets) == ["crm", "web"]
    assert list(project.segments) == ["buyers", "rich"]
    assert project.namespaces.names == ("crm_id", "email", "phone", "idfa", "ecid", "shop")
    assert project.namespaces.is_blocked("email", "test@test.com")
    assert project.event_union.event_types == {"page_view", "order"}
    assert project.record_union.leaf("address.country") is not None
    assert project.event_fields() == {"amount"}
    assert project.default_merge_policy == "default"
    assert list(project.enabled_datasets()) == ["crm", "web"]
    assert project.warnings == ()


def test_segments_are_read_and_told_with_the_names_of_others(project: Project) -> None:
    rich = project.segments["rich"]
    assert "Buyers" in rich.sentence
    assert rich.merge_policy == "default"
    assert rich.position.file.endswith("segments/value/rich.yaml")


def test_a_project_is_frozen(project: Project) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        project.environment = "x"  # type: ignore[misc]


def test_an_environment_is_laid_over_it() -> None:
    prod = open_project(SMALL, "prod")
    assert prod.engine.lake.path == "s3a://bucket/lake"
    assert prod.engine.time_zone == "Europe/Amsterdam"
    assert prod.destinations["ads"].export.mode == "full_then_changes"


def test_an_environment_may_take_a_key_away_and_add_a_destination_of_its_own(tmp_path: Path) -> None:
    root = small_project(tmp_path)
    (root / "conf/environments/cloud.yaml").write_text(
        "engine: {lake: {path: null, catalog: main, schema: cdp, control: /control}}\n"
        "identity: {stitching: {identifiers_per_record: 5}}\n"
        "destinations:\n  partner: {to: {folder: {path: x}}, identity: {crm_id: as_is}, audiences: [rich],"
        " export: {mode: full}, consent: not_needed}\n"
    )
    cloud = open_project(root, "cloud")
    assert (cloud.engine.lake.path, cloud.engine.lake.catalog) == (None, "main")
    assert cloud.stitching.identifiers_per_record == 5
    assert list(cloud.destinations) == ["ads", "partner"]
    assert list(open_project(root).destinations) == ["ads"]


def test_what_may_be_left_out_has_defaults(tmp_path: Path) -> None:
    root = small_project(tmp_path)
    for file in ("conf/identity/stitching.yaml", "conf/profiles/merge_policies.yaml", "conf/destinations/ads.yaml",
                 "conf/consent/purposes.yaml", "conf/environments/prod.yaml"):  # fmt: skip
        (root / file).unlink()
    opened = open_project(root)
    assert opened.destinations == {}
    assert opened.purposes == {}
    assert opened.default_merge_policy == "default"
    assert opened.namespaces.is_blocked("email", "null")


def test_the_default_merge_policy_holds_for_segments_that_name_none(tmp_path: Path) -> None:
    root = small_project(tmp_path)
    change(
        root,
        "conf/profiles/merge_policies.yaml",
        "default:\n",
        "strict: {}\nloose:\n  default: true\n",
    )
    change(root, "segments/web/buyers.yaml", "tags: [web]", "merge_policy: strict")
    opened = open_project(root)
    assert opened.default_merge_policy == "loose"
    assert {name: segment.merge_policy for name, segment in opened.segments.items()} == {
        "buyers": "strict",
        "rich": "loose",
    }


def test_all_problems_of_all_files_are_shown_at_once(tmp_path: Path) -> None:
    root = small_project(tmp_path)
    change(root, "conf/engine.yaml", "time_zone", "timezone")
    change(root, "conf/datasets/crm.yaml", "mode: upsert", "mode: upsrt")
    change(root, "conf/destinations/ads.yaml", "[rich, ", "[richer, ")
    change(root, "segments/value/rich.yaml", "points:", "point:")
    with pytest.raises(ConfigErrors) as raised:
        open_project(root)
    shown = str(raised.value)
    assert [problem.code for problem in raised.value.problems.errors] == ["E113", "E265", "E111", "E301"]
    assert shown.endswith("4 problems found")
    assert raised.value.exit_code == 2


def test_an_enabled_schema_without_data_is_a_warning_and_no_error(tmp_path: Path) -> None:
    root = small_project(tmp_path)
    change(root, "conf/datasets/web.yaml", "profile: enabled", "profile: disabled")
    (warning,) = open_project(root).warnings
    assert warning.startswith("conf/schemas/web_event.yaml:12:10: warning[E228]: schema web_event is enabled")


def test_a_schema_that_cannot_be_read_hides_no_mistake_in_a_rule_and_adds_none(tmp_path: Path) -> None:
    root = small_project(tmp_path)
    change(root, "conf/schemas/customer.yaml", "class: record", "class: recrod")
    change(root, "segments/web/buyers.yaml", "event: order", "evnt: order")
    with pytest.raises(ConfigErrors) as raised:
        open_project(root)
    assert {problem.position.file.rpartition("/")[2] for problem in raised.value.problems.errors} == {
        "customer.yaml",
        "buyers.yaml",
    }


@pytest.mark.parametrize(
    ("file", "old", "new", "moved"),
    [
        ("conf/field_groups/contact.yaml", "description: How somebody is reached", "description: Words", set()),
        ("segments/web/buyers.yaml", "tags: [web]", "description: words\ntags: [web, other]", set()),
        ("segments/web/buyers.yaml", "name: Buyers", "# a comment moves the rule\nname: Buyers", set()),
        ("segments/web/buyers.yaml", "at_least: 20", "at_least: 30", {"segments"}),
        ("segments/web/buyers.yaml", "amount: {at_least: 20}", "type: order", {"segments", "profiles"}),
        ("conf/datasets/crm.yaml", "crm/*.csv", "other/*.csv", {"datasets"}),
        ("conf/datasets/crm.yaml", "mode: upsert", "mode: upsert\n    expected_every: 1 day", set()),
        ("conf/datasets/crm.yaml", "newest_by: updated_at", "superseded_links: end", {"datasets", "identity", "profiles"}),
        ("conf/identity/namespaces.yaml", "persons_per_value: 4", "persons_per_value: 9", {"identity"}),
        ("conf/identity/stitching.yaml", "[Test@Test.com]", "[a@a.test]", {"datasets", "identity"}),
        ("conf/profiles/merge_policies.yaml", "source_time", "ingested_at", {"profiles"}),
        ("conf/consent/purposes.yaml", '["y"]', '["n"]\n  refused: ["y"]', {"destinations"}),
        ("conf/destinations/ads.yaml", "mode: full", "mode: full_then_changes", {"destinations"}),
        ("conf/engine.yaml", "Europe/Amsterdam", "UTC", {"datasets", "profiles", "segments", "destinations"}),
    ],
)  # fmt: skip
def test_a_stage_runs_anew_only_when_its_own_configuration_moved(
    file: str, old: str, new: str, moved: set[str], tmp_path: Path
) -> None:
    root = small_project(tmp_path)
    before = hashes(root)
    change(root, file, old, new)
    after = hashes(root)
    assert {stage for stage in STAGES if before[stage] != after[stage]} == moved


def test_hashes_do_not_depend_on_where_the_project_is(tmp_path: Path) -> None:
    assert hashes(small_project(tmp_path)) == hashes(SMALL)


def test_a_segment_is_read_before_it_is_anybodys(project: Project, tmp_path: Path) -> None:
    file = tmp_path / "nearly_rich.yaml"
    file.write_text("name: Nearly\nmembers:\n  points: {between: [500, 999]}\n  not: {in_segment: rich}\n")
    segment = read_segment_file(project, file)
    assert (segment.id, segment.name, segment.merge_policy) == ("nearly_rich", "Nearly", "default")
    assert "Rich" in segment.sentence

    file.write_text("name: Nearly\nmembers: {pointz: 1}\n")
    with pytest.raises(ConfigErrors, match="did you mean 'points'"):
        read_segment_file(project, file)


def test_a_file_of_nobodys_may_not_name_a_segment_that_sees_other_people(tmp_path: Path) -> None:
    root = small_project(tmp_path)
    change(root, "conf/profiles/merge_policies.yaml", "default:\n", "alone: {identity_graph: false}\ndefault:\n")
    file = tmp_path / "not_rich.yaml"
    file.write_text("name: Not\nmerge_policy: alone\nmembers: {not: {in_segment: rich}}\n")
    with pytest.raises(ConfigErrors, match="'alone' owners of single identifiers"):
        read_segment_file(open_project(root), file)


@pytest.mark.parametrize(
    "environment", [None, *sorted(file.stem for file in (SHIPPED / "conf/environments").glob("*.yaml"))]
)
def test_the_shipped_project_is_valid_in_every_environment(environment: str | None) -> None:
    shipped = open_project(SHIPPED, environment)
    assert len(shipped.segments) >= 12
    assert shipped.warnings == ()


def test_rulings_are_read_in_normal_form_and_move_identity_only(tmp_path: Path) -> None:
    root = small_project(tmp_path)
    before = hashes(root)
    file = root / "conf" / "identity" / "rulings.yaml"
    file.write_text(
        "rulings:\n"
        '  - {cut: [{phone: "+49 30 123456"}, {crm_id: C1}], by: ann, on: 2026-03-01, why: given to another customer}\n'
        "  - {cut: {email: Office@X.de}, by: ann, on: 2026-03-02, why: an office}\n",
        encoding="utf-8",
    )
    first, second = open_project(root).rulings
    assert (first.verdict, first.about) == ("cut", (("crm_id", "C1"), ("phone", "+4930123456")))
    assert (first.of_link, first.by, str(first.on), first.why) == (
        True,
        "ann",
        "2026-03-01",
        "given to another customer",
    )
    assert (second.of_link, second.about) == (False, (("email", "office@x.de"),))
    after = hashes(root)
    assert {stage for stage in STAGES if after[stage] != before[stage]} == {"identity"}
    file.write_text(file.read_text(encoding="utf-8").replace("an office", "the office"), encoding="utf-8")
    assert hashes(root) == after, "why it was ruled changes nothing"


def test_a_value_that_a_ruling_keeps_is_not_blocked(tmp_path: Path) -> None:
    root = small_project(tmp_path)
    (root / "conf" / "identity" / "rulings.yaml").write_text(
        "rulings: [{keep: {email: TEST@test.com}, by: ann, on: 2026-03-01, why: a real address}]", encoding="utf-8"
    )
    assert not open_project(root).namespaces.is_blocked("email", "test@test.com")
