"""The part of the graph that a run solves again: what its news touch, or the whole where that can't be told."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.identity import profile_ids
from profile_engine.identity.collisions import renamed
from profile_engine.identity.components import choice
from profile_engine.identity.current_sightings import current_sightings, ended_datasets, withdrawn_batches
from profile_engine.identity.due_sightings import news_and_due, next_due_at
from profile_engine.identity.graph_figures import GraphFigures
from profile_engine.identity.last_graph import LastGraph
from profile_engine.identity.links import DROPPED
from profile_engine.identity.settled import settled
from profile_engine.identity.sighting_writing import TakenIn
from profile_engine.identity.touched import identifiers_of, pairs_of, touched_identifiers
from profile_engine.lake.identity_changes import MINTED
from profile_engine.lake.runs import Run
from profile_engine.lake.versions import VersionGone

if TYPE_CHECKING:
    from profile_engine.project.project import Project

MOST_NEWS = 1_000_000
"""Sightings; with more the whole graph is solved, as what they touch would be carried to every file of every table."""
MOST_TOUCHED = 4_000_000
"""Identifiers; the same."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class GraphPart:
    """What a run looks at. Every component (of live and dropped links) is in it as a whole or not at all."""

    sightings: DataFrame
    """(dataset, identifier_ids, seen_at, record_id) that count."""
    identifiers: DataFrame
    """Rows of `identifier`."""
    before: DataFrame
    """(identifier_id, before): the last graph, under the ids that identifiers have now."""
    minted_before: DataFrame
    """Profiles minted before that matter here, and the one with the highest number, with their fate."""
    within: DataFrame | None = None
    """(identifier_id): all identifiers that are or were in the part; None where the part is the whole."""
    links_before: DataFrame | None = None
    """Rows of `link` as they are stored; None where the part is the whole."""
    last: GraphFigures | None = None
    """The figures of the whole graph before; None where the part is the whole."""
    next_due_at: datetime | None = None
    """When the time of the next sighting of all comes that waits; None where none does."""

    @property
    def map_before(self) -> DataFrame | None:
        """Rows of `identity_map` as they are stored; None where the part is the whole."""
        return None if self.within is None else self.before.withColumnRenamed("before", "profile_id")


def whole_graph(run: Run, project: Project, renames: Mapping[int, int]) -> GraphPart:
    return GraphPart(
        current_sightings(run, project, run.as_of, with_record=True),
        run.read("identifier"),
        _before(run, renames),
        profile_ids.with_fate(_minted_before(run, renames), run.read("identity_change")),
        next_due_at=next_due_at(run),
    )


def graph_part(run: Run, stage: str, project: Project, taken: TakenIn, last: LastGraph) -> GraphPart:
    """What the run's news touch, or the whole graph; the log says which, and why."""
    why_whole = _why_whole(run, project, taken, last)
    part = None
    if why_whole is None:
        part, why_whole = _touched_part(run, stage, project, taken, last)
    if part is None:
        log.info("stage=%s part=whole reason=%r", stage, why_whole)
        return whole_graph(run, project, taken.renames)
    return part


def _why_whole(run: Run, project: Project, taken: TakenIn, last: LastGraph) -> str | None:
    """Why the whole graph has to be solved, as far as that is known without looking at rows."""
    if not all(run.lake.exists(table) for table in ("sighting", "link", "identity_map", "identity_change")):
        return "there is no graph yet"
    if project.stitching.fuzzy is not None:
        return "records are matched by likeness, and one new record may move any pair"
    if taken.renames:
        return "values got their second hash"
    if last.figures is None:
        return "the figures of the last graph were not kept"
    return taken.read_again or last.why_whole(run.as_of)


def _touched_part(
    run: Run, stage: str, project: Project, taken: TakenIn, last: LastGraph
) -> tuple[GraphPart | None, str | None]:
    landed, news, due_at = news_and_due(run, taken, last)
    if news > MOST_NEWS:
        return None, f"{news} sightings are new, more than {MOST_NEWS}"
    try:
        turned = _turned(run, stage, project, landed, rewritten=taken.rewritten > 0)
    except VersionGone:
        return None, "which batches were withdrawn at the last run can't be read"
    before = _before(run, {})
    moved = settled(landed.select("identifier_ids").unionByName(turned))
    seeds = settled(identifiers_of(moved))
    dropped = run.read("link").filter(F.col("state") == DROPPED).select("left_id", "right_id")
    pairs = settled(pairs_of(moved).unionByName(dropped))
    if (most := pairs.count()) > MOST_TOUCHED:
        return None, f"{most} links are new or dropped, more than {MOST_TOUCHED}"
    most_links = 3 * most + seeds.count()  # the pairs, and a star over their ends and the seeds
    chosen = choice.choice_of_solver(project.engine.identity, most_links, choice.memory_settings(run.spark))

    def solve(links: DataFrame, identifiers: DataFrame) -> DataFrame:
        return choice.components(links, identifiers, chosen, most_links)

    touched = touched_identifiers(seeds, pairs, before, solve)
    before, within = touched.before, touched.within
    many = within.count()
    if many > MOST_TOUCHED:
        return None, f"{many} identifiers are touched, more than {MOST_TOUCHED}"
    log.info("stage=%s part=touched sightings=%d identifiers=%d", stage, news, many)
    inside, left_ends = F.broadcast(within), F.broadcast(within.withColumnRenamed("identifier_id", "left_id"))
    return GraphPart(
        settled(current_sightings(run, project, run.as_of, with_record=True, of=within)),
        settled(run.read("identifier").join(inside, "identifier_id", how="left_semi")),
        before,
        settled(
            profile_ids.with_fate(_minted_for(_minted_before(run, {}), within, before), run.read("identity_change"))
        ),
        within,
        settled(run.read("link").join(left_ends, "left_id", how="left_semi")),
        last.figures,
        due_at,
    ), None


def _turned(run: Run, stage: str, project: Project, landed: DataFrame, *, rewritten: bool) -> DataFrame:
    """(identifier_ids) of known sightings that may count no more, or again: their row was written anew, a newer version of
    their record ends them, their batch was withdrawn since the last run or is in force again (which also brings back the
    version before).

    landed     the sightings whose time has come since the last run, most of them new
    rewritten  whether any that landed was known before; if none was, only newer versions end earlier ones
    """
    known, ended = run.lake.read("sighting"), ended_datasets(project)
    found = known.limit(0)
    if rewritten or ended:
        landed = landed if rewritten else landed.filter(F.col("dataset").isin(ended))
        records = F.broadcast(landed.select("dataset", "record_id", F.col("seen_at").alias("landed_at")))
        earlier = known.join(records, ["dataset", "record_id"], how="inner")
        found = earlier.filter((F.col("seen_at") == F.col("landed_at")) | F.col("dataset").isin(ended))
    at_last_run = run.inputs_of(stage).get("batch")
    were = withdrawn_batches(None if at_last_run is None else run.read_version("batch", at_last_run))
    turned = were ^ withdrawn_batches(run.read("batch") if run.exists("batch") else None)
    found = found.select("identifier_ids")
    if turned:
        of_batches = known.filter(F.col("batch_id").isin(sorted(turned)))
        ended_records = of_batches.filter(F.col("dataset").isin(ended)).select("dataset", "record_id").distinct()
        versions = known.join(F.broadcast(ended_records), ["dataset", "record_id"], how="left_semi")
        found = found.unionByName(of_batches.select("identifier_ids")).unionByName(versions.select("identifier_ids"))
    return found


def _minted_for(minted: DataFrame, within: DataFrame, before: DataFrame) -> DataFrame:
    """Of all mints those of profiles in the part, those of anchors in it, and the one with the highest number."""
    profiles = before.select(F.col("before").alias("profile_id")).distinct().withColumn("is_here", F.lit(True))
    anchors = within.select(F.col("identifier_id").alias("anchor_id"), F.lit(True).alias("anchor_is_here"))
    highest = minted.agg(F.max("profile_no").alias("highest"))
    marked = (
        minted.join(F.broadcast(profiles), "profile_id", how="left")
        .join(F.broadcast(anchors), "anchor_id", how="left")
        .crossJoin(F.broadcast(highest))
    )
    matters = F.col("is_here") | F.col("anchor_is_here") | (F.col("profile_no") == F.col("highest"))
    return marked.filter(matters).select(*minted.columns)


def _before(run: Run, renames: Mapping[int, int]) -> DataFrame:
    """The last graph (identifier_id, before), under the ids that identifiers have now."""
    return run.read("identity_map").selectExpr(
        f"{renamed('identifier_id', renames)} as identifier_id", "profile_id as before"
    )


def _minted_before(run: Run, renames: Mapping[int, int]) -> DataFrame:
    """All profiles ever minted, their anchors under the ids that identifiers have now."""
    minted = run.read("identity_change").filter(F.col("change") == MINTED)
    anchor = f"{renamed('anchor_id', renames)} as anchor_id"
    return minted.selectExpr("profile_id", "profile_no", anchor, "anchor_priority", "minted_at")
