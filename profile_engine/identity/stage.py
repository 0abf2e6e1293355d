"""Resolve identity: raw tables become sightings, links, components, and profiles that keep their ids."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from profile_engine.identity import profile_ids
from profile_engine.identity.components import choice
from profile_engine.identity.figure_writing import whole_figures, write_figures
from profile_engine.identity.fuzzy.current_matches import current_matches
from profile_engine.identity.gate import crm_namespace, gate_of_replay, gates
from profile_engine.identity.graph_figures import GraphFigures, audit, health
from profile_engine.identity.graph_part import GraphPart, graph_part
from profile_engine.identity.idle_rulings import idle_rulings
from profile_engine.identity.last_graph import LastGraph, last_graph
from profile_engine.identity.limits import person_limits, values_over_limit, with_persons
from profile_engine.identity.linking_rules.frames import raw_links, ruled
from profile_engine.identity.linking_rules.rules import LinkingRules
from profile_engine.identity.links import links_of, live
from profile_engine.identity.measured_graph import graph_figures
from profile_engine.identity.rulings_in_force import rulings_in_force
from profile_engine.identity.second_opinion import audit_sample
from profile_engine.identity.settled import settled
from profile_engine.identity.sighting_writing import TakenIn, take_in
from profile_engine.identity.sightings import combinations_of, members_of
from profile_engine.identity.table_writing import written
from profile_engine.lake.identity_changes import MERGED_INTO, MINTED, MOVED, SPLIT_FROM
from profile_engine.lake.runs import Run
from profile_engine.lake.tables import RAW_PREFIX
from profile_engine.observability.stage_report import StageReport
from profile_engine.schemas.namespace_rules import Namespaces

if TYPE_CHECKING:
    from profile_engine.project.project import Project

STAGE = "identity"
log = logging.getLogger(__name__)


def resolve_identity(run: Run, project: Project) -> StageReport:
    """Bring the identity tables up to the raw tables of the datasets that are enabled for the profile, as of the run's time:
    later sightings are stored and wait.

    Figures: identifiers, links, links_dropped, profiles, minted, merged, split, moved, components_replayed (where linking
    rules are set), rulings_without_effect (where there are rulings), those of `health`, solver. Raises LakeError for a graph
    that is not sound, PlatformError where GraphFrames is needed and missing. Gates are added to the run.
    """
    tables = identity_inputs(project)
    configuration = project.configuration_hash(STAGE)
    last = last_graph(run, STAGE)
    why = run.why_run(STAGE, tables, configuration) or last.why_behind(run.as_of)
    if why is None:
        return StageReport(STAGE, skipped="nothing has moved since the last run")
    log.info("stage=%s run=%s why=%r", STAGE, run.run_id, why)
    taken = take_in(run, STAGE, project, configuration, last)
    if run.exists("sighting"):
        report = _resolve(run, project, taken, last)
    else:
        report = StageReport(STAGE, {"identifiers": 0, "links": 0, "profiles": 0})
    run.stage_done(STAGE, tables, configuration, note_time=True)
    log.info(
        "stage=%s run=%s %s", STAGE, run.run_id, " ".join(f"{name}={value}" for name, value in report.figures.items())
    )
    return report


def identity_inputs(project: Project) -> list[str]:
    """The tables that identity follows; `batch` tells which batches are withdrawn."""
    return [*(RAW_PREFIX + name for name in project.enabled_datasets()), "batch"]


def _resolve(run: Run, project: Project, taken: TakenIn, last: LastGraph) -> StageReport:
    """Links, components and profiles of the sightings that the news touch; writes link, identity_map and identity_change."""
    namespaces, part = project.namespaces, graph_part(run, STAGE, project, taken, last)
    alike, rules = current_matches(run, project, _priority(namespaces)), LinkingRules.of(namespaces, project.stitching)
    sightings, identifiers = alike.beside(part.sightings), part.identifiers
    combinations, limits = settled(combinations_of(sightings)), person_limits(namespaces)
    most_links = _most_links(combinations)
    chosen = choice.choice_of_solver(project.engine.identity, most_links, choice.memory_settings(run.spark))

    def solve(links: DataFrame, members: DataFrame | None = None) -> DataFrame:
        return choice.components(links, members, chosen, most_links)

    decided = rulings_in_force(project.rulings, run.read("identifier"), run.lake.identifier_key(), namespaces)
    over = None
    if limits:
        members = settled(with_persons(decided.on_members(members_of(combinations, identifiers)), limits))
        over = settled(values_over_limit(members, sightings, limits, solve))
    over = decided.linking_nothing(over, identifiers)
    links = settled(decided.on_links(alike.marked(links_of(combinations, over, decided.kept_links))))
    seen = combinations.select(F.explode("identifier_ids").alias("identifier_id")).distinct()
    known = identifiers.select("identifier_id", _priority(namespaces).alias("priority"), "first_seen_at")
    nodes = settled(seen.join(known, "identifier_id", how="inner"))
    raw = nodes.join(solve(raw_links(links, rules)), "identifier_id", how="left")
    raw = raw.withColumn("component", F.coalesce("component", "identifier_id"))  # who has no link is alone
    graph = ruled(links, raw, combinations, sightings, over, rules, decided.by_hand(links), solve)
    placed = settled(graph.placed.join(part.before, "identifier_id", how="left"))
    at_home = settled(profile_ids.homes(placed, part.minted_before)) if run.exists("identity_map") else None
    if at_home is None:
        assigned = settled(profile_ids.first_profiles(placed, part.minted_before, run.as_of))
    else:
        assigned = settled(profile_ids.assigned_profiles(placed, at_home, part.minted_before, run.as_of))

    limits_of_gate = project.stitching.gate
    hub_persons = limits_of_gate.hubs.persons if limits_of_gate.hubs is not None else None
    before = None if at_home is None else part.before
    of_part = graph_figures(nodes, assigned, graph.links, before, namespaces, hub_persons)
    audit(of_part)
    audit_sample(assigned, live(graph.links), of_part.links)
    figures = whole_figures(run, part, known, of_part, namespaces, hub_persons)
    shown = replace(figures, largest_profile=max(figures.largest_profile, graph.largest_before_limit))
    checked = gates(limits_of_gate, shown, crm_namespace(namespaces))
    for gate in (*checked, *gate_of_replay(graph.set_aside, rules.replay_limit)):
        run.add_gate(gate)
    written(run, "link", graph.links, delete_missing=True, instead_of=part.links_before)
    idle = idle_rulings(run, project.rulings, decided)
    changed = _write_profiles(run, assigned, at_home, of_part, part)
    write_figures(run, figures, part.next_due_at, last)
    return StageReport(
        STAGE,
        {
            "identifiers": figures.identifiers,
            "links": figures.links,
            "links_dropped": figures.links_dropped,
            "profiles": figures.profiles,
            **changed,
            **({"components_replayed": graph.replayed} if rules.say_something else {}),
            **({"rulings_without_effect": idle} if project.rulings else {}),
            **health(shown),
            "solver": chosen.solver,
        },
    )


def _write_profiles(
    run: Run, assigned: DataFrame, at_home: DataFrame | None, figures: GraphFigures, part: GraphPart
) -> dict[str, int | float | str]:
    """Write identity_map and identity_change; returns how often each kind of change happened."""
    if at_home is None:
        changes, counted = profile_ids.mint_rows(assigned), {MINTED: figures.profiles}
    else:
        changes = settled(profile_ids.profile_changes(assigned, at_home))
        counted = {row["change"]: row["count"] for row in changes.groupBy("change").count().collect()}
    mapped = assigned.select("identifier_id", "profile_id")
    written(run, "identity_map", mapped, delete_missing=True, instead_of=part.map_before)
    if counted:
        run.append(
            "identity_change",
            changes.withColumns({"at": F.lit(run.as_of).cast("timestamp"), "run_id": F.lit(run.run_id)}),
        )
    return {
        "minted": counted.get(MINTED, 0),
        "merged": counted.get(MERGED_INTO, 0),
        "split": counted.get(SPLIT_FROM, 0),
        "moved": counted.get(MOVED, 0),
    }


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
