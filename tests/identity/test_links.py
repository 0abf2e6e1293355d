"""Sightings, combinations, stars and the limit of persons per value, many cases side by side in one frame."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profile_engine.config.units import Span
from profile_engine.identity.components import one_task
from profile_engine.identity.limits import PersonLimit, most_at_once, person_limits, values_over_limit, with_persons
from profile_engine.identity.links import links_of
from profile_engine.identity.rulings_in_force import RulingsInForce
from profile_engine.identity.sightings import combinations_of, counting_sightings, members_of, sightings_of
from profile_engine.schemas.namespace_rules import Namespaces
from profile_engine.schemas.namespaces import NamespaceConfig, PersonsPerValue
from tests.identity import oracle

DAY = datetime(2026, 3, 1, tzinfo=UTC)
SIGHTINGS = "dataset string, record_id string, seen_at timestamp, identifier_ids array<bigint>, dropped array<string>, batch_id string"


def day(number: float) -> datetime:
    return DAY + timedelta(days=number)


def sightings(spark, rows):
    """Rows of (dataset, record_id, day, identifier ids, batch)."""
    return spark.createDataFrame([(d, r, day(t), ids, [], b) for d, r, t, ids, b in rows], SIGHTINGS)


def named(spark, namespace_of):
    return spark.createDataFrame(list(namespace_of.items()), "identifier_id bigint, namespace string")


def pairs(links, state):
    return {(row.left_id, row.right_id) for row in links if row.state == state}


def test_a_row_is_seen_at_its_source_time_and_says_nothing_without_identifiers(spark):
    identified = spark.createDataFrame(
        [
            ("own time", day(1), day(9), [("crm", "C", 1, 7), ("email", "e", 2, 3)], []),
            ("no own time", None, day(9), [("crm", "C", 1, 7)], []),
            ("only dropped", None, day(9), [], [("email", "null", "blocked")]),
            ("nothing", day(1), day(9), [], []),
        ],
        "record_id string, source_time timestamp, ingested_at timestamp, "
        "identifiers array<struct<namespace:string,value:string,priority:int,identifier_id:bigint>>, "
        "dropped array<struct<namespace:string,value:string,reason:string>>",
    ).selectExpr("*", "'b1' as batch_id")
    rows = {row.record_id: row for row in sightings_of(identified, "crm").collect()}
    assert {name: (row.seen_at.replace(tzinfo=UTC), row.identifier_ids) for name, row in rows.items()} == {
        "own time": (day(1), [7, 3]),
        "no own time": (day(9), [7]),
        "only dropped": (day(9), []),
    }
    assert [tuple(reason) for reason in rows["only dropped"].dropped] == [("email", "null", "blocked")]


def test_which_sightings_count(spark):
    seen = sightings(
        spark,
        [
            ("crm", "r1", 1, [1, 2], "b1"),  # superseded: its dataset ends links
            ("crm", "r1", 2, [1, 3], "b2"),
            ("crm", "r2", 1, [4], "b1"),
            ("loyalty", "r1", 1, [5, 6], "b3"),  # superseded, but kept
            ("loyalty", "r1", 2, [5, 7], "b4"),
            ("web", "r1", 1, [8], "gone"),
            ("off", "r1", 1, [9], "b5"),
            ("crm", "r1", 4, [1, 10], "b6"),  # of the future: it ends nothing yet
            ("web", "r2", 4, [1, 11], "b6"),
        ],
    )
    withdrawn = spark.createDataFrame([("gone",)], "batch_id string")
    found = {
        as_of: counting_sightings(seen, ["crm", "loyalty", "web"], ["crm"], day(as_of), withdrawn).collect()
        for as_of in (3, 4)
    }
    assert sorted(row.identifier_ids for row in found[3]) == [[1, 3], [4], [5, 6], [5, 7]]
    assert sorted(row.identifier_ids for row in found[4]) == [[1, 10], [1, 11], [4], [5, 6], [5, 7]]


def test_records_become_stars_and_events_with_the_same_identifiers_one_link(spark):
    seen = sightings(
        spark,
        [
            ("crm", "r1", 5, [10, 3, 20], "b"),
            ("web", "e1", 2, [10, 3], "b"),
            ("web", "e2", 1, [3, 10], "b"),  # priorities changed since
            ("web", "e3", 4, [8], "b"),
            ("web", "e4", 4, [], "b"),
            ("web", "e5", 4, [30, 30], "b"),
        ],
    )
    links = links_of(combinations_of(seen)).collect()
    assert [
        (r.left_id, r.right_id, r.first_seen_at.replace(tzinfo=UTC), r.datasets, r.state) for r in sorted(links)
    ] == [
        (3, 10, day(1), ["crm", "web"], "live"),
        (10, 20, day(5), ["crm"], "live"),
    ]


def test_a_value_over_its_limit_links_nothing_and_takes_nobody_with_it(spark):
    seen = sightings(
        spark, [("web", f"e{n}", 1, ids, "b") for n, ids in enumerate([[9, 1, 2], [9, 3], [4, 9, 5], [9]])]
    )
    over = spark.createDataFrame([(9, "persons_per_value")], "identifier_id bigint, reason string")
    links = links_of(combinations_of(seen), over).collect()
    assert pairs(links, "live") == {(1, 2), (4, 5)}, "1 and 2 were still seen together"
    assert pairs(links, "dropped") == {(1, 9), (2, 9), (3, 9), (4, 9)}
    assert {row.reason for row in links if row.state == "dropped"} == {"persons_per_value"}


def test_a_kept_pair_is_a_link_where_a_record_holds_both(spark):
    seen = sightings(
        spark, [("crm", "r1", 5, [1, 11, 21], "b"), ("web", "e1", 2, [21, 11], "b"), ("web", "e2", 1, [2, 12], "b")]
    )
    links = links_of(combinations_of(seen), None, {(11, 21), (12, 21)}).collect()
    assert {(r.left_id, r.right_id): (r.first_seen_at.replace(tzinfo=UTC), r.datasets) for r in links} == {
        (1, 11): (day(5), ["crm"]),
        (1, 21): (day(5), ["crm"]),
        (11, 21): (day(2), ["crm", "web"]),
        (2, 12): (day(1), ["web"]),
    }


def test_limits_are_read_from_the_namespaces():
    namespaces = Namespaces.of(
        [
            NamespaceConfig(name="crm", kind="person"),
            NamespaceConfig(name="email", kind="email", persons_per_value=4),
            NamespaceConfig(name="ecid", kind="cookie", persons_per_value={"at_most": 2, "within": "7 days"}),
            NamespaceConfig(name="store", kind="thing", persons_per_value=1),
        ]
    )
    assert person_limits(namespaces) == (
        PersonLimit("email", 4, None, frozenset({"crm"})),
        PersonLimit("ecid", 2, Span(7, "day"), frozenset({"crm", "email"})),
    )
    assert PersonsPerValue(at_most=1).within is None


PEOPLE = frozenset({"crm", "email", "phone"})
# crm 1..9, email 11..19, phone 21..29, ecid from 100
CASES = {
    100: ([[1, 100], [2, 100]], 2, False),  # at the limit
    101: ([[1, 101], [2, 101], [3, 101]], 2, True),
    102: ([[4, 11, 102], [5, 11, 102], [6, 102]], 2, False),  # 4 and 5 are one person by their e-mail
    103: ([[7, 21, 103], [8, 21, 103], [9, 103]], 2, False),  # or by their phone
    104: ([[104, 200], [104, 201], [104, 202]], 2, False),  # devices are not people
    105: ([[12, 105], [13, 105], [14, 105]], 2, True),
}


def test_persons_are_components_without_the_limited_namespace(spark):
    rows = [
        ("web", f"{value}-{n}", n, ids, "b") for value, (lists, _, _) in CASES.items() for n, ids in enumerate(lists)
    ]
    # e-mail 15 was seen with two crm ids, which the e-mail itself must not make one person
    rows += [("crm", "x", 0, [31, 15], "b"), ("crm", "y", 0, [32, 15], "b")]
    # and 16 with two that a phone joins
    rows += [("crm", "v", 0, [33, 16, 22], "b"), ("crm", "w", 0, [34, 16, 22], "b")]
    namespace = dict.fromkeys([*range(1, 10), 31, 32, 33, 34], "crm") | dict.fromkeys(range(11, 20), "email")
    namespace |= dict.fromkeys(range(21, 30), "phone") | dict.fromkeys(range(100, 300), "ecid")
    seen = sightings(spark, rows)
    limits = (PersonLimit("ecid", 2, None, PEOPLE), PersonLimit("email", 1, None, PEOPLE - {"email"}))
    members = with_persons(members_of(combinations_of(seen), named(spark, namespace)), limits)
    over = values_over_limit(members, seen, limits, one_task.components)
    expected = {value for value, (_, _, is_over) in CASES.items() if is_over} | {11, 15} - {11}
    # e-mail 11 joins 4 and 5, who are two without it
    assert sorted(row.identifier_id for row in over.collect()) == sorted(expected | {11})


@pytest.mark.parametrize("seed", [1])
def test_windows_slide(spark, seed):
    import random

    rng = random.Random(seed)
    cases = {value: [(rng.randint(1, 5), rng.randint(0, 20)) for _ in range(rng.randint(1, 12))] for value in range(60)}
    cases[60] = [(1, 0), (2, 7)]  # the first has just left when the second comes
    cases[61] = [(1, 0), (2, 6)]
    cases[62] = [(1, 0), (1, 6), (2, 7)]  # seen again in between
    meetings = spark.createDataFrame(
        [(value, person, day(at)) for value, met in cases.items() for person, at in met],
        "identifier_id bigint, component bigint, seen_at timestamp",
    )
    found = {row.identifier_id: row.persons for row in most_at_once(meetings, Span(7, "day")).collect()}
    assert found == {value: oracle.most_at_once(met, 7) for value, met in cases.items()}
    assert (found[60], found[61], found[62]) == (1, 2, 2)


def test_a_limit_with_a_window_counts_only_what_falls_together(spark):
    seen = sightings(
        spark,
        [
            ("web", f"{v}-{n}", t, [n, v], "b")
            for v, days in {100: [0, 3, 6.9], 101: [0, 4, 8]}.items()
            for n, t in enumerate(days, 1)
        ],
    )
    limits = (PersonLimit("ecid", 2, Span(7, "day"), PEOPLE),)
    namespace = {1: "crm", 2: "crm", 3: "crm", 100: "ecid", 101: "ecid"}
    members = with_persons(members_of(combinations_of(seen), named(spark, namespace)), limits)
    over = values_over_limit(members, seen, limits, one_task.components)
    assert [row.identifier_id for row in over.collect()] == [100]


def test_what_rulings_cut_was_not_seen_together(spark):
    # crm 1 is the best of a record with an e-mail, a phone and a cookie, crm 2 of others
    namespace = {1: "crm", 2: "crm", 3: "crm", 11: "email", 12: "email", 21: "phone", 100: "ecid", 101: "ecid"}
    lists = [[1, 11, 21, 100], [2, 100], [3, 12, 101], [2, 101]]
    limits = (PersonLimit("ecid", 1, None, PEOPLE),)
    members = members_of(combinations_of(sightings(spark, [("web", str(n), 1, ids, "b") for n, ids in enumerate(lists)])),
                         named(spark, namespace))  # fmt: skip

    def met(decided):
        rows = with_persons(decided.on_members(members), limits).collect()
        assert {"identifier_ids", "place", "identifier_id", "namespace", "person_0"} == set(rows[0].asDict()) - {"part"}
        return sorted({(row.identifier_id, row.person_0) for row in rows if row.identifier_id >= 100}, key=str)

    assert met(RulingsInForce()) == [(100, 1), (100, 2), (101, 2), (101, 3)]
    cut = frozenset({(1, 100), (2, 101), (11, 21)})
    assert met(RulingsInForce(cut_links=cut)) == [(100, 2), (100, None), (101, 3), (101, None)]
    kept = frozenset({(11, 100)})
    assert (100, 1) in met(RulingsInForce(cut_links=cut, kept_links=kept)), "kept with the e-mail of the record"
    assert met(RulingsInForce(cut_values=frozenset({1, 3}))) == [(100, 11), (100, 2), (101, 12), (101, 2)]


@given(
    st.lists(st.lists(st.integers(0, 12), min_size=1, max_size=5, unique=True), max_size=12),
    st.frozensets(st.integers(0, 12), max_size=4),
    st.randoms(),
)
def test_stars_join_what_cliques_join(combinations, over, random):
    cliques = {(min(a, b), max(a, b)) for c in combinations for a in c for b in c if a != b and not {a, b} & over}
    everyone = {i for c in combinations for i in c}
    shuffled = random.sample(combinations, len(combinations))
    assert oracle.components(oracle.stars(combinations, over), everyone) == oracle.components(cliques, everyone)
    assert oracle.stars(shuffled, over) == oracle.stars(combinations, over)


def test_frames_make_the_stars_of_the_oracle(spark):
    import random

    rng = random.Random(11)
    lists = [[case * 100 + i for i in rng.sample(range(9), rng.randint(1, 6))] for case in range(30) for _ in range(4)]
    over = frozenset(case * 100 + rng.randint(0, 8) for case in range(30))
    seen = sightings(spark, [("web", str(n), n % 7, ids, "b") for n, ids in enumerate(lists)])
    frame = spark.createDataFrame([(i, "persons_per_value") for i in over], "identifier_id bigint, reason string")
    for rows in (seen, seen.repartition(3)):
        links = links_of(combinations_of(rows), frame).collect()
        assert pairs(links, "live") == oracle.stars(lists, over)
        assert pairs(links, "dropped") == {link for link in oracle.stars(lists) if set(link) & over}
