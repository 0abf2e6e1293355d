"""An identifier found in the lake by its namespace and its value as people type it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.errors import ConfigurationError
from profile_engine.lake.lake import Lake
from profile_engine.project.project import Project
from profile_engine.schemas.identifiers import identifier_id
from profile_engine.schemas.normalisers import normaliser


@dataclass(frozen=True)
class FoundIdentifier:
    identifier_id: int
    profile_id: str


def found_identifier(project: Project, lake: Lake, namespace: str, value: str) -> FoundIdentifier:
    """The identifier of a value, normalised as its namespace says, and its profile in the current release.

    Raises ConfigurationError for an unknown namespace, and for a value that nobody has; the value is not repeated.
    """
    if namespace not in project.namespaces.names:
        raise ConfigurationError(f"unknown namespace '{namespace}'; known: {', '.join(project.namespaces.names)}")
    normal = normaliser(project.namespaces.config(namespace).normalise or "trim").normalised_value(value)
    if normal is not None:
        key = lake.identifier_key()
        numbers = [identifier_id(key, namespace, normal, second) for second in (False, True)]
        is_it = F.col("identifier_id").isin(numbers) & (F.col("namespace") == namespace) & (F.col("value") == normal)
        known = lake.read("identifier").where(is_it).select("identifier_id")
        row = lake.read("identity_map").join(known, "identifier_id", how="inner").first()
        if row is not None:
            return FoundIdentifier(int(row.identifier_id), str(row.profile_id))
    raise ConfigurationError(f"nobody has that value in namespace {namespace}; it may have been dropped by hygiene")


def profile_asked_for(
    project: Project, lake: Lake, profile_id: str | None, namespace: str | None, value: str | None
) -> str:
    """The profile id as given, or that of an identifier; raises ConfigurationError where neither is given, or as
    `found_identifier`."""
    if profile_id is not None:
        return profile_id
    if namespace is None or value is None:
        raise ConfigurationError("give a profile id, or a namespace and a value")
    return found_identifier(project, lake, namespace, value).profile_id


def rows_of(frame: DataFrame) -> list[dict[str, Any]]:
    """The rows as dicts, nested values too, times aware (collect() would give times of the driver's own zone)."""
    rows: list[dict[str, Any]] = frame.toArrow().to_pylist()
    return rows
