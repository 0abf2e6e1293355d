"""What is told of one person is what the tables hold, under policies with the identity graph and without it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from pyspark.sql import SparkSession

from profile_engine.command_line.explain import lines_of
from profile_engine.errors import ConfigurationError
from profile_engine.lake.lake import Lake, open_lake
from profile_engine.schemas.identifiers import profile_id_of_owner
from profile_engine.workspace.explain_person import PersonExplained, explain_person
from tests.segments.small_lake import day, evaluation, memberships, merged, order, owner, person, project_with

pytestmark = pytest.mark.spark
TESTS = (
    "{country: NL}",
    "{not: {country: NL}}",
    "{did: {event: order, within_last: 2 days}}",
    "{did_not: {event: order}}",
    "{any: [{country: BE}, {did: {event: order, times: {at_least: 2}}}]}",
)
OWNERS = {11: 1, 12: 1, 21: 2, 31: 3, 32: 3}


def verdicts(told: PersonExplained) -> set[tuple[str, str]]:
    return {(one.profile_id, one.segment) for one in told.segments if one.rule.verdict}


def stored(told: PersonExplained) -> dict[tuple[str, str], datetime]:
    return {(one.profile_id, one.segment): one.entered_at for one in told.segments if one.entered_at is not None}


def test_the_verdict_of_random_rules_is_the_tables_for_people_and_for_owners_then_and_now(
    spark: SparkSession, tmp_path: Path
):
    # given: random people and owners over three days, under rules of both kinds, and segments of segments
    chance = Random(5)
    rules = {f"g{place}": rule for place, rule in enumerate(TESTS)}
    rules |= {f"a{place}": f"name: a\nmerge_policy: alone\nmembers: {rule}\n" for place, rule in enumerate(TESTS)}
    rules["g_of_g"] = "{all: [{not: {in_segment: g0}}, {in_segment: everyone}]}"
    rules["a_of_a"] = "name: a\nmerge_policy: alone\nmembers: {not: {in_segment: a2}}\n"
    project = project_with(tmp_path, rules)
    lake: Lake = open_lake(spark, project.engine, tmp_path)
    held: list[Mapping[tuple[str, str], datetime]] = []
    for number in (1, 2, 3):
        people = [person(who, country=chance.choice(["NL", "BE"])) for who in (1, 2, 3)]
        people += [owner(one, country=chance.choice(["NL", "BE", None])) for one in OWNERS]
        orders = [order(place, chance.choice([*OWNERS]), day(chance.choice([-1, 1, 2]))) for place in range(4)]
        evaluation(lake, project, day(number), people=people, orders=orders, owners=OWNERS)
        held.append(memberships(lake))
    # when: everybody is explained, as of each day
    for number, then in enumerate(held, start=1):
        for who in (1, 2, 3):
            told = explain_person(project, lake, f"p{who}", None, None, day(number) + timedelta(hours=1))
            mine = {f"p{who}", *(profile_id_of_owner(one) for one, of in OWNERS.items() if of == who)}
            theirs = {key: at for key, at in then.items() if key[0] in mine}
            # then
            assert verdicts(told) == theirs.keys()
            assert stored(told) == theirs
            assert {one.profile_id for one in told.segments} == mine


def test_owners_are_told_one_by_one_each_by_its_own_records(spark: SparkSession, tmp_path: Path):
    # given: a person of two owners, of whom one is Dutch and the other has ordered
    project = project_with(
        tmp_path,
        {
            "dutch": "name: Dutch\nmerge_policy: alone\nmembers: {country: NL}\n",
            "buyers": "name: Buyers\nmerge_policy: alone\nmembers: {did: {event: order}}\n",
            "people": "{country: NL}",
        },
    )
    lake = open_lake(spark, project.engine, tmp_path)
    people = [person(1, country="NL"), owner(11, country="NL"), owner(12)]
    evaluation(lake, project, day(1), people=people, orders=[order(1, 12, day(0))], owners={11: 1, 12: 1})
    first, second = profile_id_of_owner(11), profile_id_of_owner(12)
    # when
    told = explain_person(project, lake, "p1", None, None)
    # then
    assert verdicts(told) == {("p1", "people"), (first, "dutch"), (second, "buyers")}
    assert {(one.profile_id, one.rule.seen) for one in told.segments if one.segment == "dutch"} == {
        (first, "NL"), (second, None),
    }  # fmt: skip
    shown = "\n".join(lines_of(told))
    assert f"✓ Dutch (dutch) as {first}: realized, since 2026-05-01T12:00:00Z" in shown
    assert f"✗ Dutch (dutch) as {second}: not a member" in shown
    # and an owner, as lists of members show its id, is told by its identifier alone
    alone = explain_person(project, lake, second, None, None)
    assert (alone.profile_id, alone.events, verdicts(alone)) == (second, 1, {(second, "buyers")})
    assert {one.profile_id for one in alone.segments} == {second}
    with pytest.raises(ConfigurationError, match="there is no profile owner_0000000000000063"):
        explain_person(project, lake, profile_id_of_owner(99), None, None)


def test_an_exit_under_an_id_that_was_merged_since_is_the_survivors(spark: SparkSession, tmp_path: Path):
    # given: p1 leaves on day 2 and is merged into p2 on day 3
    project = project_with(tmp_path, {"dutch": "{country: NL}"})
    lake = open_lake(spark, project.engine, tmp_path)
    both = {"orders": [order(1, 12, day(0))], "owners": {11: 1, 12: 2}}
    evaluation(lake, project, day(1), people=[person(1, country="NL"), person(2, country="BE")], **both)
    evaluation(lake, project, day(2), people=[person(1, country="BE"), person(2, country="BE")])
    merge = [merged(1, 2, day(3))]
    evaluation(lake, project, day(3), people=[person(2, country="BE")], owners={11: 2, 12: 2}, changes=merge)
    # when
    (told,) = explain_person(project, lake, "p2", None, None).segments
    # then
    assert (told.status, told.entered_at, told.left_at, told.rule.verdict) == ("exited", None, day(2), False)
    # and before the merge it was p1's
    (told,) = explain_person(project, lake, "p2", None, None, day(2)).segments
    assert (told.status, told.left_at) == (None, None)
