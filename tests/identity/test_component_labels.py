"""Components over plain arrays: equal to networkx on any graph, within the memory that one task is given."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profile_engine.identity.components.one_task import BYTES_A_LINK, component_labels
from tests.identity import oracle
from tests.support.shared_data import shared

GRAPHS = shared("data/graphs")
LOWEST, HIGHEST = -(2**63), 2**63 - 1
ids = st.one_of(st.integers(0, 30), st.integers(-5, 5), st.sampled_from([LOWEST, LOWEST + 1, HIGHEST, 0]))


def array(values) -> np.ndarray:
    return np.array(list(values), dtype=np.int64)


def labels(links, alone=()) -> dict[int, int]:
    found, component = component_labels(array(a for a, _ in links), array(b for _, b in links), array(alone))
    assert len(found) == len(set(found.tolist()))
    return dict(zip(found.tolist(), component.tolist(), strict=True))


@st.composite
def graphs(draw):
    """Random links with a hub, a chain, loops, duplicates and both directions among them, and islands."""
    links = draw(st.lists(st.tuples(ids, ids), max_size=40))
    hub, chain = draw(ids), draw(st.integers(0, 12))
    links += [(hub, leaf) for leaf in draw(st.lists(ids, max_size=10))]
    links += [(1000 + place, 1001 + place) for place in range(chain)]
    return links, draw(st.lists(ids, max_size=5))


@given(graphs(), st.randoms(use_true_random=False))
def test_any_graph_has_the_components_of_networkx_in_any_order(graph, random):
    links, alone = graph
    shuffled = [(b, a) if random.random() < 0.5 else (a, b) for a, b in random.sample(links, len(links))]
    assert labels(links, alone) == oracle.components(links, alone)
    assert labels(shuffled, alone) == labels(links, alone)


def test_nothing_gives_nothing():
    assert labels([]) == {}
    assert labels([], [3, 3]) == {3: 3}


@pytest.mark.skipif(not GRAPHS.exists(), reason="no shared data")
@pytest.mark.parametrize(
    ("name", "nodes", "components", "largest"),
    [("Wiki-Vote", 7115, 24, 7066), ("CA-HepPh", 12008, 278, 11204), ("road-minnesota", 2642, 2, 2640)],
)
def test_known_graphs(name, nodes, components, largest):
    links = np.loadtxt(GRAPHS / f"{name}.txt", dtype=np.int64, comments="#")[:, :2]
    found, component = component_labels(links[:, 0], links[:, 1], array([]))
    sizes = np.unique(component, return_counts=True)[1]
    assert (len(found), len(sizes), sizes.max()) == (nodes, components, largest)


@pytest.mark.parametrize("like_hashes", [False, True], ids=["small ids", "ids like hashes"])
@pytest.mark.parametrize("distinct", [600_000, 4_000_000], ids=["few ids", "nearly all ids distinct"])
def test_a_link_takes_at_most_80_bytes(distinct, like_hashes):
    rng = np.random.default_rng(3)
    links = 1_000_000
    left, right = rng.integers(0, distinct, links), rng.integers(0, distinct, links)
    if like_hashes:
        spread = np.int64(-7046029254386353131)  # odd: numbers stay apart
        left, right = left * spread, right * spread
    tracemalloc.start()
    tracemalloc.reset_peak()
    component_labels(left, right, array([]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (peak + left.nbytes + right.nbytes) / links <= BYTES_A_LINK
