"""A small shop on a real lake: people and memberships written as literals, and what lies at its destinations, read back."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from profile_engine.config.engine import EngineConfig, LakeConfig
from profile_engine.destinations.config import DestinationConfig
from profile_engine.destinations.stage import deliver_audiences
from profile_engine.governance.config import PurposeConfig
from profile_engine.lake.lake import Lake, open_lake
from profile_engine.lake.runs import Run
from profile_engine.observability.stage_report import StageReport
from profile_engine.segments.set_aside import SetAside

PROFILE = (
    "profile_id string, profile_no bigint, merge_policy string, first_name string, "
    "address struct<city:string,country:string>, points bigint, balance decimal(10,2), interests array<string>, "
    "scores array<struct<key:string,value:bigint>>, born date, seen_at timestamp, "
    "consents struct<advertising:string>, identities array<struct<namespace:string,value:string>>, "
    "provenance array<struct<dataset:string,record_id:string,time:timestamp,paths:array<string>>>"
)
MEMBERSHIP = "profile_id string, profile_no bigint, segments array<int>, entered_at array<timestamp>"
SEGMENT_VERSION = (
    "segment string, segment_no int, version int, content_hash string, name string, definition string, sentence string, "
    "merge_policy string, evaluation_method string, method_reason string, valid_from timestamp, run_id string"
)
ADVERTISING = PurposeConfig(attribute="consents.advertising")


def day(number: int, hour: int = 0) -> datetime:
    return datetime(2026, 11, number, hour, tzinfo=UTC)


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Person:
    """One profile; `segments` maps segment numbers to the day of entry."""

    id: str
    emails: tuple[str, ...] = ()
    segments: dict[int, int] = field(default_factory=dict)
    consent: str | None = "y"
    attributes: dict[str, Any] = field(default_factory=dict)
    merge_policy: str = "default"

    def profile(self) -> tuple[Any, ...]:
        a = self.attributes
        return (
            self.id, _number(self.id), self.merge_policy, a.get("first_name"), a.get("address"), a.get("points"),
            a.get("balance"), a.get("interests"), a.get("scores"), a.get("born"), a.get("seen_at"), (self.consent,),
            [("crm_id", f"C-{self.id}"), *(("email", email) for email in self.emails)], [],
        )  # fmt: skip

    def membership(self) -> tuple[Any, ...] | None:
        numbers = sorted(self.segments)
        return (self.id, _number(self.id), numbers, [day(self.segments[n]) for n in numbers]) if numbers else None


def _number(profile_id: str) -> int:
    return int.from_bytes(profile_id.encode()[:6], "big")


@dataclass(frozen=True)
class ShopProject:
    """The part of a Project that deliveries look at."""

    root: Path
    destinations: dict[str, DestinationConfig]
    purposes: dict[str, PurposeConfig] = field(default_factory=lambda: {"advertising": ADVERTISING})
    engine: EngineConfig = field(default_factory=lambda: EngineConfig(lake=LakeConfig(path="lake")))

    set_aside: dict[str, SetAside] = field(default_factory=dict)

    def configuration_hash(self, stage: str) -> str:
        return sha(repr(self.destinations))


def destination(**given: Any) -> DestinationConfig:
    """A destination as it would stand in YAML; what is left out is the simplest."""
    simplest = {
        "to": {"folder": {"path": "exports"}}, "identity": {"email": "as_is"}, "audiences": ["vip"],
        "export": {"mode": "full"}, "consent": "not_needed", "guards": {"removals": {"at_most": 1.0}, "when_empty": "send"},
    }  # fmt: skip
    return DestinationConfig.model_validate({**simplest, **given})


class Shop:
    """A project folder with its lake. Segment numbers: vip 1, lapsed 2, and whatever `segments` says."""

    def __init__(self, spark: SparkSession, root: Path, segments: dict[str, int] | None = None) -> None:
        self.spark, self.root = spark, root
        self.segments = segments or {"vip": 1, "lapsed": 2}
        self.engine = EngineConfig(lake=LakeConfig(path="lake"))
        self._runs = 0
        self.lake: Lake = open_lake(spark, self.engine, root)

    def people(self, as_of: datetime, *people: Person, in_files: int = 1) -> None:
        """Writes profiles and memberships as the stages before would."""
        with self.lake.run("evaluate_segments", as_of, self._run_id()) as run:
            self._write(run, people, in_files)

    def deliver(
        self,
        as_of: datetime,
        destinations: dict[str, DestinationConfig],
        *,
        confirm: frozenset[str] = frozenset(),
        after: Sequence[Person] = (),
    ) -> StageReport:
        """Runs the stage; with `after`, in the run that has just written these people."""
        with self.lake.run("deliver_audiences", as_of, self._run_id(), confirmed=confirm) as run:
            if after:
                self._write(run, after, 1)
            return deliver_audiences(run, ShopProject(self.root, destinations))

    def _write(self, run: Run, people: Sequence[Person], in_files: int) -> None:
        members = [row for row in (person.membership() for person in people) if row]
        profiles = self.spark.createDataFrame([person.profile() for person in people], PROFILE)
        run.replace("profile", profiles.repartition(in_files))
        run.replace("membership", self.spark.createDataFrame(members, MEMBERSHIP).repartition(in_files))
        if not run.exists("segment_version"):
            versions = [
                (name, no, 1, "h", name, "", "", "default", "batch", "", day(1), "r")
                for name, no in self.segments.items()
            ]
            run.append("segment_version", self.spark.createDataFrame(versions, SEGMENT_VERSION))

    def _run_id(self) -> str:
        self._runs += 1
        return f"run-{self._runs}"

    def rows(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        return sorted(tuple(row) for row in self.lake.read(table).select(*columns).collect())


def files_below(folder: Path) -> dict[str, bytes]:
    """Every file, hidden ones too, by its relative path."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def manifest_of(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "manifest.json").read_text())


def part_bytes(folder: Path) -> list[bytes]:
    """The parts that the manifest lists, in order, each as it says, unzipped."""
    parts = []
    for part in manifest_of(folder)["parts"]:
        raw = (folder / part["name"]).read_bytes()
        assert (len(raw), hashlib.sha256(raw).hexdigest()) == (part["bytes"], part["sha256"])
        parts.append(gzip.decompress(raw) if part["name"].endswith(".gz") else raw)
    return parts


def csv_rows(folder: Path, delimiter: str = ",") -> list[dict[str, str]]:
    """The rows of all parts, in order, as Python's csv module reads them."""
    parts = [
        list(csv.DictReader(io.StringIO(text.decode("utf-8"), newline=""), delimiter=delimiter))
        for text in part_bytes(folder)
    ]
    assert [len(rows) for rows in parts] == [part["rows"] for part in manifest_of(folder)["parts"]]
    return [row for rows in parts for row in rows]
