"""Typed events: how they are read, and the graphs of all documented cases of linking rules."""

from __future__ import annotations

from datetime import date

import networkx as nx
import pytest

from profile_engine.command_line.simulation_lines import graph_lines
from profile_engine.errors import ConfigurationError
from profile_engine.identity.config import StitchingConfig
from profile_engine.identity.rulings import Ruling
from profile_engine.identity.simulation.drawn import drawn_cluster
from profile_engine.identity.simulation.events import typed_events
from profile_engine.identity.simulation.graph import simulated
from profile_engine.identity.simulation.presets import PRESETS, preset_lines
from profile_engine.schemas.namespace_rules import Namespaces
from profile_engine.schemas.namespaces import NamespaceConfig
from tests.support.linking_cases import LinkingCase, linking_cases

PROJECT = Namespaces.of(
    [
        NamespaceConfig(name="crm", kind="person", unique=True),
        NamespaceConfig.model_validate(
            {"name": "email", "kind": "email", "normalise": "email", "persons_per_value": 2}
        ),
        NamespaceConfig(name="phone", kind="phone"),
        NamespaceConfig(name="ecid", kind="cookie", pattern="[0-9]{3,38}"),
    ],
    identifiers_per_record=3,
)
CASES = linking_cases()


def graph_of(text: str, namespaces: Namespaces = PROJECT, **options: bool):
    return simulated(
        typed_events(text.splitlines(), namespaces), namespaces, StitchingConfig(), removals=True, **options
    )


def links_of(graph):
    return {
        (link.ends[0][1], link.ends[1][1]): (link.state, link.reason, link.events, link.removed_by)
        for link in graph.links
    }


def test_events_are_lines_in_the_order_of_time():
    text = "# a comment\ncrm: Tom, email: tom@x: y ,\n\n  ecid:123\n"
    events = typed_events(text.splitlines(), PROJECT)
    assert [(event.number, event.identifiers) for event in events] == [
        (1, (("crm", "Tom"), ("email", "tom@x: y"))),
        (2, (("ecid", "123"),)),
    ]
    assert events[0].at < events[1].at


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("crm: Tom, tom@x", "line 2: write each identifier as NAMESPACE: value"),
        ("emial: tom@x", "line 2: unknown namespace 'emial'; did you mean 'email'?"),
        (": secret", "line 2: write each"),
    ],
)
def test_a_line_that_is_no_event_is_told_without_its_values(line, said):
    with pytest.raises(ConfigurationError) as refused:
        typed_events(["crm: Ann", line], PROJECT)
    assert said in str(refused.value)
    assert "tom@x" not in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_link_tells_the_events_that_showed_it_and_the_one_that_removed_it():
    graph = graph_of(
        "crm: Tom, ecid: 111\ncrm: Tom, email: t@x\ncrm: Ann, ecid: 111\ncrm: Tom, ecid: 111\ncrm: Ann, ecid: 111"
    )
    assert links_of(graph) == {
        ("Tom", "111"): ("dropped", "unique_namespace", (1, 4), 5),
        ("Tom", "t@x"): ("live", None, (2,), None),
        ("Ann", "111"): ("live", None, (3, 5), None),
    }
    assert [[value for _, value in members] for members in graph.graphs] == [["Ann", "111"], ["Tom", "t@x"]]


def test_hygiene_limits_and_contradictions_are_those_of_the_stage():
    text = "\n".join(
        (
            "crm: Tom, email: APP@x , ecid: 1",  # no cookie of the pattern
            "crm: Ann, email: app@X",
            "crm: null, email: app@x, phone: 1, ecid: 123",
            "crm: Joe, email: app@x",  # the third person
            "crm: Tom, crm: Ann, phone: 2",  # contradicts itself
            "crm: Zoe, email: z@x, phone: 5, ecid: 999",  # one more than a record may have
        )
    )
    graph = graph_of(text)
    assert [(one.event, one.identifier, one.reason) for one in graph.refused] == [
        (1, ("ecid", "1"), "pattern"),
        (3, ("crm", "null"), "blocked"),
        (6, ("ecid", "999"), "too_many"),
    ]
    assert graph.over_limit == {("email", "app@x")}
    states = links_of(graph)
    assert states["Tom", "app@x"][1] == "persons_per_value"
    assert states["app@x", "1"][:2] == ("dropped", "persons_per_value")
    assert states["1", "123"][:2] == ("live", None), "without the value over its limit the next best is the centre"
    assert states["Ann", "Tom"][1] == "contradicting_event"
    assert states["Ann", "2"][1] == "contradicting_event"
    # as typed, nothing is refused
    assert graph_of("crm: null, ecid: 1", as_given=True).graphs == ((("crm", "null"), ("ecid", "1")),)


def test_rulings_win_over_limits_and_rules():
    def ruled(verdict, *about):
        return Ruling(verdict, about, "ann", date(2026, 3, 1), "known")

    tom, ann, cookie, mail = ("crm", "Tom"), ("crm", "Ann"), ("ecid", "111"), ("email", "s@x")
    text = "crm: Tom, ecid: 111, email: s@x\ncrm: Ann, ecid: 111, email: s@x\ncrm: Joe, email: s@x"
    plain, kept = graph_of(text), graph_of(text, rulings=(ruled("keep", tom, cookie), ruled("keep", mail)))
    assert links_of(plain)["Tom", "111"][1] == "unique_namespace"
    assert links_of(plain)["Joe", "s@x"][1] == "persons_per_value"
    assert links_of(kept)["Tom", "111"] == ("live", None, (1,), None)
    assert links_of(kept)["Ann", "111"][1] == "unique_namespace"
    assert links_of(kept)["Joe", "s@x"][0] == "live", "a kept value is over no limit"
    cut = graph_of(text, rulings=(ruled("cut", cookie), ruled("cut", ann, mail), ruled("keep", tom, ("crm", "nobody"))))
    assert links_of(cut)["Ann", "111"][1] == "ruling_on_value"
    assert links_of(cut)["Ann", "s@x"][1] == "ruling_on_link"


def test_what_a_ruling_cuts_is_no_meeting_of_a_limited_value():
    def over(text, *rulings):
        decided = [Ruling(verdict, tuple(about), "ann", date(2026, 3, 1), "known") for verdict, *about in rulings]
        return {value for _, value in graph_of(text, rulings=decided).over_limit}

    # given an address of which two people may have the use, and three have
    joe, mail, phone = ("crm", "Joe"), ("email", "s@x"), ("phone", "5")
    three = "crm: Tom, email: s@x\ncrm: Ann, email: s@x\ncrm: Joe, email: s@x"
    assert over(three) == {"s@x"}
    # when one of them is cut from it, or is nobody, two are left
    assert over(three, ("cut", joe, mail)) == set()
    assert over(three, ("cut", joe)) == {"Joe"}
    # who is left on the record of a value that is cut was seen all the same
    assert over(f"{three}, phone: 5", ("cut", joe)) == {"Joe", "s@x"}
    # and who is cut from the best of a record has left it, unless a link is kept that the record shows
    assert over(f"{three}, phone: 5", ("cut", joe, mail)) == set()
    assert over(f"{three}, phone: 5", ("cut", joe, mail), ("keep", mail, phone)) == {"s@x"}
    assert over(f"{three}, phone: 5", ("cut", mail, phone)) == {"s@x"}, "this parts no star"


def test_a_kept_link_stands_where_an_event_holds_both_and_rulings_that_change_nothing_are_told():
    # given an event whose star has no link between the e-mail and the phone
    person, mail, phone = ("crm", "Tom"), ("email", "t@x"), ("phone", "5")
    rulings = [
        Ruling(verdict, tuple(about), "ann", date(2026, 3, 1), "known")
        for verdict, *about in (
            ("cut", person, phone), ("keep", mail, phone),
            ("cut", ("ecid", "111"), phone), ("keep", mail, ("ecid", "111")), ("cut", ("crm", "nobody")),
        )
    ]  # fmt: skip
    text = "crm: Tom, email: t@x, phone: 5\ncrm: Tom, phone: 5, ecid: 111"
    # when its link to the customer is cut and the one between both kept
    graph = graph_of(text, rulings=rulings)
    # then both are the customer's, and the rest of the rulings did nothing
    assert links_of(graph)["Tom", "5"][:3] == ("dropped", "ruling_on_link", (1, 2))
    assert links_of(graph)["t@x", "5"][:3] == ("live", None, (1,))
    assert graph.graphs == ((person, mail, phone, ("ecid", "111")),)
    assert graph.idle_rulings == (3, 4, 5), "no link of a star; never together; never seen"
    assert any(
        line.startswith("rulings without effect  3, 4, 5 of") for line in graph_lines(graph, PROJECT, show_events=False)
    )


def test_known_people_who_lack_the_highest_unique_namespace_are_warned_of():
    both = Namespaces.of([
        NamespaceConfig(name="crm", kind="person", unique=True), NamespaceConfig(name="email", kind="email", unique=True),
        NamespaceConfig(name="ecid", kind="cookie"),
    ])  # fmt: skip

    def warned(text):
        lines = graph_lines(graph_of(text, both), both, show_events=False)
        return [line for line in lines if line.startswith("set-up error?")]

    # given one who has a customer number and one who has only an address, on one device
    (line,) = warned("crm: Tom, ecid: 111\nemail: summer@x, ecid: 111")
    assert "no event shows email:summer@x with a crm, though its graph has one" in line
    # but not guests, nor an address that an event shows beside a number
    assert warned("email: tom@x, ecid: 111\nemail: summer@x, ecid: 111") == []
    assert warned("crm: Tom, email: tom@x\nemail: tom@x, ecid: 111") == []


@pytest.mark.parametrize("name", PRESETS)
def test_presets_end_well_in_a_careful_project_and_need_their_namespaces(name):
    lines = preset_lines(name, PROJECT)
    graph = graph_of("\n".join(lines))
    assert any(not link.is_live for link in graph.links)
    assert graph.collapsed(PROJECT)["crm"] == 0
    # and without rules two people are taken for one
    naive = Namespaces.of([NamespaceConfig(name=one.name, kind=one.kind) for one in PROJECT.configs], presets=())
    assert graph_of("\n".join(preset_lines(name, naive)), naive).collapsed(naive)["crm"] == 1
    with pytest.raises(ConfigurationError, match=f"preset {name} needs a namespace of kind"):
        preset_lines(name, Namespaces.of([NamespaceConfig(name="crm", kind="person")]))


def test_a_picture_has_removed_links_and_the_numbers_of_events():
    graph = graph_of("crm: Tom, ecid: 111\ncrm: Ann, ecid: 111")
    cluster, words = drawn_cluster(graph, PROJECT)
    assert [(link.is_live, words[link.ends]) for link in cluster.links] == [(False, "1, removed by 2"), (True, "2")]
    assert {one.value: one.profile_id for one in cluster.identifiers.values()} == {
        "Tom": "graph 2", "Ann": "graph 1", "111": "graph 1",
    }  # fmt: skip


@pytest.mark.skipif(not CASES, reason="there is no file of linking cases")
@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_documented_linking_cases_as_typed_events(case: LinkingCase):
    namespaces = Namespaces.of(
        [NamespaceConfig(name=name, kind="person", unique=name in case.unique) for name in case.priority]
    )
    graph = graph_of("\n".join(", ".join(event) for event in case.events), namespaces, as_given=True)
    joined = {frozenset(f"{name}:{value}" for name, value in members) for members in graph.graphs}
    assert joined == case.expected
    # of all cases only the documented set-up error is one
    assert [value for _, value in graph.without_highest] == (["summer@acme.com"] if case.name == "F3" else [])
    # what the lines of the picture say makes the same graphs
    live = nx.Graph([link.ends for link in graph.links if link.is_live])
    live.add_nodes_from(given for members in graph.graphs for given in members)
    assert {frozenset(map(tuple, part)) for part in nx.connected_components(live)} == set(map(frozenset, graph.graphs))
    assert all((link.removed_by is None) == link.is_live for link in graph.links)
