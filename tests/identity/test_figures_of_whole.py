"""Figures of the whole out of those of a part: what measuring everything again would give."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from profile_engine.identity.figures_of_whole import figures_from, figures_of_whole, kept_figures
from profile_engine.identity.graph_figures import SIZE_CLASSES, GraphFigures

groups = st.lists(st.lists(st.sampled_from(["crm", "email", "ecid"]), min_size=1, max_size=9), max_size=8)


def figures(profiles, links=0, hubs=None) -> GraphFigures:
    """Of profiles, each a list of its identifiers' namespaces."""
    classes = Counter(bisect_left(SIZE_CLASSES, len(one)) for one in profiles)
    identifiers = sum(map(len, profiles))
    return GraphFigures(
        seen=identifiers, identifiers=identifiers, profiles=len(profiles),
        largest_profile=max(map(len, profiles), default=0),
        sizes=tuple(classes[place] for place in range(len(SIZE_CLASSES) + 1)),
        two_values={name: sum(one.count(name) > 1 for one in profiles) for name in ("crm", "email")},
        links=links, links_dropped=links // 2, links_torn=0, hubs=hubs,
    )  # fmt: skip


@given(groups, groups, groups, st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_the_part_before_goes_and_the_part_now_comes(outside, was, now, links, links_was, links_now):
    hubs = [None if links == 0 else {"crm": 0, "ecid": count} for count in (links + links_was, links_was, links_now)]
    last = figures(outside + was, links + links_was, hubs[0])
    whole = figures_of_whole(
        last, figures(was, links_was, hubs[1]), figures(now, links_now, hubs[2]),
        lambda: max(map(len, outside), default=0),
    )  # fmt: skip
    expected = figures(outside + now, links + links_now, None if links == 0 else {"crm": 0, "ecid": links + links_now})
    # halves of links are rounded down in each part
    for name in ("seen", "identifiers", "profiles", "largest_profile", "sizes", "two_values", "links", "hubs"):
        assert getattr(whole, name) == getattr(expected, name), name
    assert (whole.profiles_before, whole.largest_before) == (last.profiles, last.largest_profile)
    assert (whole.sizes_before, whole.two_before, whole.hubs_before) == (last.sizes, last.two_values, last.hubs)


@given(groups, st.none() | st.just({"crm": 1}))
def test_kept_figures_come_back(profiles, hubs):
    found = figures(profiles, 5, hubs)
    assert figures_from(reversed(kept_figures(found))) == found


def test_figures_that_another_engine_kept_are_none():
    assert figures_from([]) is None
    rows = kept_figures(figures([["crm"]]))
    assert figures_from(row for row in rows if row[0] != "links") is None
    assert figures_from(row for row in rows if row[:2] != ("sizes", "03")) is None
