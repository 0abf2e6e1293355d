"""Simulations as people read them, line by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from profile_engine.command_line.identity_lines import REASONS
from profile_engine.identity.simulation.set_up_errors import highest_unique
from profile_engine.lake.identity_changes import MERGED_INTO, MOVED, SPLIT_FROM

if TYPE_CHECKING:
    from profile_engine.identity.effect import Regrouping
    from profile_engine.identity.simulation.graph import SimulatedGraph, SimulatedLink
    from profile_engine.identity.worlds.scored import WorldScores
    from profile_engine.schemas.namespace_rules import Namespaces
    from profile_engine.workspace.simulate_identity import IdentitySimulated

_WORDS = {
    MERGED_INTO: "takes in {others}",
    SPLIT_FROM: "gives identifiers up to the new {others}",
    MOVED: "gains {identifiers} from {others}",
}


def effect_lines(told: IdentitySimulated, rules: str) -> Iterator[str]:
    """What other rules would do to the lake."""
    yield f"what {rules} would do to release {told.release_id} as of {told.as_of:%Y-%m-%dT%H:%M:%SZ}; nothing was written"
    if told.other_causes is not None:
        yield f"  with the rules as they are a run would change people too: {told.other_causes}"
    before, after = told.before, told.after
    rows = [
        ("people", before.profiles, after.profiles),
        ("largest, identifiers", before.largest_profile, after.largest_profile),
    ]
    rows += [
        (f"people of {size}", count, after.sizes[size])
        for size, count in before.sizes.items()
        if count or after.sizes[size]
    ]
    rows += [("identifiers", before.identifiers, after.identifiers), ("links", before.links, after.links)]
    rows += [(f"dropped: {reason}", *counts) for reason, counts in told.dropped.items()]
    width = max(len(name) for name, _, _ in rows)
    yield f"{'':<{width}}  {'before':>12}  {'after':>12}"
    for name, was, now in rows:
        yield f"{name:<{width}}  {was:>12,}  {now:>12,}" + (f"  {now - was:+,}" if now != was else "")
    yield f"ids  {told.merged:,} merged into others, {told.split:,} split, {told.moved:,} identifiers moved, {told.minted:,} new"
    for one in told.regroupings:
        yield f"  {one.profile_id} {_regrouped(one)}"
    yield f"gates  {len(told.gates)}, of which would refuse {len(told.refused)}"
    for gate in told.gates:
        flag = "" if gate.passed else f"  {gate.confirm_with}"
        yield f"  {'✓' if gate.passed else '✗'} {gate.name}: {gate.figure}; limit {gate.limit}{flag}"


def _regrouped(one: Regrouping) -> str:
    shown = ", ".join(one.others)
    more = one.other_profiles - len(one.others)
    others = f"{shown} and {more} more" if more else shown
    return _WORDS[one.kind].format(others=others, identifiers=f"{one.identifiers} identifiers")


def graph_lines(graph: SimulatedGraph, namespaces: Namespaces, *, show_events: bool) -> Iterator[str]:
    """The links, live and removed, and the graphs of typed events."""
    yield f"events  {len(graph.events)}"
    if show_events:
        for event in graph.events:
            yield f"  {event.number}. {', '.join(f'{name}: {value}' for name, value in event.identifiers)}"
    for one in graph.refused:
        yield f"  event {one.event}: {_named(one.identifier)} is dropped: {REASONS.get(one.reason, one.reason)}"
    removed = sum(not link.is_live for link in graph.links)
    yield f"links  {len(graph.links) - removed} live, {removed} removed"
    for link in graph.links:
        yield f"  {' -- '.join(map(_named, link.ends)) if link.is_live else ' ·· '.join(map(_named, link.ends))}  {_events(link)}"
    yield f"graphs  {len(graph.graphs)}"
    for number, members in enumerate(graph.graphs, start=1):
        yield f"  {number}. {', '.join(map(_named, members))}"
    yield from _health_lines(graph, namespaces)


def _events(link: SimulatedLink) -> str:
    seen = f"event{'' if len(link.events) == 1 else 's'} {', '.join(map(str, link.events))}"
    if link.is_live:
        return seen
    by = f"removed by event {link.removed_by}" if link.removed_by is not None else "removed"
    return f"{seen}; {by}: {REASONS.get(link.reason or '', link.reason)}"


def _health_lines(graph: SimulatedGraph, namespaces: Namespaces) -> Iterator[str]:
    by_namespace = Counter(namespace for members in graph.graphs for namespace, _ in members)
    sizes = Counter(len(members) for members in graph.graphs)
    yield f"identifiers  {by_namespace.total()}: {_counts({name: by_namespace[name] for name in namespaces.names})}"
    yield f"sizes  {', '.join(f'{count} of {size}' for size, count in sorted(sizes.items()))}"
    yield f"graphs with two values  {_counts(graph.collapsed(namespaces))}"
    for given in graph.without_highest:
        yield (
            f"set-up error?  no event shows {_named(given)} with a {highest_unique(namespaces)}, though its graph has one: known "
            "people who lack the highest unique namespace pass for one where they share a thing; give their events a value of it"
        )
    if graph.idle_rulings:
        yield (
            f"rulings without effect  {', '.join(map(str, graph.idle_rulings))} of conf/identity/rulings.yaml: no event has the "
            "value, or shows a link between the two"
        )


def simulated_tables(graph: SimulatedGraph) -> list[tuple[str, list[str], list[list[str]]]]:
    """The tables below the picture of typed events."""
    links = [[*map(_named, link.ends), "live" if link.is_live else "removed", _events(link)] for link in graph.links]
    events = [[str(event.number), ", ".join(map(_named, event.identifiers))] for event in graph.events]
    graphs = [[str(number), ", ".join(map(_named, members))] for number, members in enumerate(graph.graphs, start=1)]
    return [
        ("Graphs", ["", "identifiers"], graphs),
        ("Links", ["from", "to", "", "events"], links),
        ("Events", ["", "identifiers"], events),
    ]


def world_lines(told: WorldScores, seed: int) -> Iterator[str]:
    """The scores of a rule set on a made-up world."""
    yield (
        f"world of seed {seed}: {told.people:,} people, {told.events:,} events, {told.identifiers:,} identifiers, "
        f"{told.shared:,} of them of several people or of nobody"
    )
    yield f"{'':<18}  precision     recall     people"
    for name, scores in [("all", told.all), *told.by_trouble.items()]:
        yield f"{name:<18}  {scores.precision:>9.4f}  {scores.recall:>9.4f}  {scores.persons:>9,}"
    yield (
        f"over-merge  {told.mixed_graphs:,} graphs hold {told.people_mixed:,} people who are not one, at most "
        f"{told.most_people_in_a_graph:,} in one graph"
    )
    yield f"in pieces   {told.people_in_pieces:,} people have identifiers in more than one of {told.graphs:,} graphs"
    for words, counts, names in (
        ("identifiers dropped", told.refused, REASONS),
        ("links dropped", told.dropped, REASONS),
    ):
        for reason, count in sorted(counts.items()):
            yield f"{words}  {count:,}: {names.get(reason, reason)}"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items() if count) or "none"


def _named(given: tuple[str, str]) -> str:
    return f"{given[0]}:{given[1]}"
