"""A small project that is valid, to be changed one thing at a time."""

from __future__ import annotations

import shutil
from pathlib import Path

SMALL = Path(__file__).parent / "small"


def small_project(folder: Path) -> Path:
    """A copy of the small project in `folder`."""
    return Path(shutil.copytree(SMALL, folder / "project"))


def change(root: Path, file: str, old: str, new: str) -> None:
    """Replaces a text that stands exactly once in a file."""
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    path.write_text(text.replace(old, new), encoding="utf-8")
