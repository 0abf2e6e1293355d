"""What is wrong with a segment that is to be previewed is said before Spark starts."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import pytest

from profile_engine.errors import ConfigurationError
from profile_engine.workspace import open_workspace
from tests.project.small_project import small_project


@pytest.fixture(autouse=True)
def no_spark(monkeypatch: pytest.MonkeyPatch) -> None:
    def starts(*_: object, **__: object) -> NoReturn:
        raise AssertionError("Spark was started")

    monkeypatch.setattr("profile_engine.workspace.workspace.spark_session", starts)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"neither a file nor a segment 'nowhere\.yaml'"):
        open_workspace(small_project(tmp_path)).preview("nowhere.yaml")


def test_a_rule_that_names_an_unknown_field(tmp_path: Path) -> None:
    root = small_project(tmp_path)
    file = tmp_path / "tried.yaml"
    file.write_text("name: Tried\nmembers: {no_such_field: 1}\n")
    with pytest.raises(ConfigurationError, match="no_such_field"):
        open_workspace(root).preview(file)
