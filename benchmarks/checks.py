"""What a run made of a population, held against its truth."""

from __future__ import annotations

from pathlib import Path

from pyspark.sql import functions as F

from benchmarks.truth import AUDIENCES, Truth
from profile_engine.workspace import Workspace


def differences(workspace: Workspace, project: Path, truth: Truth) -> list[str]:
    """A sentence for each figure that is not the truth's; counts only, no person's value."""
    found = {
        **_figures(workspace),
        **_partition(workspace, project / "truth_identifiers.parquet"),
        "members": _members(workspace),
        "rows_delivered": _delivered(workspace),
    }
    expected = {
        "rejected": truth.rejected,
        "identifiers": truth.identifiers,
        "profiles": truth.profiles,
        "events": truth.events,
        "revenue_cents": truth.revenue_cents,
        "named_by_their_card": truth.named_by_their_card,
        "identifiers_as_in_truth": truth.identifiers,
        "people_in_two_profiles": 0,
        "profiles_of_two_people": 0,
        "members": {name: size for name, size in truth.segments.items() if size},
        "rows_delivered": truth.rows_delivered,
    }
    return [
        f"{name}: expected {_shown(value, found[name])}, found {_shown(found[name], value)}"
        for name, value in expected.items()
        if found[name] != value
    ]


def _shown(value: object, other: object) -> object:
    """Of two mappings, only what differs."""
    if isinstance(value, dict) and isinstance(other, dict):
        return {name: each for name, each in value.items() if other.get(name) != each}
    return value


def _figures(workspace: Workspace) -> dict[str, object]:
    by_card = F.exists(
        "provenance",
        lambda entry: F.array_contains(entry["paths"], "first_name") & (entry["dataset"] == "loyalty_cards"),
    )
    profiles = workspace.table("profile").agg(F.count(F.lit(1)), F.count_if(by_card)).collect()[0]
    return {
        "rejected": workspace.table("quarantine").count(),
        "identifiers": workspace.table("identifier").count(),
        "profiles": profiles[0],
        "named_by_their_card": profiles[1],
        "events": workspace.table("timeline").count(),
        "revenue_cents": int(workspace.table("raw_orders").agg(F.sum("amount")).collect()[0][0] * 100),
    }


def _partition(workspace: Workspace, truth: Path) -> dict[str, object]:
    """How many identifiers of the truth are on the map, and whether people and profiles are one to one."""
    expected = workspace.spark.read.parquet(str(truth))
    placed = (
        workspace.table("identifier")
        .join(workspace.table("identity_map"), "identifier_id", how="inner")
        .join(expected, ["namespace", "value"], how="inner")
        .select("person", "profile_id")
    )
    pairs = placed.groupBy("person", "profile_id").agg(F.count(F.lit(1)).alias("identifiers"))
    torn = pairs.groupBy("person").count().where("count > 1").count()
    mixed = pairs.groupBy("profile_id").count().where("count > 1").count()
    return {
        "identifiers_as_in_truth": placed.count(),
        "people_in_two_profiles": torn,
        "profiles_of_two_people": mixed,
    }


def _members(workspace: Workspace) -> dict[str, int]:
    numbers = workspace.table("segment_version").select("segment", "segment_no").distinct()
    members = workspace.table("membership").select(F.explode("segments").alias("segment_no"))
    counted = members.groupBy("segment_no").count().join(numbers, "segment_no", how="inner")
    return {row["segment"]: row["count"] for row in counted.collect()}


def _delivered(workspace: Workspace) -> dict[str, int]:
    """Rows that stand at each destination by its ledger."""
    ledger = workspace.table("delivery_ledger").groupBy("destination", "audience").agg(F.sum("rows").alias("rows"))
    found = {f"{row['destination']}/{row['audience']}": row["rows"] for row in ledger.collect()}
    wanted = [f"{destination}/{audience}" for destination, audiences in AUDIENCES.items() for audience in audiences]
    return {**dict.fromkeys(wanted, 0), **found}
