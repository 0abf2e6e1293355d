"""Who was in a segment: sizes also of days without it, and overlaps of people and of owners, never of one with the other."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from profile_engine.command_line.explain_segment import member_lines
from profile_engine.errors import ConfigurationError
from profile_engine.lake.lake import open_lake
from profile_engine.workspace.explain_members import explain_members, refuse_other_people
from tests.segments.small_lake import day, evaluation, order, owner, person, project_with


def test_people_and_owners_are_not_compared():
    policies = {"a": "alone", "b": "alone", "g": "default", "h": "by_time"}
    refuse_other_people("a", ["a", "b"], policies, frozenset({"alone"}))
    refuse_other_people("g", ["h"], policies, frozenset({"alone"}))
    with pytest.raises(ConfigurationError, match=r"g \(merge policy default\) and b \(alone\) can't be compared"):
        refuse_other_people("g", ["h", "b"], policies, frozenset({"alone"}))


@pytest.mark.spark
def test_owners_overlap_though_no_bitmap_holds_them_and_a_day_without_the_segment_is_told(
    spark: SparkSession, tmp_path: Path
):
    # given: two segments of owners and one of people, of which day 2 has one less
    whole = {
        "dutch": "name: d\nmerge_policy: alone\nmembers: {country: NL}\n",
        "somewhere": "name: s\nmerge_policy: alone\nmembers: {country: [NL, BE]}\n",
        "people": "{country: NL}",
    }
    project = project_with(tmp_path, whole)
    lake = open_lake(spark, project.engine, tmp_path)
    people = [person(1, country="NL"), owner(11, country="NL"), owner(12, country="BE"), owner(13)]
    evaluation(lake, project, day(1), people=people, orders=[order(1, 11, day(0))], owners={11: 1, 12: 1, 13: 1})
    for number, rules in ((2, {"people": whole["people"]}), (3, whole)):
        project = project_with(tmp_path, rules)
        evaluation(lake, project, day(number))
    # when
    told = explain_members(project, lake, "dutch", others=["dutch", "somewhere"])
    # then
    assert (told.size, told.overlaps) == (1, (("dutch", 1), ("somewhere", 1)))
    assert explain_members(project, lake, "people", others=["people"]).overlaps == (("people", 1),)
    with pytest.raises(ConfigurationError, match="compare segments whose policies agree in that"):
        explain_members(project, lake, "people", others=["dutch"])
    # and the day without it
    assert told.history == ((day(1), 1), (day(2), None), (day(3), 1))
    assert told.in_project
    then = explain_members(project, lake, "dutch", day(2))
    assert (then.size, then.in_project) == (0, False)
    shown = "\n".join(member_lines(then))
    assert "not in the project at that time" in shown
    assert "2026-05-02T12:00:00Z  not in the project" in shown
