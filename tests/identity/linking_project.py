"""All documented cases of linking rules in one project, so that one run of the stage solves them side by side."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from profile_engine.project import open_project
from profile_engine.project.project import Project
from tests.support.linking_cases import LinkingCase

FIRST_HOUR = datetime(2026, 3, 1, tzinfo=UTC)
_FILES = {
    "conf/engine.yaml": "lake: {path: lake}",
    "conf/schemas/click.yaml": """
class: event
occurred_at: at
event_type: {constant: click}
event_types: [click]
event_id: event_id
identity_map: {field: seen}
fields:
  event_id: {type: string}
  at: {type: timestamp}
  seen: {type: map, values: {type: array, items: {type: string}}}
profile: enabled
""",
    "conf/datasets/clicks.yaml": """
schema: click
profile: enabled
sources: {daily: {files: clicks.json, format: json_lines, mode: append}}
""",
}
_RAW = (
    "event_id string, at timestamp, seen map<string,array<string>>, record_id string, owner_id bigint, "
    "source_time timestamp, ingested_at timestamp, batch_id string"
)


class CasesSideBySide:
    """Cases with the same settings share their namespaces; values carry the name of their case, so that no two cases meet."""

    def __init__(self, cases: Sequence[LinkingCase]) -> None:
        self.cases = cases
        self.settings = sorted({(case.priority, case.unique) for case in cases})

    def project(self, folder: Path) -> Project:
        """Namespaces of all settings, one setting after the other: within each, sums of priorities compare as alone."""
        listed = [
            f"  - {self._namespace(number, name)}: {{kind: person, unique: {'true' if name in unique else 'false'}}}"
            for number, (priority, unique) in enumerate(self.settings)
            for name in priority
        ]
        for name, text in (_FILES | {"conf/identity/namespaces.yaml": "priority:\n" + "\n".join(listed)}).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return open_project(folder)

    def rows(self) -> list[tuple[int, str, dict[str, list[str]]]]:
        """Each event as (place in its case, event id, identity map); ids of a case ascend with its events."""
        found = []
        for case in self.cases:
            number = self.settings.index((case.priority, case.unique))
            for place, event in enumerate(case.events):
                identities: dict[str, list[str]] = {}
                for identifier in event:
                    name, _, value = identifier.partition(":")
                    identities.setdefault(self._namespace(number, name), []).append(f"{case.name} {value}")
                found.append((place, f"{case.name}-{place:06}", identities))
        return found

    def landed(self, spark: SparkSession, rows: list[tuple[int, str, dict[str, list[str]]]], hours: int) -> DataFrame:
        """Raw rows of these events, `hours` apart in their case."""
        full = []
        for place, event_id, identities in rows:
            at = FIRST_HOUR + timedelta(hours=place * hours)
            full.append((event_id, at, identities, event_id, None, at, at, "b"))
        return spark.createDataFrame(full, _RAW)

    def expected(self) -> set[frozenset[tuple[str, str]]]:
        """The profiles of all cases, as sets of (namespace, value)."""
        return {
            frozenset(self._named(case, identifier) for identifier in graph)
            for case in self.cases
            for graph in case.expected
        }

    def _named(self, case: LinkingCase, identifier: str) -> tuple[str, str]:
        number = self.settings.index((case.priority, case.unique))
        name, _, value = identifier.partition(":")
        return self._namespace(number, name), f"{case.name} {value}"

    def _namespace(self, number: int, name: str) -> str:
        return f"s{number}_{name}"
