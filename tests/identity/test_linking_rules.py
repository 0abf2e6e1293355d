"""Linking rules over plain arrays, against a replay in plain Python that takes every link in order for every event."""

from __future__ import annotations

import random
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from profile_engine.identity.linking_rules.replay import RuledByHand, dropped_links
from profile_engine.identity.linking_rules.rules import LinkingRules
from tests.support.linking_oracle import graphs, live_pairs, removed_by_limit

PRIORITY = ("crm", "mail", "phone", "device", "cookie")
TURNS = {"crm": 3, "mail": 3, "phone": 3, "device": 1, "cookie": 0}
IDENTIFIERS = [f"{namespace}:{value}" for namespace in PRIORITY for value in "abcd"]
RANK = {namespace: number for number, namespace in enumerate(PRIORITY, start=1)}
REMOVED_IN = {RANK[namespace]: turn for namespace, turn in TURNS.items()}


def event(identifiers):
    return tuple(sorted(set(identifiers), key=lambda i: (RANK[i.partition(":")[0]], i)))


events = st.lists(st.lists(st.sampled_from(IDENTIFIERS), min_size=1, max_size=4).map(event), max_size=14)
uniques = st.lists(st.sampled_from(PRIORITY), unique=True, max_size=4)
pairs = st.lists(
    st.lists(st.sampled_from(IDENTIFIERS), min_size=2, max_size=2, unique=True).map(frozenset), max_size=3, unique=True
)


def ruled(seen, unique, *, most=None, kept=(), cut=(), kept_values=()):
    """Live pairs and dropped ones with their reason, of the engine's replay."""
    numbers = {name: number * 7 - 40 for number, name in enumerate(IDENTIFIERS)}
    names = {number: name for name, number in numbers.items()}

    def links(listed):
        return frozenset(tuple(sorted(numbers[i] for i in pair)) for pair in listed)

    dropped = dropped_links(
        [[numbers[i] for i in one] for one in seen],
        {number: RANK[name.partition(":")[0]] for name, number in numbers.items()},
        LinkingRules(frozenset(RANK[name] for name in unique), REMOVED_IN, most),
        RuledByHand(links(kept), links(cut), frozenset(numbers[i] for i in kept_values)),
    )
    reasons = {frozenset(names[end] for end in link): reason for link, reason in dropped.items()}
    drawn = {frozenset((one[0], other)) for one in seen for other in one[1:]} - set(cut) | set(kept)
    assert set(reasons) <= drawn
    return drawn - set(reasons), reasons


@given(events, uniques)
def test_the_replay_is_that_of_the_oracle(seen, unique):
    live, _ = ruled(seen, unique)
    assert live == live_pairs(seen, PRIORITY, unique)


@given(events, uniques, pairs, pairs)
def test_what_people_decide_wins_over_rules(seen, unique, kept, cut):
    cut = [pair for pair in cut if pair not in kept]
    live, reasons = ruled(seen, unique, kept=kept, cut=cut)
    assert live == live_pairs(seen, PRIORITY, unique, kept=kept, cut=cut)
    assert set(kept) <= live
    assert not set(cut) & (live | set(reasons))


@given(events, uniques)
def test_no_graph_holds_two_values_of_a_unique_namespace(seen, unique):
    live, _ = ruled(seen, unique)
    for graph in graphs(seen, live):
        for name in unique:
            assert sum(i.startswith(f"{name}:") for i in graph) <= 1


@given(events, uniques, st.integers(1, 4))
@settings(max_examples=60)
def test_a_graph_over_its_limit_loses_the_oldest_of_the_least_kind(seen, unique, most):
    ruled_live, _ = ruled(seen, unique)
    live, reasons = ruled(seen, unique, most=most)
    gone = {
        identifier
        for graph in graphs(seen, ruled_live)
        for identifier in removed_by_limit(graph, seen, most, TURNS, unique)
        if len(graph) > 1
    }
    assert live == {pair for pair in ruled_live if not pair & gone}
    assert {pair for pair, reason in reasons.items() if reason == "identity_limit"} == ruled_live - live
    assert all(len(graph) <= most or len(graph) == 1 for graph in graphs(seen, live))


def test_reasons():
    seen = [
        ("crm:a", "cookie:a"),
        ("crm:b", "cookie:a"),  # takes the cookie
        ("crm:a", "crm:b", "cookie:b"),  # holds two customers
        ("crm:a", "mail:a"),
    ]
    live, reasons = ruled(seen, ["crm"])
    assert live == {frozenset({"crm:b", "cookie:a"}), frozenset({"crm:a", "mail:a"})}
    assert reasons == {
        frozenset({"crm:a", "cookie:a"}): "unique_namespace",
        frozenset({"crm:a", "crm:b"}): "contradicting_event",
        frozenset({"crm:a", "cookie:b"}): "contradicting_event",
    }
    # a link that comes back is a link again
    assert frozenset({"crm:a", "cookie:a"}) in ruled([*seen, ("crm:a", "cookie:a")], ["crm"])[0]
    # two customers that a person declared to be one do not contradict each other
    same = [frozenset({"crm:a", "crm:b"})]
    live, reasons = ruled(seen, ["crm"], kept=same)
    assert not reasons
    assert frozenset({"crm:a", "cookie:b"}) in live


def test_kept_values_stay_in_a_graph_over_its_limit():
    seen = [("crm:a", "cookie:a"), ("crm:a", "cookie:b"), ("crm:a", "cookie:c")]
    assert ruled(seen, [], most=2)[0] == {frozenset({"crm:a", "cookie:c"})}
    live, _ = ruled(seen, [], most=2, kept_values=["cookie:a"])
    assert live == {frozenset({"crm:a", "cookie:a"})}
    live, _ = ruled(seen, [], most=2, kept=[frozenset({"crm:a", "cookie:b"})])
    assert live == {frozenset({"crm:a", "cookie:b"})}


def test_tens_of_thousands_of_sightings_take_seconds():
    # two customers whose every device was also the other's, and one device of many customers
    rng, shared = random.Random(5), 20_000
    priority = dict.fromkeys(range(2_000), 1) | dict.fromkeys(range(2_000, 2_000 + shared), 5)
    devices = rng.sample(range(2_001, 2_000 + shared), 10_000)
    seen = [(customer, device) for device in devices for customer in (0, 1)]
    seen += [(customer, 2_000) for customer in rng.choices(range(2_000), k=20_000)]
    started = time.perf_counter()
    dropped = dropped_links(seen, priority, LinkingRules(frozenset({1})))
    assert time.perf_counter() - started < 10
    assert len(dropped) == 10_000 + len({c for c, d in seen if d == 2_000}) - 1
