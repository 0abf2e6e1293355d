"""Commits of one table, newest first: which run made them, how many rows they wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

_COMMIT_FILE = re.compile(r"^(\d{20})\.json$")


@dataclass(frozen=True, slots=True)
class Commit:
    """One version of one table. `run_id` and `fence` are None for a commit that no run of the engine made;
    `restores` is the version whose content this commit brought back."""

    table: str
    version: int
    at: datetime
    operation: str
    rows: int
    run_id: str | None = None
    fence: int | None = None
    restores: int | None = None
    mode: str = ""
    """Of a write: `Append` or `Overwrite`."""


def commit_mark(run_id: str, fence: int, restores: int | None = None) -> str:
    """What a run writes into `userMetadata` of every commit it makes."""
    mark: dict[str, str | int] = {"run": run_id, "fence": fence}
    if restores is not None:
        mark["restores"] = restores
    return json.dumps(mark)


def commit_of(
    table: str,
    version: int,
    at: datetime,
    operation: str,
    metrics: Mapping[str, str] | None,
    mark: str | None,
    parameters: Mapping[str, str] | None = None,
) -> Commit:
    """A commit from the words of Delta's log or history."""
    try:
        given = json.loads(mark) if mark else {}
    except ValueError:  # somebody else's metadata
        given = {}
    if not isinstance(given, dict) or not {"run", "fence"} <= set(given):
        given = {}
    rows = int((metrics or {}).get("numOutputRows", 0))
    mode = (parameters or {}).get("mode", "")
    return Commit(
        table, version, at, operation, rows, given.get("run"), given.get("fence"), given.get("restores"), mode
    )


def logged_versions(names: Iterable[str]) -> list[int]:
    """The versions among the names of the files in a `_delta_log` folder, ascending."""
    return sorted(int(match[1]) for match in map(_COMMIT_FILE.match, names) if match)


def commit_file(version: int) -> str:
    return f"{version:020d}.json"


def logged_commit(table: str, version: int, content: bytes) -> Commit:
    """A commit read from the content of its file in a `_delta_log` folder: no Spark job, a few kilobytes."""
    info = _commit_info(content.decode().splitlines())
    at = datetime.fromtimestamp(cast(int, info.get("timestamp", 0)) / 1000, tz=UTC)
    return commit_of(
        table,
        version,
        at,
        str(info.get("operation", "")),
        cast("dict[str, str] | None", info.get("operationMetrics")),
        cast("str | None", info.get("userMetadata")),
        cast("dict[str, str] | None", info.get("operationParameters")),
    )


def _commit_info(lines: Iterable[str]) -> dict[str, object]:
    for line in lines:
        if line.startswith('{"commitInfo"'):
            info: dict[str, object] = json.loads(line)["commitInfo"]
            return info
    return {}
