"""A project is found in a folder, in an archive of each kind, and behind a URI of either."""

from __future__ import annotations

import shutil
import tarfile
import zipfile
from pathlib import Path

import pytest

from profile_engine.errors import ConfigurationError
from profile_engine.project.location import local_project
from profile_engine.workspace import open_workspace
from profile_engine.workspace.lasting_places import refuse_lost_writes


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "shop" / "conf").mkdir(parents=True)
    (tmp_path / "shop" / "conf" / "engine.yaml").write_text("lake: {path: lake}\n")
    return tmp_path / "shop"


def test_a_folder_is_its_own_place(shop: Path):
    assert local_project(shop) == shop.resolve()


@pytest.mark.parametrize("kind", ["zip", "gztar", "tar"])
@pytest.mark.parametrize("inside", ["at the top", "in one folder"])
def test_an_archive_is_unpacked(shop: Path, tmp_path: Path, kind: str, inside: str):
    root, base = (shop, None) if inside == "at the top" else (shop.parent, "shop")
    archive = shutil.make_archive(str(tmp_path / "packed"), kind, root, base)
    found = local_project(archive)
    assert (found / "conf" / "engine.yaml").read_text() == "lake: {path: lake}\n"


@pytest.mark.parametrize("what", ["folder", "archive"])
def test_a_uri_is_fetched(shop: Path, tmp_path: Path, what: str):
    place = shop if what == "folder" else Path(shutil.make_archive(str(tmp_path / "packed"), "zip", shop))
    found = local_project(place.as_uri())
    assert found != shop.resolve()
    assert (found / "conf" / "engine.yaml").is_file()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: folder / "nothing", "there is no project at"),
        (lambda folder: (folder / "empty").mkdir() or folder / "empty", "holds no conf/engine.yaml"),
        (lambda folder: _written(folder / "notes.txt"), "neither a folder nor an archive"),
        (lambda folder: _written(folder / "torn.zip"), "can't be unpacked"),
        (lambda folder: (folder / "gone").as_uri(), "there is no project at file://"),
        (lambda folder: "nonsense://bucket/project", "can't be read"),
    ],
)
def test_what_is_no_project_is_said(tmp_path: Path, make, words: str):
    with pytest.raises(ConfigurationError, match=words):
        local_project(make(tmp_path))


def test_an_archive_can_not_write_outside_its_folder(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
        archive.writestr("../../escaped.txt", "x")
    with pytest.raises(ConfigurationError, match="leaves its folder"):
        local_project(tmp_path / "evil.zip")
    with tarfile.open(tmp_path / "evil.tar", "w") as opened:
        opened.add(_written(tmp_path / "x.txt"), arcname="../escaped.txt")
    with pytest.raises(ConfigurationError, match="can't be unpacked"):
        local_project(tmp_path / "evil.tar")


def _written(path: Path) -> Path:
    path.write_text("x")
    return path


def test_what_would_be_written_into_a_temporary_copy_is_refused(shop: Path, tmp_path: Path):
    (shop / "conf" / "identity").mkdir()
    (shop / "conf" / "identity" / "namespaces.yaml").write_text("priority: [{crm_id: {kind: person}}]\n")
    archive = shutil.make_archive(str(tmp_path / "packed"), "zip", shop)
    with pytest.raises(ConfigurationError, match=r"would be lost: lake.path \(lake\)"):
        open_workspace(archive).lake
    refuse_lost_writes(open_workspace(archive, lake=str(tmp_path / "lake")).project, ["destinations"])
    refuse_lost_writes(open_workspace(shop).project, ["destinations"])
