"""Explanations of identity as people read them, line by line."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from profile_engine.command_line.attribute_lines import attribute_lines

if TYPE_CHECKING:
    from profile_engine.identity.evidence.cluster import Cluster, Identifier, Link, Pair
    from profile_engine.identity.evidence.joined import Hop, LinkExplained
    from profile_engine.workspace.explain_identity import DroppedExplained, HubsExplained, ProfileExplained

REASONS = {
    "persons_per_value": "a value seen with more people than persons_per_value allows links nobody",
    "unique_namespace": "it would join two values of a namespace that is unique in a profile; a later record went elsewhere",
    "contradicting_event": "only events that hold two values of a unique namespace show it",
    "identity_limit": "the profile had more identifiers than identifiers_per_profile; the oldest of the least kind left it",
    "replay_limit": "its component breaks a linking rule and has more sightings than replay_limit",
    "ruling_on_link": "cut by a ruling (conf/identity/rulings.yaml)",
    "ruling_on_value": "a value that a ruling cuts joins nobody (conf/identity/rulings.yaml)",
    "blocked": "a placeholder or blocked value (blocked_values)",
    "pattern": "does not match its namespace's pattern",
    "length": "too short or too long for its namespace",
    "invalid": "has no normal form in its namespace",
    "not_a_person_namespace": "of a namespace that never enters the graph",
    "unknown_namespace": "of a namespace that the project does not have",
    "too_many": "more identifiers on the record than identifiers_per_record",
}


def link_lines(told: LinkExplained) -> Iterator[str]:
    """Why two identifiers are one person, step by step, and what would part them; or why they are two."""
    if not told.are_one:
        yield f"{told.first} and {told.second} are two people ({told.first.profile_id}, {told.second.profile_id})"
        if told.would_join:
            yield "they would be one but for dropped links"
            yield from _hop_lines(told.would_join)
        else:
            yield "no record joins them, not even a dropped link"
        return
    if not told.hops:
        yield f"{told.first} is one and the same identifier, of profile {told.first.profile_id}"
        return
    yield f"{told.first} and {told.second} are one person ({told.first.profile_id})"
    yield f"path of evidence: {_many(len(told.hops), 'link')}, {_many(len(told.bridges), 'bridge')}"
    yield from _hop_lines(told.hops)
    if told.cut is not None:
        sides = f"{len(told.cut.side_of_first)} and {len(told.cut.side_of_second)} identifiers"
        yield f"cheapest cut: {_many(len(told.cut.links), 'link')} with {_many(told.cut.records, 'record')}; parts {sides}"
        for one, other in told.cut_ends:
            yield f"  ✂ {one} -- {other}"


def _hop_lines(hops: tuple[Hop, ...]) -> Iterator[str]:
    for number, hop in enumerate(hops, 1):
        marks = ("  [bridge]" if hop.is_bridge else "") + _kept(hop.link)
        if not hop.link.is_live:
            marks = f"  [dropped: {REASONS.get(hop.link.reason or '', hop.link.reason)}]"
        yield f"  {number}. {hop.start} -- {hop.end}{marks}"
        yield f"     {evidence(hop.link)}"


def evidence(link: Link) -> str:
    """What speaks for a link: records, datasets, the first and the last."""
    if link.probability is not None:
        return f"records that Splink holds for one person with probability {link.probability:.4f}"
    if link.first is None or link.last is None:
        return f"first seen {link.first_seen_at:%Y-%m-%d} in {', '.join(link.datasets)}; no record that counts shows it now"
    told = f"{_many(link.records, 'record')} of {', '.join(link.datasets)}: first {link.first.dataset} {link.first.record_id}"
    told += f" at {link.first.at:%Y-%m-%dT%H:%M:%SZ}"
    if link.last != link.first:
        told += f", last {link.last.dataset} {link.last.record_id} at {link.last.at:%Y-%m-%dT%H:%M:%SZ}"
    return told


def profile_lines(told: ProfileExplained) -> Iterator[str]:
    """A profile as identity sees it."""
    yield f"profile {told.profile_id} as of {told.as_of:%Y-%m-%dT%H:%M:%SZ}"
    if told.asked_for is not None:
        yield f"  {told.asked_for} has been merged into it"
    yield "history of its id"
    for entry in told.history:
        many = f" ({_many(entry.identifiers, 'identifier')})" if entry.identifiers else ""
        yield f"  {entry.at:%Y-%m-%dT%H:%M:%SZ}  {entry.what} {entry.other_profile_id or ''}".rstrip() + many
    yield f"identifiers  {len(told.identifiers)}"
    width = max((len(one.namespace) for one in told.identifiers), default=0)
    for one in told.identifiers:
        links = len(told.cluster.neighbours.get(one.identifier_id, ()))
        yield f"  {one.namespace:<{width}}  {one.value}  first seen {one.first_seen_at:%Y-%m-%d}, {_many(links, 'link')}"
    yield from attribute_lines(told.attributes)
    yield f"links  {len(told.live)}, of which bridges {len(told.bridges)}"
    yield from _link_lines(told.cluster, told.live, told.bridges)
    yield f"dropped links  {len(told.dropped)}"
    yield from _link_lines(told.cluster, told.dropped, ())


def _link_lines(cluster: Cluster, links: tuple[Link, ...], is_bridge: Collection[Pair]) -> Iterator[str]:
    for link in links:
        mark = ("  [bridge]" if link.ends in is_bridge else "") + _kept(link)
        if not link.is_live:
            mark = f"  [{REASONS.get(link.reason or '', link.reason)}]"
        left, right = (_named(cluster.identifiers.get(end)) for end in link.ends)
        yield f"  {left} -- {right}{mark}"
        yield f"     {evidence(link)}"


def _kept(link: Link) -> str:
    return "  [kept by a ruling]" if link.is_live and link.reason == "ruling_on_link" else ""


def dropped_lines(told: DroppedExplained) -> Iterator[str]:
    """What identity dropped, by reason."""
    yield f"dropped as of {told.as_of:%Y-%m-%dT%H:%M:%SZ}"
    yield f"identifiers  {_many(sum(one.records for one in told.identifiers), 'record')}"
    for one in told.identifiers:
        words = REASONS.get(one.reason, one.reason)
        yield f"  {one.namespace}: {_many(one.records, 'record')}, {_many(one.values, 'value')}; {words}"
        for example in one.examples:
            where = f"{_many(example.records, 'record')}, such as {example.dataset} {example.record_id}"
            yield f"    {example.value!r}  {where}"
    yield f"links  {sum(group.links for group in told.links)}"
    for group in told.links:
        between = " -- ".join(group.namespaces)
        yield f"  {between}: {_many(group.links, 'link')}; {REASONS.get(group.reason, group.reason)}"
        for namespace, value, links in group.hubs:
            yield f"    {namespace}:{value}  {_many(links, 'link')}"


def link_tables(
    cluster: Cluster, is_bridge: Collection[Pair], *, with_values: bool
) -> list[tuple[str, list[str], list[list[str]]]]:
    """The tables below a picture: live and dropped links with their evidence."""
    shown = {end: str(one) for end, one in cluster.identifiers.items()} if with_values else cluster.labels()
    tables = []
    for heading, links in (("Links", cluster.live), ("Dropped links", cluster.dropped)):
        rows = [
            [
                *(shown.get(end, "?") for end in link.ends),
                evidence(link),
                "bridge"
                if link.is_live and link.ends in is_bridge
                else REASONS.get(link.reason or "", link.reason or ""),
            ]
            for link in links
        ]
        if rows:
            tables.append((heading, ["from", "to", "evidence", ""], rows))
    return tables


def _named(one: Identifier | None) -> str:
    return str(one) if one is not None else "an identifier that is gone"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def hub_lines(told: HubsExplained) -> Iterator[str]:
    """The values that met the most people, by namespace."""
    yield f"hubs as of {told.as_of:%Y-%m-%dT%H:%M:%SZ}: values that met five times as many people as 95 of 100 do"
    for one in told.namespaces:
        limit = f"persons_per_value: {one.limit}" if one.limit else "no persons_per_value"
        if not one.values:
            yield f"  {one.namespace}: no value met anybody of a higher namespace; {limit}"
            continue
        yield (
            f"  {one.namespace}: {_many(one.values, 'value')} met people, 95 of 100 at most {one.usual}, the most {one.most}; "
            f"{_many(one.hubs, 'hub')} from {one.hub_persons} on; {limit}"
        )
        for value, persons in one.examples:
            yield f"    {value!r}  {persons} people"
