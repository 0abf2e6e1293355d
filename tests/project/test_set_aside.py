"""A rule that is broken stops no other: its segment is set aside where a run may go on, and nothing else may be broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from profile_engine.config.problems import ConfigErrors
from profile_engine.project import Project, open_project
from profile_engine.workspace import open_workspace
from tests.project.small_project import change, small_project

BUYERS, RICH = "segments/web/buyers.yaml", "segments/value/rich.yaml"


def opened(root: Path) -> Project:
    return open_project(root, broken_rules_aside=True)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return small_project(tmp_path)


def test_a_broken_rule_is_set_aside_with_its_place_and_so_are_those_that_name_it(root: Path) -> None:
    (root / "segments/poor.yaml").write_text("name: Poor\nmembers: {points: {below: 10}}\n")
    (root / "segments/both.yaml").write_text("name: Both\nmembers: {in_segment: [rich, poor]}\n")
    change(root, BUYERS, "{amount: {", "{amunt: {")
    project = opened(root)
    assert list(project.segments) == ["poor"]
    assert {id: one.reason for id, one in project.set_aside.items()} == {
        "both": "it names rich, which was set aside",
        "buyers": "segments/web/buyers.yaml:4:31: error[E301]: unknown event field or word 'amunt' (did you mean 'amount'?)",
        "rich": "it names buyers, which was set aside",
    }  # fmt: skip
    # the destination that sends them stays as it is
    assert [audience.segment for audience in project.destinations["ads"].audiences] == ["rich", "buyers"]
    # and whoever asks for a whole project is told as before
    with pytest.raises(ConfigErrors, match="E301"):
        open_project(root)


def test_a_workspace_opens_without_the_broken_rule_and_says_why_it_can_not_be_previewed(root: Path) -> None:
    change(root, BUYERS, "{amount: {", "{amunt: {")
    workspace = open_workspace(root)
    assert list(workspace.project.set_aside) == ["buyers", "rich"]
    with pytest.raises(Exception, match=r"buyers\.yaml:4:31"):
        workspace.preview("buyers")
    tried = root / "tried.yaml"
    tried.write_text("name: Tried\nmembers: {in_segment: buyers}\n")
    with pytest.raises(Exception, match=r"names segment buyers, which can't be evaluated: .*buyers\.yaml:4:31"):
        workspace.preview(tried)


@pytest.mark.parametrize(
    ("file", "text", "aside"),
    [
        (BUYERS, "name: 'Buyers\n", ["buyers", "rich"]),  # no YAML
        (BUYERS, "name: Buyers\nmembers: {in_segment: rich}\n", ["buyers", "rich"]),  # a circle
        (RICH, "name: Rich\nmembers: {points: 1}\nmerge_policy: other\n", ["rich"]),
        (RICH, "name: Rich\nmembers: {points: 1}\nrenamed_from: buyers\n", ["rich"]),
        ("segments/other/rich.yaml", "name: Rich\nmembers: {points: 1}\n", ["rich"]),  # described twice
        ("segments/everyone.yaml", "name: All\nmembers: {points: 1}\n", ["everyone"]),  # the name of the built-in one
    ],
)
def test_whatever_is_wrong_with_a_file_of_a_segment_sets_it_aside(root: Path, file: str, text: str, aside: list[str]):
    (root / file).parent.mkdir(exist_ok=True)
    (root / file).write_text(text)
    project = opened(root)
    assert list(project.set_aside) == aside
    assert list(project.segments) == [id for id in ("buyers", "rich") if id not in aside]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("conf/destinations/ads.yaml", "{segment: buyers", "{segment: buyer"),
        ("conf/schemas/web_event.yaml", "class: event", "class: evnt"),
    ],
)
def test_a_problem_elsewhere_stops_everything(root: Path, file: str, old: str, new: str):
    change(root, BUYERS, "{amount: {", "{amunt: {")
    change(root, file, old, new)
    with pytest.raises(ConfigErrors):
        opened(root)


def test_a_file_that_can_be_no_segment_stops_everything(root: Path) -> None:
    (root / "segments/notes.txt").write_text("to do\n")
    with pytest.raises(ConfigErrors, match="is no segment"):
        opened(root)


def test_an_old_name_is_known_of_a_segment_whose_rule_is_broken(root: Path) -> None:
    change(root, BUYERS, "tags: [web]", "renamed_from: shoppers")
    change(root, BUYERS, "{amount: {", "{amunt: {")
    assert opened(root).set_aside["buyers"].renamed_from == "shoppers"


def test_the_segments_alone_run_anew_when_one_is_set_aside_or_its_file_goes(root: Path) -> None:
    def hashes() -> tuple[str, ...]:
        return tuple(opened(root).configuration_hash(stage) for stage in ("datasets", "identity", "segments"))

    (root / "segments/poor.yaml").write_text("name: Poor\nmembers: {points: {below: 10}}\n")
    sound = hashes()
    (root / "segments/poor.yaml").write_text("name: Poor\nmembers: {pionts: {below: 10}}\n")
    broken = hashes()
    (root / "segments/poor.yaml").unlink()
    gone = hashes()
    assert sound[:2] == broken[:2] == gone[:2]
    assert len({sound[2], broken[2], gone[2]}) == 3
