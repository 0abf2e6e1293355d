"""`profile-engine simulate`: what identity rules would do, to the lake, to typed events, or to a made-up world; writes nothing."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from profile_engine.command_line.arguments import add_lake_arguments, add_output_arguments, add_project_arguments
from profile_engine.command_line.explain_identity import drawn_into
from profile_engine.command_line.simulation_lines import effect_lines, graph_lines, simulated_tables, world_lines
from profile_engine.command_line.told import write_told
from profile_engine.errors import ConfigurationError
from profile_engine.observability.log import set_up_logging
from profile_engine.project.identity_rules import IdentityRules, read_identity_rules
from profile_engine.project.location import local_project

if TYPE_CHECKING:
    from profile_engine.identity.simulation.graph import SimulatedGraph

PRESET_NAMES = ("shared_device", "wrong_phone", "bad_values")
TROUBLE_NAMES = (
    "households", "shared_devices", "recycled_phones", "bots", "typos", "gmail_spellings", "several_cookies",
)  # fmt: skip
DESCRIPTION = """With --identity alone: what other rules would do to the lake as it is (people merged, split, moved, sizes, gates).
With --events, --preset or --world: what rules make of typed events or of a made-up world; needs no lake and no Java.
Rules are the project's, or those of --identity."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = DESCRIPTION
    parser.add_argument(
        "--identity", metavar="PATH", help="other rules: a folder like conf/identity, or one file of it"
    )
    on = parser.add_mutually_exclusive_group()
    on.add_argument(
        "--events", metavar="FILE", help="typed events (- is standard input), one a line in the order of time: "
        "NAMESPACE: value, NAMESPACE: value",
    )  # fmt: skip
    on.add_argument("--preset", choices=PRESET_NAMES, help="events to begin with; they are shown with the result")
    on.add_argument(
        "--world", action="store_true", help="a made-up world with known truth: precision, recall, over-merge"
    )
    parser.add_argument(
        "--picture", metavar="FILE", help="of typed events: also draw the graphs, into an .svg or .html file"
    )
    parser.add_argument(
        "--as-typed",
        action="store_true",
        help="of typed events: take values as they stand, without checks of their form",
    )
    parser.add_argument("--people", type=int, default=500, metavar="N", help="of a world (default: 500)")
    parser.add_argument("--seed", type=int, default=7, metavar="N", help="of a world (default: 7)")
    parser.add_argument(
        "--trouble", action="append", choices=TROUBLE_NAMES, help="of a world: only this trouble; may be repeated"
    )
    parser.add_argument(
        "--examples",
        type=int,
        default=5,
        metavar="N",
        help="of the lake: ids shown of each kind of change (default: 5)",
    )
    add_project_arguments(parser)
    add_lake_arguments(parser)
    add_output_arguments(parser)


def simulate(arguments: argparse.Namespace, given: TextIO, out: TextIO) -> int:
    """Prints what would come of the rules; the exit code is 0 also where gates would refuse."""
    set_up_logging(arguments.log_format, arguments.log_level)
    if arguments.events is not None or arguments.preset is not None:
        _typed(arguments, given, out)
    elif arguments.world:
        _world(arguments, out)
    elif arguments.identity is not None:
        _lake(arguments, out)
    else:
        raise ConfigurationError("say what to simulate: --identity PATH, --events FILE, --preset NAME or --world")
    return 0


def _lake(arguments: argparse.Namespace, out: TextIO) -> None:
    from profile_engine.workspace import open_workspace

    workspace = open_workspace(arguments.project, arguments.environment, arguments.lake)
    told = workspace.simulate_identity(Path(arguments.identity), max(arguments.examples, 0))
    plain = dataclasses.asdict(told) | {"refused": [gate.name for gate in told.refused]}
    write_told(arguments, plain, effect_lines(told, arguments.identity), out)


def _typed(arguments: argparse.Namespace, given: TextIO, out: TextIO) -> None:
    from profile_engine.identity.simulation.events import typed_events
    from profile_engine.identity.simulation.graph import simulated
    from profile_engine.identity.simulation.presets import preset_lines

    rules = _rules(arguments)
    lines: Iterable[str]
    if arguments.preset is not None:
        lines = preset_lines(arguments.preset, rules.namespaces)
    elif arguments.events == "-":
        lines = given
    else:
        try:
            lines = Path(arguments.events).read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"--events {arguments.events} can't be read: {type(error).__name__}") from None
    events = typed_events(lines, rules.namespaces)
    graph = simulated(
        events, rules.namespaces, rules.stitching, rules.rulings, as_given=arguments.as_typed, removals=True
    )
    lines = graph_lines(graph, rules.namespaces, show_events=arguments.preset is not None)
    write_told(arguments, _plain(graph, rules), lines, out)
    if arguments.picture is not None:
        _draw(graph, rules, arguments.picture)


def _draw(graph: SimulatedGraph, rules: IdentityRules, target: str) -> None:
    from profile_engine.identity.evidence.drawing import drawing
    from profile_engine.identity.simulation.drawn import drawn_cluster

    cluster, words = drawn_cluster(graph, rules.namespaces)
    drawn = drawing(cluster, with_values=True, words=words)
    drawn_into(Path(target), drawn, f"Graphs after {len(graph.events)} events", simulated_tables(graph))


def _plain(graph: SimulatedGraph, rules: IdentityRules) -> dict[str, object]:
    """A graph as JSON shows it."""
    return {
        "events": [{"number": event.number, "identifiers": event.identifiers} for event in graph.events],
        "links": [dataclasses.asdict(link) for link in graph.links],
        "graphs": [list(members) for members in graph.graphs],
        "dropped_identifiers": [dataclasses.asdict(one) for one in graph.refused],
        "over_persons_per_value": sorted(graph.over_limit),
        "graphs_with_two_values": graph.collapsed(rules.namespaces),
        "without_highest_unique": list(graph.without_highest),
        "rulings_without_effect": list(graph.idle_rulings),
    }


def _world(arguments: argparse.Namespace, out: TextIO) -> None:
    from profile_engine.identity.simulation.graph import simulated
    from profile_engine.identity.worlds.scored import scored
    from profile_engine.identity.worlds.world import made_world

    rules = _rules(arguments)
    if arguments.people < 2:
        raise ConfigurationError("--people needs at least 2")
    world = made_world(rules.namespaces, arguments.people, arguments.seed, arguments.trouble or TROUBLE_NAMES)
    told = scored(world, simulated(world.events, rules.namespaces, rules.stitching))
    write_told(arguments, dataclasses.asdict(told) | {"seed": world.seed}, world_lines(told, world.seed), out)


def _rules(arguments: argparse.Namespace) -> IdentityRules:
    identity = Path(arguments.identity) if arguments.identity is not None else None
    return read_identity_rules(lambda: local_project(arguments.project), arguments.environment, identity)
