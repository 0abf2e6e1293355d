"""Resolve identity: raw tables become sightings, links, components, and profiles that keep their ids."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import reduce
from typing import TYPE_CHECKING

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from profile_engine.identity import profile_ids
from profile_engine.identity.collisions import (
    SecondHashes,
    both_hashes_shared,
    identifiers_in,
    new_identifiers,
    re_identified,
    renamed,
    with_renamed,
)
from profile_engine.identity.components import choice
from profile_engine.identity.gate import GraphFigures, audit, crm_priority, gates, graph_figures
from profile_engine.identity.limits import person_limits, values_over_limit, with_persons
from profile_engine.identity.links import links_of, live
from profile_engine.identity.sightings import (
    SIGHTING_COLUMNS,
    combinations_of,
    counting_sightings,
    members_of,
    sightings_of,
)
from profile_engine.lake.runs import Run
from profile_engine.lake.tables import RAW_PREFIX
from profile_engine.observability.stage_report import StageReport
from profile_engine.schemas.identifiers import identifier_arrays, owner_id
from profile_engine.schemas.namespace_rules import Namespaces

if TYPE_CHECKING:
    from profile_engine.project.project import Project

STAGE = "identity"
_ROUNDS = 3
"""Of giving ids anew: the second finds nothing, unless second hashes meet other ids."""
log = logging.getLogger(__name__)


def resolve_identity(run: Run, project: Project) -> StageReport:
    """Bring the identity tables up to the raw tables of the datasets that are enabled for the profile.

    Figures: identifiers, links, links_dropped, profiles, minted, merged, split, moved, solver. Raises LakeError for a graph
    that is not sound, PlatformError where GraphFrames is needed and missing. Gates are added to the run.
    """
    tables = [RAW_PREFIX + name for name in project.enabled_datasets()]
    configuration = project.configuration_hash(STAGE)
    why = run.why_run(STAGE, tables, configuration)
    if why is None:
        return StageReport(STAGE, skipped="nothing has moved since the last run")
    log.info("stage=%s run=%s why=%r", STAGE, run.run_id, why)
    renames = _take_in(run, project, configuration)
    if run.exists("sighting"):
        report = _resolve(run, project, renames)
    else:
        report = StageReport(STAGE, {"identifiers": 0, "links": 0, "profiles": 0})
    run.stage_done(STAGE, tables, configuration)
    log.info(
        "stage=%s run=%s %s", STAGE, run.run_id, " ".join(f"{name}={value}" for name, value in report.figures.items())
    )
    return report


def _take_in(run: Run, project: Project, configuration: str) -> dict[int, int]:
    """Write the sightings of raw rows that are new, and the identifiers in them; returns the ids that known values had
    before this run gave them their second hash."""
    second, renames = _second_hashes(run), dict[int, int]()
    for _ in range(_ROUNDS):
        found = _landed_sightings(run, project, configuration, second)
        if found is None:
            return renames
        landed = settled(found)
        fresh = identifiers_in(landed)
        if run.exists("identifier"):
            fresh = new_identifiers(fresh, run.read("identifier"))
        fresh = settled(fresh)
        shared = fresh.filter(F.col("is_shared") | F.col("identifier_id").isin(sorted(second.first_ids)))
        contested = sorted(row["identifier_id"] for row in shared.select("identifier_id").collect())
        if not contested:
            break
        second, anew = _re_identify(run, project, second, contested, landed)
        renames |= anew
    else:
        raise both_hashes_shared()
    _write(run, "sighting", landed.select(*SIGHTING_COLUMNS))
    is_second = F.col("identifier_id").isin(sorted(second.second_ids))
    run.append(
        "identifier",
        fresh.select("identifier_id", "namespace", "value", "first_seen_at", is_second.alias("second_hash")),
    )
    return renames


def _second_hashes(run: Run) -> SecondHashes:
    rows = run.read("identifier").filter("second_hash").collect() if run.exists("identifier") else []
    return SecondHashes(run.lake.identifier_key(), frozenset((row["namespace"], row["value"]) for row in rows))


def _re_identify(
    run: Run, project: Project, second: SecondHashes, contested: list[int], landed: DataFrame
) -> tuple[SecondHashes, dict[int, int]]:
    """Give every value under a contested id its second hash, wherever the id stands; links and profiles follow by
    themselves. Whole tables are looked through: with 64 bits this happens once in a billion identifiers or never."""
    log.warning("stage=%s ids_shared_by_several_values=%d", STAGE, len(contested))
    is_contested = F.col("identifier_id").isin(contested)
    known = run.read("identifier").filter(is_contested).collect()
    arrived = landed.select(F.explode("identifiers").alias("i")).select("i.*").filter(is_contested).distinct().collect()
    second = second.with_values((row["namespace"], row["value"]) for row in [*known, *arrived])
    renames = {row["identifier_id"]: second.second_id((row["namespace"], row["value"])) for row in known}
    if renames:
        run.merge("identifier", re_identified(run.read("identifier"), renames), delete_missing=True)
        touched = F.arrays_overlap("identifier_ids", F.array(*map(F.lit, renames)))
        run.merge("sighting", with_renamed(run.read("sighting").filter(touched), renames))
    for name, dataset in project.enabled_datasets().items():
        table = RAW_PREFIX + name
        rows = run.read(table)
        if run.exists(table) and not rows.filter(F.col("owner_id").isin(contested)).isEmpty():
            schema, key = project.schemas[dataset.schema_name], run.lake.identifier_key()
            identified = identifier_arrays(rows, schema, project.namespaces, key, second.frame(run.spark))
            owned = identified.withColumn("owner_id", owner_id(F.col("identifiers"))).select(*rows.columns)
            run.replace(table, owned)
    return second, renames


def _landed_sightings(run: Run, project: Project, configuration: str, second: SecondHashes) -> DataFrame | None:
    """The sightings of raw rows that changed since the last run; of all rows where that can't be told, or the rules moved."""
    release = run.lake.current_release()
    same_rules = release is not None and release.configurations.get(STAGE) == configuration
    read_last = run.inputs_of(STAGE)
    found = []
    for name, dataset in project.enabled_datasets().items():
        table = RAW_PREFIX + name
        version = run.version(table)
        if version is None or (same_rules and read_last.get(table) == version):
            continue
        changed = run.changes(table, STAGE) if same_rules else None
        rows = run.read(table) if changed is None else changed.filter("_change = 'upsert'").drop("_change")
        schema = project.schemas[dataset.schema_name]
        needed = {identity.path.partition(".")[0] for identity in schema.identities} | {schema.identity_map_field}
        columns = [column for column in rows.columns if column in needed]
        rows = rows.select(
            *(F.col(f"`{column}`") for column in columns), "record_id", "source_time", "ingested_at", "batch_id"
        )
        key, second_hashes = run.lake.identifier_key(), second.frame(run.spark)
        identified = identifier_arrays(rows, schema, project.namespaces, key, second_hashes)
        found.append(sightings_of(identified, name))
    return reduce(DataFrame.unionByName, found) if found else None


def _resolve(run: Run, project: Project, renames: Mapping[int, int]) -> StageReport:
    """Links, components and profiles of all sightings; writes link, identity_map and identity_change."""
    identifiers, namespaces = run.read("identifier"), project.namespaces
    sightings = _counting(run, project)
    combinations, limits = settled(combinations_of(sightings)), person_limits(namespaces)
    most_links = _most_links(combinations)
    chosen = choice.choice_of_solver(project.engine.identity, most_links, choice.memory_settings(run.spark))

    def solve(links: DataFrame, members: DataFrame | None = None) -> DataFrame:
        return choice.components(links, members, chosen, most_links)

    over = None
    if limits:
        members = settled(with_persons(members_of(combinations, identifiers), limits))
        over = settled(values_over_limit(members, sightings, limits, solve))
    links = settled(links_of(combinations, over))
    _write(run, "link", links, delete_missing=True)

    seen = combinations.select(F.explode("identifier_ids").alias("identifier_id")).distinct()
    nodes = settled(
        seen.join(identifiers, "identifier_id", how="inner").select(
            "identifier_id", _priority(namespaces).alias("priority"), "first_seen_at"
        )
    )
    before = _before(run, renames)
    placed = nodes.join(solve(live(links), nodes.select("identifier_id")), "identifier_id", how="inner")
    placed = settled(placed.join(before, "identifier_id", how="left"))
    minted_before = _minted_before(run, renames)
    at_home = settled(profile_ids.homes(placed, minted_before)) if run.exists("identity_map") else None
    if at_home is None:
        assigned = settled(profile_ids.first_profiles(placed, minted_before, run.as_of))
    else:
        assigned = settled(profile_ids.assigned_profiles(placed, at_home, minted_before, run.as_of))

    figures = graph_figures(nodes, assigned, links, before, crm_priority(namespaces))
    audit(figures)
    for gate in gates(project.stitching.gate, figures):
        run.add_gate(gate.name, gate.passed, gate.figure, gate.limit, gate.confirm_with)
    changed = _write_profiles(run, assigned, at_home, figures)
    return StageReport(
        STAGE,
        {
            "identifiers": figures.identifiers,
            "links": figures.links,
            "links_dropped": figures.links_dropped,
            "profiles": figures.profiles,
            **changed,
            "solver": chosen.solver,
        },
    )


def _write_profiles(
    run: Run, assigned: DataFrame, at_home: DataFrame | None, figures: GraphFigures
) -> dict[str, int | float | str]:
    """Write identity_map and identity_change; returns how often each kind of change happened."""
    if at_home is None:
        changes, counted = profile_ids.mint_rows(assigned), {profile_ids.MINTED: figures.profiles}
    else:
        changes = settled(profile_ids.profile_changes(assigned, at_home))
        counted = {row["change"]: row["count"] for row in changes.groupBy("change").count().collect()}
    _write(run, "identity_map", assigned.select("identifier_id", "profile_id"), delete_missing=True)
    if counted:
        run.append(
            "identity_change",
            changes.withColumns({"at": F.lit(run.as_of).cast("timestamp"), "run_id": F.lit(run.run_id)}),
        )
    return {
        "minted": counted.get(profile_ids.MINTED, 0),
        "merged": counted.get(profile_ids.MERGED_INTO, 0),
        "split": counted.get(profile_ids.SPLIT_FROM, 0),
        "moved": counted.get(profile_ids.MOVED, 0),
    }


def settled(frame: DataFrame) -> DataFrame:
    """The frame computed once, whoever reads it, and cut from its plan.

    A persisted frame keeps its plan: read twice, and what comes of it twice again, it made Catalyst plan for minutes on a
    graph of five identifiers.
    """
    return frame.localCheckpoint()


def _write(run: Run, table: str, rows: DataFrame, *, delete_missing: bool = False) -> None:
    """A first write is a plain one: the rows have one key each by construction, and a MERGE would look for that."""
    if run.exists(table):
        run.merge(table, rows, delete_missing=delete_missing)
    else:
        run.append(table, rows)


def _counting(run: Run, project: Project) -> DataFrame:
    datasets = project.enabled_datasets()
    ended = [name for name, dataset in datasets.items() if dataset.superseded_links == "end"]
    withdrawn = run.read("batch").filter("status = 'withdrawn'") if run.exists("batch") else None
    return counting_sightings(run.read("sighting"), datasets, ended, withdrawn)


def _most_links(combinations: DataFrame) -> int:
    """An upper bound of the links, which also fills the cache."""
    row = combinations.agg(F.sum(F.size("identifier_ids") - 1).alias("links")).first()
    return int(row["links"] or 0) if row is not None else 0


def _priority(namespaces: Namespaces) -> Column:
    """The priority of a namespace; one that the project no longer has comes after all."""
    priority = F.lit(len(namespaces) + 1)
    for name in namespaces.names:
        priority = F.when(F.col("namespace") == name, F.lit(namespaces.priority(name))).otherwise(priority)
    return priority.cast("int")


def _before(run: Run, renames: Mapping[int, int]) -> DataFrame:
    """The last graph (identifier_id, before), under the ids that identifiers have now."""
    return run.read("identity_map").selectExpr(
        f"{renamed('identifier_id', renames)} as identifier_id", "profile_id as before"
    )


def _minted_before(run: Run, renames: Mapping[int, int]) -> DataFrame:
    """All profiles ever minted, their anchors under the ids that identifiers have now."""
    minted = run.read("identity_change").filter(F.col("change") == profile_ids.MINTED)
    anchor = f"{renamed('anchor_id', renames)} as anchor_id"
    return minted.selectExpr("profile_id", "profile_no", anchor, "anchor_priority", "minted_at")
