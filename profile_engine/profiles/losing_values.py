"""Values that a person's records bring and that a merge policy did not take, each with where it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from profile_engine.profiles.attribute_rules import chosen_rules
from profile_engine.profiles.config import MergePolicyConfig


@dataclass(frozen=True)
class GivenValue:
    """A value of one attribute on one record; `time` is the one by which the policy orders the record."""

    value: object
    dataset: str
    time: datetime
    record_id: str


def losing_values(
    fragments: Iterable[Mapping[str, Any]],
    paths: Iterable[str],
    policy: MergePolicyConfig,
    provenance: Iterable[Mapping[str, Any]],
    datasets: tuple[str, ...],
) -> dict[str, tuple[GivenValue, ...]]:
    """By path, the values that are not in the profile under this policy, newest first; ties by dataset and record.

    `fragments` are one person's, as rows of `fragments.fragments_of`; `provenance` is that of the profile under `policy`.
    """
    rules = chosen_rules(policy, paths)
    won = {(one["dataset"], one["record_id"], path) for one in provenance for path in one["paths"]}
    lost: dict[str, list[GivenValue]] = {}
    for fragment in fragments:
        dataset = datasets[fragment["dataset_no"]]
        for path, rule in rules.items():
            value = value_of(fragment, path)
            if value is None or value == "" or (dataset, fragment["record_id"], path) in won:
                continue
            by_ingestion = rule.time == "ingested_at" or fragment["source_time"] is None
            time = fragment["ingested_at"] if by_ingestion else fragment["source_time"]
            lost.setdefault(path, []).append(GivenValue(value, dataset, time, fragment["record_id"]))
    for values in lost.values():
        values.sort(key=lambda one: (one.dataset, one.record_id))
        values.sort(key=lambda one: one.time, reverse=True)
    return {path: tuple(lost[path]) for path in sorted(lost)}


def value_of(row: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path of a row; None where an object on the way is missing."""
    value: Any = row
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value
