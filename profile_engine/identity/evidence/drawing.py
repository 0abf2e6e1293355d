"""What of a cluster is drawn: identifiers and bundles of like ones, with a label that shows no value unless wanted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from profile_engine.identity.evidence.cluster import Cluster, Link, Pair

_BUNDLED_FROM = 7
"""So many leaves of one namespace on one identifier are drawn as one node."""
_LONGEST_LABEL = 28


@dataclass(frozen=True)
class Node:
    """One identifier, or a bundle of identifiers of one namespace that hang on one other and on nobody else."""

    node_id: int
    namespace: str
    label: str
    profile_id: str | None
    identifiers: int = 1


@dataclass(frozen=True)
class Edge:
    """A link, or all links of a bundle; ends are node ids."""

    left: int
    right: int
    is_live: bool
    reason: str | None
    records: int
    links: int
    is_bridge: bool
    on_path: bool
    is_cut: bool
    words: str = ""
    """Written beside the line."""


@dataclass(frozen=True)
class Drawing:
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def drawing(
    cluster: Cluster,
    bridges: Collection[Pair] = (),
    path: Collection[Pair] = (),
    cut: Collection[Pair] = (),
    *,
    with_values: bool = False,
    words: Mapping[Pair, str] | None = None,
) -> Drawing:
    """The nodes and edges of a cluster, in a fixed order.

    Labels are the namespace and a number (`email 2`, the second of its namespace by value), with `with_values` the value;
    `words` stand beside the lines of their links, but not of bundles.
    """
    degree = Counter(end for link in cluster.links for end in link.ends)
    marked = {end for ends in (*path, *cut) for end in ends}
    bundle_of = _bundles(cluster, degree, marked)
    labels = cluster.labels()
    nodes: dict[int, Node] = {}
    members: Counter[int] = Counter(bundle_of.values())
    for one in cluster.in_order():
        node_id = bundle_of.get(one.identifier_id, one.identifier_id)
        if node_id in nodes:
            continue
        if members[node_id]:
            label = f"{members[node_id]} × {one.namespace}"
        else:
            label = one.value if with_values else labels[one.identifier_id]
        nodes[node_id] = Node(node_id, one.namespace, _short(label), one.profile_id, members[node_id] or 1)
    edges: dict[tuple[int, int, bool], Edge] = {}
    for link in cluster.links:
        left, right = (bundle_of.get(end, end) for end in link.ends)
        if left not in nodes or right not in nodes:
            continue
        known = edges.get((left, right, link.is_live))
        edge = _edge(link, left, right, known, bridges, path, cut)
        beside = words.get(link.ends, "") if words is not None and known is None else ""
        edges[left, right, link.is_live] = replace(edge, words=beside)
    return Drawing(tuple(nodes.values()), tuple(edges.values()))


def _bundles(cluster: Cluster, degree: Counter[int], marked: Collection[int]) -> dict[int, int]:
    """Leaves that are drawn together, with the id of their bundle: its smallest member."""
    groups: dict[tuple[int, str, bool, str | None], list[int]] = {}
    for link in cluster.links:
        for leaf in link.ends:
            one = cluster.identifiers.get(leaf)
            if one is not None and degree[leaf] == 1 and degree[link.other(leaf)] > 1 and leaf not in marked:
                key = (link.other(leaf), one.namespace, link.is_live, one.profile_id)
                groups.setdefault(key, []).append(leaf)
    return {leaf: min(leaves) for leaves in groups.values() if len(leaves) >= _BUNDLED_FROM for leaf in leaves}


def _edge(
    link: Link,
    left: int,
    right: int,
    known: Edge | None,
    bridges: Collection[Pair],
    path: Collection[Pair],
    cut: Collection[Pair],
) -> Edge:
    records, links = (known.records, known.links) if known is not None else (0, 0)
    return Edge(
        left, right, link.is_live, link.reason, records + link.records, links + 1,
        link.ends in bridges, link.ends in path, link.ends in cut,
    )  # fmt: skip


def _short(label: str) -> str:
    printable = "".join(sign if sign.isprintable() else "·" for sign in label)
    return printable if len(printable) <= _LONGEST_LABEL else printable[: _LONGEST_LABEL - 1] + "…"
