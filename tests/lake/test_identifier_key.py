"""The key of identifier hashes: made once, kept closed, never changed."""

from __future__ import annotations

import hashlib
import hmac
import stat
from pathlib import Path

import pytest

from profile_engine.config.secrets import Secret
from profile_engine.errors import ConfigurationError, LakeError
from profile_engine.lake.control import LocalControl
from profile_engine.lake.identifier_key import identifier_key


def test_it_is_made_once_with_the_lake_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    control = LocalControl(tmp_path)
    key = identifier_key(control, None, lake="x", has_ids=False)
    assert len(key) == 32
    assert identifier_key(control, None, lake="x", has_ids=True) == key
    assert stat.S_IMODE((tmp_path / "identifier_key").stat().st_mode) == 0o600


def test_a_lost_or_another_key_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    control = LocalControl(tmp_path)
    key = identifier_key(control, None, lake="x", has_ids=False)
    control.remove("identifier_key")
    for has_ids in (True, False):  # the fingerprint alone says that there was a key
        with pytest.raises(LakeError, match="put the file identifier_key back"):
            identifier_key(control, None, lake="x", has_ids=has_ids)
    with pytest.raises(LakeError, match="put the file identifier_key back"):
        identifier_key(LocalControl(tmp_path / "emptied"), None, lake="x", has_ids=True)
    monkeypatch.setenv("KEY", "another key, and long enough")
    with pytest.raises(LakeError, match="not the one that the lake at x was made with"):
        identifier_key(control, Secret("env/KEY"), lake="x", has_ids=True)
    monkeypatch.setenv("KEY", key.hex())
    assert identifier_key(control, Secret("env/KEY"), lake="x", has_ids=True) == key
    monkeypatch.setenv("KEY", "short")
    with pytest.raises(ConfigurationError, match="openssl rand -hex 32") as refused:
        identifier_key(control, Secret("env/KEY"), lake="x", has_ids=True)
    assert "short" not in str(refused.value).replace("shorter", "")


def test_a_lake_whose_ids_an_earlier_version_made_is_refused(tmp_path: Path) -> None:
    # given the right key, under the fingerprint of a version that made ids otherwise
    control = LocalControl(tmp_path)
    key = identifier_key(LocalControl(tmp_path / "new"), None, lake="x", has_ids=False)
    control.create("identifier_key", key)
    earlier = hmac.new(key, b"fingerprint of the identifier key", hashlib.sha256).hexdigest()
    control.create("identifier_key.fingerprint", earlier.encode())
    # then nobody gets a second id by another way
    with pytest.raises(LakeError, match="an earlier version made its ids in another way"):
        identifier_key(control, None, lake="x", has_ids=True)
