"""How raw rows are taken in: their sightings, the identifiers in them, and second hashes where values share an id."""

from __future__ import annotations

import logging
from functools import reduce
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.identity.collisions import (
    SecondHashes,
    both_hashes_shared,
    identifiers_in,
    new_identifiers,
    re_identified,
    with_renamed,
)
from profile_engine.identity.settled import settled
from profile_engine.identity.sightings import SIGHTING_COLUMNS, sightings_of
from profile_engine.identity.table_writing import written
from profile_engine.lake.runs import Run
from profile_engine.lake.tables import RAW_PREFIX
from profile_engine.schemas.identifiers import identifier_arrays, owner_id

if TYPE_CHECKING:
    from profile_engine.project.project import Project

_ROUNDS = 3
"""Of giving ids anew: the second finds nothing, unless second hashes meet other ids."""
log = logging.getLogger(__name__)


def take_in(run: Run, stage: str, project: Project, configuration: str) -> dict[int, int]:
    """Write the sightings of raw rows that are new, and the identifiers in them; returns the ids that known values had
    before this run gave them their second hash."""
    second, renames = _second_hashes(run), dict[int, int]()
    for _ in range(_ROUNDS):
        found = _landed_sightings(run, stage, project, configuration, second)
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
    written(run, "sighting", landed.select(*SIGHTING_COLUMNS))
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
    log.warning("ids_shared_by_several_values=%d", len(contested))
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


def _landed_sightings(
    run: Run, stage: str, project: Project, configuration: str, second: SecondHashes
) -> DataFrame | None:
    """The sightings of raw rows that changed since the last run; of all rows where that can't be told, or the rules moved."""
    release = run.lake.current_release()
    same_rules = release is not None and release.configurations.get(stage) == configuration
    read_last = run.inputs_of(stage)
    found = []
    for name, dataset in project.enabled_datasets().items():
        table = RAW_PREFIX + name
        version = run.version(table)
        if version is None or (same_rules and read_last.get(table) == version):
            continue
        changed = run.changes(table, stage) if same_rules else None
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
