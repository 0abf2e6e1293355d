"""Random histories of additions, late and early arrivals, corrections, cuts, withdrawals, and runs as of an earlier time: what
is touched is enough to look at."""

from __future__ import annotations

from copy import deepcopy

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.identity.history_oracle import COOKIES, EMAILS, PEOPLE, Lake, Sighting

identifiers = st.one_of(st.sampled_from(PEOPLE), st.sampled_from(EMAILS), st.sampled_from(COOKIES))
lists = st.lists(identifiers, max_size=4, unique=True).map(lambda ids: tuple(sorted(ids)))
sightings = st.builds(
    Sighting,
    dataset=st.sampled_from(["crm", "web", "web"]),
    record=st.sampled_from([f"r{number}" for number in range(8)]),
    at=st.integers(0, 5),
    ids=lists,
    batch=st.just(""),
)
steps = st.sampled_from([0, 1, 1, 1, 2, -2])
days = st.lists(
    st.tuples(steps, st.lists(sightings, max_size=6), st.sets(st.integers(0, 5), max_size=1)), min_size=1, max_size=6
)
"""How far as_of moves, what lands, and the batches of which day are withdrawn or in force again."""
links = st.tuples(identifiers, identifiers).filter(lambda link: link[0] < link[1])
rulings = st.tuples(
    st.frozensets(st.sampled_from([*EMAILS, *COOKIES]), max_size=1),
    st.frozensets(links, max_size=2),
    st.frozensets(links, max_size=3),
)
"""Values that are cut, links that are kept, links that are cut."""
limits = st.fixed_dictionaries({}, optional={"email": st.integers(1, 2), "cookie": st.integers(1, 2)})


@settings(max_examples=400)
@given(days, limits, st.booleans(), st.one_of(st.just((frozenset(),) * 3), rulings))
def test_looking_at_what_the_news_touch_ends_as_looking_at_all(history, limited, unique, decided):
    cut_values, kept, cut = decided
    kept = frozenset(link for link in kept - cut if not cut_values & set(link))
    whole, touched = (Lake(dict(limited), unique, cut_values, kept, cut) for _ in range(2))
    as_of = 0
    for number, (step, landed, withdrawn) in enumerate(history):
        as_of = max(0, as_of + step)
        # a batch a day and dataset; one row a record and time, as raw tables have
        rows = {
            (one.dataset, one.record): Sighting(one.dataset, one.record, one.at, one.ids, f"{one.dataset}{number}")
            for one in landed
        }
        for lake in (whole, touched):
            lake.withdrawn ^= {f"{dataset}{day}" for day in withdrawn if day < number for dataset in ("crm", "web")}
        expected = whole.day(as_of, deepcopy(list(rows.values())), whole=True)
        found = touched.day(as_of, list(rows.values()), whole=False)
        assert found == expected
        assert touched.ids.profile_of == whole.ids.profile_of
        assert touched.ids.minted == whole.ids.minted
        assert touched.links == whole.links
