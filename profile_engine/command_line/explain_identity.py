"""`profile-engine explain link | profile | dropped | hubs`: why identifiers are one person, what was dropped, what stands out."""

from __future__ import annotations

import argparse
import dataclasses
import getpass
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from profile_engine.command_line.arguments import (
    add_lake_arguments,
    add_output_arguments,
    add_project_arguments,
    opened_workspace,
)
from profile_engine.command_line.identity_lines import (
    dropped_lines,
    hub_lines,
    link_lines,
    link_tables,
    profile_lines,
)
from profile_engine.command_line.told import write_told
from profile_engine.errors import ConfigurationError

if TYPE_CHECKING:
    from profile_engine.identity.evidence.cluster import Cluster, Pair
    from profile_engine.identity.evidence.drawing import Drawing


def add_kinds(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The kinds of explanation that are about identity."""
    link = kinds.add_parser(
        "link", help="why two identifiers are one person, or why not",
        description="Reads two identifiers from standard input, one a line, so that none stays in a shell history: as "
        "NAMESPACE:VALUE, or as VALUE alone where both namespaces are given.",
    )  # fmt: skip
    link.add_argument("namespaces", nargs="*", metavar="NAMESPACE", help="the namespaces of both identifiers, in order")
    link.set_defaults(tell=_link)
    profile = kinds.add_parser("profile", help="a profile as identity sees it: identifiers, links, history of its id")
    who = profile.add_mutually_exclusive_group(required=True)
    who.add_argument("profile_id", nargs="?", metavar="PROFILE_ID", help="today's id or an earlier one")
    who.add_argument(
        "--identifier", metavar="NAMESPACE", help="read an identifier of this namespace from standard input"
    )
    profile.set_defaults(tell=_profile)
    dropped = kinds.add_parser("dropped", help="links and identifiers that were dropped, by reason, with examples")
    dropped.add_argument(
        "--examples", type=int, default=3, metavar="N", help="of each reason (default: 3; 0: no value)"
    )
    dropped.set_defaults(tell=_dropped)
    hubs = kinds.add_parser("hubs", help="values that met unusually many people, by namespace, limited or not")
    hubs.add_argument(
        "--examples", type=int, default=3, metavar="N", help="of each namespace (default: 3; 0: no value)"
    )
    hubs.set_defaults(tell=_hubs)
    for parser in (link, profile):
        parser.add_argument("--picture", metavar="FILE", help="also draw the cluster, into an .svg or .html file")
        parser.add_argument(
            "--values", action="store_true", help="values in the picture; without it, namespace and number only"
        )
    for parser in (link, profile, dropped, hubs):
        add_project_arguments(parser)
        add_lake_arguments(parser)
        add_output_arguments(parser)


def two_identifiers(namespaces: Sequence[str], given: TextIO) -> list[tuple[str, str]]:
    """Two (namespace, value), from two lines; raises ConfigurationError that says what is missing, without the values."""
    if len(namespaces) not in (0, 2):
        raise ConfigurationError("give both namespaces or none; with none, each line is NAMESPACE:VALUE")
    found = []
    for place, which in enumerate(("first", "second")):
        name = namespaces[place] if namespaces else None
        line = getpass.getpass(f"{name or 'NAMESPACE:VALUE'}: ") if given.isatty() else given.readline().rstrip("\r\n")
        if name is None:
            name, _, line = line.partition(":")
        if not name.strip() or not line.strip():
            raise ConfigurationError(
                f"the {which} identifier is missing on standard input; write two lines, NAMESPACE:VALUE each, such as: "
                "printf 'email:ann@x.com\\ncrm_id:C1\\n' | profile-engine explain link"
            )
        found.append((name.strip(), line))
    return found


def one_identifier(namespace: str, given: TextIO) -> str:
    """A value from standard input; raises ConfigurationError for an empty line."""
    text = getpass.getpass(f"{namespace}: ") if given.isatty() else given.readline()
    if not text.strip():
        raise ConfigurationError(
            "no identifier on standard input; write one line, such as: echo VALUE | profile-engine ..."
        )
    return text.rstrip("\n")


def _link(arguments: argparse.Namespace, given: TextIO, out: TextIO) -> None:
    first, second = two_identifiers(arguments.namespaces, given)
    told, cluster = opened_workspace(arguments).explain_link(first, second)
    write_told(arguments, dataclasses.asdict(told) | {"are_one": told.are_one}, link_lines(told), out)
    path = {hop.link.ends for hop in told.hops or told.would_join}
    cut = {link.ends for link in told.cut.links} if told.cut is not None else set[tuple[int, int]]()
    words = "are one person" if told.are_one else "are two people"
    _draw(arguments, cluster, f"{told.first.namespace} and {told.second.namespace} {words}", path, cut)


def _profile(arguments: argparse.Namespace, given: TextIO, out: TextIO) -> None:
    value = one_identifier(arguments.identifier, given) if arguments.identifier else None
    told = opened_workspace(arguments).explain_profile(
        arguments.profile_id, namespace=arguments.identifier, value=value
    )
    plain = dataclasses.asdict(told) | {"links": [dataclasses.asdict(link) for link in told.cluster.links]}
    del plain["cluster"]
    write_told(arguments, plain, profile_lines(told), out)
    _draw(arguments, told.cluster, f"Profile {told.profile_id}", set(), set())


def _dropped(arguments: argparse.Namespace, given: TextIO, out: TextIO) -> None:
    told = opened_workspace(arguments).explain_dropped(max(arguments.examples, 0))
    write_told(arguments, dataclasses.asdict(told), dropped_lines(told), out)


def _hubs(arguments: argparse.Namespace, given: TextIO, out: TextIO) -> None:
    told = opened_workspace(arguments).explain_hubs(max(arguments.examples, 0))
    write_told(arguments, dataclasses.asdict(told), hub_lines(told), out)


def _draw(arguments: argparse.Namespace, cluster: Cluster, title: str, path: set[Pair], cut: set[Pair]) -> None:
    if arguments.picture is None:
        return
    from profile_engine.identity.evidence.drawing import drawing
    from profile_engine.identity.evidence.path import bridges

    is_bridge = bridges(link.ends for link in cluster.live)
    drawn = drawing(cluster, is_bridge, path, cut, with_values=arguments.values)
    tables = link_tables(cluster, is_bridge, with_values=arguments.values)
    drawn_into(Path(arguments.picture), drawn, title, tables)


def drawn_into(target: Path, drawn: Drawing, title: str, tables: list[tuple[str, list[str], list[list[str]]]]) -> None:
    """Write a picture into an .svg file, or with its tables into an .html file; raises ConfigurationError for others."""
    from profile_engine.identity.evidence.picture import page, svg

    if target.suffix not in {".svg", ".html"}:
        raise ConfigurationError(f"--picture {target.name} ends in neither .svg nor .html")
    text = svg(drawn, title)
    target.write_text(page(text, title, tables) if target.suffix == ".html" else text, encoding="utf-8")
