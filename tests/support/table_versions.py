"""The Delta version of each table of a lake folder, as its transaction log on disk tells."""

from __future__ import annotations

from pathlib import Path


def table_versions(lake: Path) -> dict[str, int]:
    """Newest version by table name."""
    logs = lake.glob("*/_delta_log")
    return {
        log.parent.name: max(int(commit.stem) for commit in log.glob("*.json") if commit.stem.isdigit()) for log in logs
    }


def files_below(folder: Path) -> dict[str, bytes]:
    """Every file by its path, with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
