"""The attributes of one person, explained: each value with the records that gave it, and the values that lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyspark.sql import functions as F

from profile_engine.lake.lake import Lake
from profile_engine.lake.tables import RAW_PREFIX
from profile_engine.profiles.fragments import fragments_of
from profile_engine.profiles.losing_values import GivenValue, losing_values, value_of
from profile_engine.profiles.stage import datasets_of
from profile_engine.project.project import Project
from profile_engine.schemas.spark_types import spark_type_of
from profile_engine.workspace.found_identifier import rows_of


@dataclass(frozen=True)
class AttributeExplained:
    """The value of one leaf path; a union of arrays and a map by key may come from several records."""

    path: str
    value: object
    dataset: str
    time: datetime | None
    record_id: str
    """The newest record that gave it."""
    also_from: tuple[GivenValue, ...]
    lost: tuple[GivenValue, ...]
    """Values of other records, newest first."""


def attributes_explained(
    project: Project, lake: Lake, profile: Mapping[str, Any], owner_ids: Sequence[int]
) -> tuple[AttributeExplained, ...]:
    """Every attribute that has a value, by path; `profile` is a row of the table, `owner_ids` its identifiers."""
    provenance = profile["provenance"] or []
    lost = _lost(project, lake, profile, owner_ids)
    sources: dict[str, list[dict[str, Any]]] = {}
    for source in provenance:
        for path in source["paths"]:
            sources.setdefault(path, []).append(source)
    explained = []
    for path in sorted(sources):
        first, *others = sorted(sources[path], key=lambda one: (one["time"], one["record_id"]), reverse=True)
        value = value_of(profile, path)
        also = tuple(GivenValue(value, one["dataset"], one["time"], one["record_id"]) for one in others)
        explained.append(
            AttributeExplained(
                path, value, first["dataset"], first["time"], first["record_id"], also, lost.get(path, ())
            )
        )
    return tuple(explained)


def _lost(
    project: Project, lake: Lake, profile: Mapping[str, Any], owner_ids: Sequence[int]
) -> dict[str, tuple[GivenValue, ...]]:
    policy = project.merge_policies.get(profile["merge_policy"])
    datasets = datasets_of(project, "record")
    if policy is None or not datasets:
        return {}
    raw = {name: lake.read(RAW_PREFIX + name).where(F.col("owner_id").isin(list(owner_ids))) for name in datasets}
    fragments = rows_of(fragments_of(raw, spark_type_of(project.record_union.fields)))
    return losing_values(
        fragments, project.record_union.leaf_paths(), policy, provenance=profile["provenance"] or [], datasets=datasets
    )
