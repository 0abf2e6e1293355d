"""Paths, bridges and cuts against networkx, and what people read of them."""

from __future__ import annotations

from datetime import UTC, datetime

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from profile_engine.command_line.identity_lines import link_lines
from profile_engine.identity.evidence.cluster import Cluster, Identifier, Link, pair, parts
from profile_engine.identity.evidence.cut import cheapest_cut
from profile_engine.identity.evidence.joined import joined
from profile_engine.identity.evidence.path import bridges, shortest_path

AT = datetime(2026, 1, 1, tzinfo=UTC)


def link(left: int, right: int, records: int = 1, reason: str | None = None) -> Link:
    return Link(*pair(left, right), "dropped" if reason else "live", reason, AT, ("crm",), records)


def cluster_of(*links: Link) -> Cluster:
    ids = sorted({end for one in links for end in one.ends})
    return Cluster({i: Identifier(i, "email", f"v{i}", 1, AT) for i in ids}, links)


weighted = st.dictionaries(
    st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda ends: ends[0] < ends[1]),
    st.integers(1, 4),
    max_size=22,
)


@given(weighted, st.integers(0, 9), st.integers(0, 9))
def test_path_bridges_and_cut_are_those_of_networkx(weights, first, second):
    # given any small graph whose links have records behind them
    links = tuple(link(*ends, records) for ends, records in weights.items())
    cluster = cluster_of(*links, link(first, 10), link(second, 11))
    graph = nx.Graph()
    for one in cluster.live:
        graph.add_edge(*one.ends, capacity=one.records)

    # then a path is as short as any, and of the shortest the one with most records
    path = shortest_path(cluster.neighbours, first, second)
    if nx.has_path(graph, first, second):
        shortest = list(nx.all_shortest_paths(graph, first, second))
        records = [sum(graph.edges[e]["capacity"] for e in nx.utils.pairwise(nodes)) for nodes in shortest]
        assert path is not None
        assert (len(path), sum(one.records for one in path)) == (len(shortest[0]) - 1, max(records))
        assert all(graph.has_edge(*one.ends) for one in path)
    else:
        assert path is None

    # and bridges and components are the same
    assert bridges(one.ends for one in cluster.live) == {pair(*ends) for ends in nx.bridges(graph)}
    assert set(parts(cluster.identifiers, (one.ends for one in cluster.live))) == set(
        map(frozenset, nx.connected_components(graph))
    )

    # and the cut parts them, at the least price
    cut = cheapest_cut(cluster.live, first, second)
    if path is None or first == second:
        assert cut is None
    else:
        assert cut is not None
        value, _ = nx.minimum_cut(graph, first, second)
        assert cut.records == value
        graph.remove_edges_from(one.ends for one in cut.links)
        assert not nx.has_path(graph, first, second)
        assert cut.side_of_first == nx.node_connected_component(graph, first)
        assert cut.side_of_second == nx.node_connected_component(graph, second)


def test_a_chain_longer_than_recursion_has_every_link_as_a_bridge():
    chain = [(i, i + 1) for i in range(5000)]
    assert bridges(chain) == frozenset(chain)


def test_two_people_joined_by_one_phone():
    # given two people with two identifiers each, seen often, and a phone that each gave once
    cluster = cluster_of(link(1, 2, 9), link(1, 3, 5), link(2, 3, 5), link(3, 7), link(7, 5, 2), link(5, 6, 8))
    told = joined(cluster, 1, 6)
    # then the path goes over the phone, the bridges are marked, and the cut is the weakest of them
    assert told.hops is not None
    assert [(hop.start.identifier_id, hop.end.identifier_id) for hop in told.hops] == [(1, 3), (3, 7), (7, 5), (5, 6)]
    assert [hop.is_bridge for hop in told.hops] == [False, True, True, True]
    assert told.cut is not None
    assert [one.ends for one in told.cut.links] == [(3, 7)]
    assert (told.cut.side_of_first, told.cut.side_of_second) == ({1, 2, 3}, {5, 6, 7})


def test_every_link_of_a_cut_is_named_also_off_the_path():
    # two ways from 1 to 4, the cut goes through both
    told = joined(cluster_of(link(1, 2), link(2, 4, 5), link(1, 3, 2), link(3, 4, 5)), 1, 4)
    assert told.hops is not None
    assert [hop.end.identifier_id for hop in told.hops] == [3, 4]
    assert [line for line in link_lines(told) if "✂" in line] == [
        "  ✂ email:v1 -- email:v2",
        "  ✂ email:v1 -- email:v3",
    ]


def test_what_was_dropped_between_two_people_is_told():
    cluster = cluster_of(link(1, 7), link(7, 2, reason="persons_per_value"), link(2, 3))
    told = joined(cluster, 1, 3)
    assert (told.are_one, told.cut) == (False, None)
    assert [hop.link.reason for hop in told.would_join] == [None, "persons_per_value", None]
    assert joined(cluster, 1, 1).hops == ()
