"""The figures of a graph, against counting them one by one."""

from __future__ import annotations

from collections import defaultdict
from random import Random

from profile_engine.identity.graph_figures import SIZE_BOUNDS, GraphFigures
from profile_engine.identity.measured_graph import graph_figures
from profile_engine.schemas.namespace_rules import Namespaces
from profile_engine.schemas.namespaces import NamespaceConfig

NAMESPACES = Namespaces.of(
    [NamespaceConfig(name="crm", kind="person"), NamespaceConfig(name="email", kind="email"),
     NamespaceConfig(name="ecid", kind="cookie")]
)  # fmt: skip
PEOPLE = {1: "crm", 2: "email"}
ASSIGNED = "identifier_id bigint, priority int, before string, profile_id string, profile_no bigint"
LINKS = "left_id bigint, right_id bigint, state string"

Assigned = tuple[int, int, str | None, str, int | None]
Links = list[tuple[int, int, str]]


def counted(seen: list[int], assigned: list[Assigned], links: Links, before: dict[int, str], persons: int):
    """The same figures by loops over dicts."""
    now, was = defaultdict(list), defaultdict(set)
    for row in assigned:
        now[row[3]].append(row)
    for identifier, profile in before.items():
        was[profile].add(identifier)
    of, priority = {row[0]: row[3] for row in assigned}, {row[0]: row[1] for row in assigned}
    minted = {row[3] for row in assigned if row[4] is not None}

    def sizes(many):
        return tuple(sum(low < len(one) <= high for one in many) for low, high in SIZE_BOUNDS)

    def two(groups):
        return {
            name: sum(sum(priority.get(i) == place for i in group) > 1 for group in groups)
            for place, name in PEOPLE.items()
        }

    left = {profile: {i for i in ids if i in of} for profile, ids in was.items()}
    met = defaultdict(set)
    for a, b, state in links:
        for value, person in ((a, b), (b, a)):
            if (
                state == "live"
                and a in of
                and b in of
                and priority[person] in PEOPLE
                and priority[person] != priority[value]
            ):
                met[value, priority[person]].add(person)
    hubs = {value for (value, _), people in met.items() if len(people) > persons}
    return GraphFigures(
        seen=len(seen),
        identifiers=len(assigned),
        profiles=len(now),
        largest_profile=max(map(len, now.values()), default=0),
        sizes=sizes(now.values()),
        two_values=two([[row[0] for row in rows] for rows in now.values()]),
        links=sum(state == "live" for *_, state in links),
        links_dropped=sum(state != "live" for *_, state in links),
        links_torn=sum(s == "live" and (of.get(a) is None or of.get(a) != of.get(b)) for a, b, s in links),
        profiles_before=len(was),
        largest_before=max(map(len, was.values()), default=0),
        sizes_before=sizes(was.values()),
        two_before=two(left.values()),
        profiles_changed=sum(
            any(of.get(i) != p for i in ids) or any(row[2] not in (None, p) for row in now[p]) if p in now else True
            for p, ids in was.items()
        ),
        profiles_merged=sum(bool(ids) and p not in {of[i] for i in ids} for p, ids in left.items()),
        profiles_split=sum(any(of[i] in minted for i in ids) for ids in left.values()),
        ids_changed=sum(any(of[i] != p for i in ids) for p, ids in left.items()),
        hubs={name: sum(priority[v] == NAMESPACES.priority(name) for v in hubs) for name in NAMESPACES.names},
    )  # fmt: skip


def random_graph(draw: Random, size: int) -> tuple[list[int], list[Assigned], Links, dict[int, str]]:
    """A last graph, and one that kept, merged, split and lost parts of it; some links are torn."""
    profiles = [f"p{number}" for number in range(size // 3)]
    before = {i: draw.choice(profiles) for i in range(size) if draw.random() < 0.7}
    became = {p: draw.choice([p, p, p, draw.choice(profiles), f"new-{p}"]) for p in profiles}
    assigned: list[Assigned] = []
    for i in range(size):
        if draw.random() < 0.1:
            continue  # no longer seen
        old = before.get(i)
        profile = became[old] if old is not None and draw.random() < 0.9 else draw.choice([*profiles, f"new-{i}"])
        number = 1000 + i if profile.startswith("new") else None
        assigned.append((i, draw.choice([1, 2, 2, 3, 3, 3]), old, profile, number))
    seen = [row[0] for row in assigned]
    pairs = {tuple(sorted(draw.sample(range(size), 2))) for _ in range(size)}
    hub = seen[0]
    pairs |= {tuple(sorted((hub, i))) for i in seen[1:9]}
    links = [(a, b, draw.choice(["live", "live", "dropped"])) for a, b in sorted(pairs)]
    return seen, assigned, links, before


def test_figures_equal_counting_them_one_by_one(spark):
    seen, assigned, links, before = random_graph(Random(2), 90)
    figures = graph_figures(
        spark.createDataFrame([(i,) for i in seen], "identifier_id bigint"), spark.createDataFrame(assigned, ASSIGNED),
        spark.createDataFrame(links, LINKS), spark.createDataFrame(list(before.items()), "identifier_id bigint, before string"),
        NAMESPACES, 1,
    )  # fmt: skip
    assert figures == counted(seen, assigned, links, before, 1)
    some = (figures.profiles_merged, figures.profiles_split, figures.links_torn, sum(figures.hubs.values()))
    assert min(some) > 0

    # a first graph is beside none, and hubs are counted only where a gate asks
    rows: list[Assigned] = [(1, 1, None, "a", 1), (2, 3, None, "a", 1), (3, 3, None, "b", 2)]
    first = graph_figures(
        spark.createDataFrame([(1,), (2,), (3,)], "identifier_id bigint"), spark.createDataFrame(rows, ASSIGNED),
        spark.createDataFrame([(1, 2, "live")], LINKS), None, NAMESPACES,
    )  # fmt: skip
    assert (first.profiles, first.sizes[:3], first.profiles_before, first.hubs) == (2, (1, 1, 0), 0, None)
