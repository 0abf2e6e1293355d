"""The candidate release: the last release plus what the open run has written itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from profile_engine.lake.releases import LAKE_FORMAT, Release


class Candidate:
    """What will be published if the run ends well. Tables that are never rolled back are not part of it."""

    def __init__(self, base: Release | None) -> None:
        self.base = base
        self.versions: dict[str, int] = dict(base.tables) if base else {}
        self.inputs: dict[str, dict[str, int]] = {s: dict(v) for s, v in base.inputs.items()} if base else {}
        self.configurations: dict[str, str] = dict(base.configurations) if base else {}
        self.stage_times: dict[str, datetime] = dict(base.stage_times) if base else {}
        self._moved = False

    def moved(self, table: str, version: int) -> None:
        """The run wrote a table."""
        self.versions[table] = version
        self._moved = True

    def same_content(self, table: str, before: int, version: int, *, publish: bool) -> None:
        """A table has a new version with the rows it had (restored, compacted): who has read it need not read again."""
        news = table in self.versions
        if news:
            self.versions[table] = version
        for versions in self.inputs.values():
            if versions.get(table) == before:
                versions[table] = version
                news = True
        self._moved = self._moved or (news and publish)

    def stage_done(self, stage: str, read: dict[str, int], configuration_hash: str, at: datetime | None) -> None:
        """A stage has brought its tables up to these versions of what it reads."""
        before = (self.inputs.get(stage), self.configurations.get(stage), self.stage_times.get(stage))
        self.inputs[stage] = read
        self.configurations[stage] = configuration_hash
        if at is not None:
            self.stage_times[stage] = at
        self._moved = self._moved or before != (read, configuration_hash, self.stage_times.get(stage))

    def why_run(self, stage: str, read: dict[str, int], configuration_hash: str, as_of: datetime | None) -> str | None:
        """The first reason for which a stage has work; `as_of` is given for stages whose result depends on time."""
        if stage not in self.inputs:
            return "it has not run yet"
        if self.configurations.get(stage) != configuration_hash:
            return "its configuration has changed"
        moved = [table for table, version in read.items() if self.inputs[stage].get(table) != version]
        gone = [table for table in self.inputs[stage] if table not in read]
        if moved or gone:
            return f"its input has moved on: {', '.join(sorted(moved + gone))}"
        if as_of is not None and self.stage_times.get(stage) != as_of:
            return "time has moved on"
        return None

    @property
    def is_news(self) -> bool:
        """Whether there is anything to publish."""
        return self._moved or (self.base is not None and self.base.lake_format != LAKE_FORMAT)

    def release(self, run_id: str, as_of: datetime, published_at: datetime) -> Release:
        number = 1 if self.base is None else self.base.release_id + 1
        return Release(
            number,
            run_id,
            as_of,
            dict(self.versions),
            {stage: dict(versions) for stage, versions in self.inputs.items()},
            dict(self.configurations),
            dict(self.stage_times),
            published_at,
        )

    def written_over(self, tables: Iterable[str]) -> dict[str, int | None]:
        """For each table the version of the base release, None for one that was not there."""
        return {table: None if self.base is None else self.base.tables.get(table) for table in tables}
