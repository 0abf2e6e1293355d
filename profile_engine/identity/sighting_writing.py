"""How raw rows are taken in: their sightings, the identifiers in them, and second hashes where values share an id."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.identity.collisions import (
    SecondHashes,
    both_hashes_shared,
    new_values,
    re_identified,
    seen_earlier,
    shared_ids,
    values_in,
    with_renamed,
)
from profile_engine.identity.last_graph import LastGraph
from profile_engine.identity.settled import settled
from profile_engine.identity.sightings import SIGHTING_COLUMNS, sightings_of
from profile_engine.identity.table_writing import written
from profile_engine.lake.runs import Run
from profile_engine.lake.tables import RAW_PREFIX
from profile_engine.schemas.identifier_arrays import identifier_arrays
from profile_engine.schemas.identifiers import owner_id

if TYPE_CHECKING:
    from profile_engine.project.project import Project

_ROUNDS = 3
"""Of giving ids anew: the second finds nothing, unless second hashes meet other ids."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TakenIn:
    """What a run took in."""

    landed: DataFrame | None = None
    """Sightings of raw rows that are new or changed, SIGHTING_COLUMNS, as they were written; None where there are none."""
    renames: Mapping[int, int] = field(default_factory=dict)
    """Ids that known values had before this run gave them their second hash, and the ids that they have now."""
    rewritten: int = 0
    """How many of them stood in the table before, with other identifiers."""
    read_again: str | None = None
    """Why raw rows were read that have not changed; None where only changes were."""


def take_in(run: Run, stage: str, project: Project, configuration: str, last: LastGraph) -> TakenIn:
    """Write the sightings of raw rows that are new, those of the future too, and the identifiers in them."""
    second, renames = _second_hashes(run), dict[int, int]()
    for _ in range(_ROUNDS):
        found, read_again = _landed_sightings(run, stage, project, configuration, second)
        if found is None:
            return TakenIn(None, renames, read_again=read_again)
        # changes of a day are computed once; all rows of a lake rather twice than kept, values and all
        only_changes = run.exists("sighting") and read_again is None
        landed = settled(found) if only_changes else found
        fresh = settled(_new_values(run, values_in(landed), only_changes))
        contested = shared_ids(fresh, second.first_ids)
        if not contested:
            break
        second, anew = _re_identify(run, project, second, contested, landed)
        renames |= anew
    else:
        raise both_hashes_shared()
    sightings = landed.select(*SIGHTING_COLUMNS)
    counts = written(run, "sighting", sightings)
    if last.may_wait(run.as_of) and run.exists("identifier"):
        # else somebody who is linked today would be told to be first seen tomorrow
        run.merge("identifier", seen_earlier(values_in(landed), run.read("identifier"), run.as_of))
    is_second = F.col("identifier_id").isin(sorted(second.second_ids))
    run.append(
        "identifier",
        fresh.select("identifier_id", "namespace", "value", "first_seen_at", is_second.alias("second_hash")),
    )
    return TakenIn(sightings, renames, counts.updated, read_again)


def _new_values(run: Run, found: DataFrame, few: bool) -> DataFrame:
    if not run.exists("identifier"):
        return found.withColumn("is_taken", F.lit(False))
    known = run.read("identifier")
    if few:  # the ids of a day go to the table, not the table to them
        found = settled(found)
        known = known.join(F.broadcast(found.select("identifier_id")), "identifier_id", how="left_semi")
    return new_values(found, known)


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
) -> tuple[DataFrame | None, str | None]:
    """The sightings of raw rows that changed since the last run, or of all rows where that can't be told or the rules moved,
    and why rows that did not change are among them."""
    release = run.lake.current_release()
    same_rules = release is not None and release.configurations.get(stage) == configuration
    read_last = run.inputs_of(stage)
    found, read_again = [], None if same_rules else "its configuration has changed"
    for name, dataset in project.enabled_datasets().items():
        table = RAW_PREFIX + name
        version = run.version(table)
        if version is None or (same_rules and read_last.get(table) == version):
            continue
        changed = run.changes(table, stage) if same_rules and table in read_last else None
        rows = run.read(table) if changed is None else changed.filter("_change = 'upsert'").drop("_change")
        if changed is None and table in read_last:
            read_again = read_again or f"what changed in {table} can't be read"
        schema = project.schemas[dataset.schema_name]
        needed = {identity.path.partition(".")[0] for identity in schema.identities} | {schema.identity_map_field}
        columns = [column for column in rows.columns if column in needed]
        rows = rows.select(
            *(F.col(f"`{column}`") for column in columns), "record_id", "source_time", "ingested_at", "batch_id"
        )
        key, second_hashes = run.lake.identifier_key(), second.frame(run.spark)
        identified = identifier_arrays(rows, schema, project.namespaces, key, second_hashes)
        found.append(sightings_of(identified, name))
    return (reduce(DataFrame.unionByName, found) if found else None), read_again
