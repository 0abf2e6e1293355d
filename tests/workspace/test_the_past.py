"""What is told of past runs: a person's rules as they stood, members and definitions from the logs, exits forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from profile_engine.errors import ConfigurationError, LakeError
from profile_engine.lake.lake import Lake, open_lake
from profile_engine.segments.history_writing import forget_exits
from profile_engine.workspace.explain_members import explain_members
from profile_engine.workspace.explain_person import explain_person
from tests.segments.small_lake import day, evaluation, memberships, order, person, project_with

pytestmark = pytest.mark.spark
RULES = {
    "dutch": "{country: NL}",
    "spenders": "{did: {event: order, sum: {of: amount, at_least: 50}, within_last: 36 hours}}",
    "not_dutch": "{not: {in_segment: dutch}}",
    "never": "{did_not: {event: order}}",
}


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    return tmp_path


def test_three_days_are_told_as_they_were(spark: SparkSession, root: Path):
    # given: three days on which people move, order, and are told by another rule
    project = project_with(root, RULES)
    lake: Lake = open_lake(spark, project.engine, root)
    orders = [order(1, 11, day(1) - timedelta(hours=1), Decimal("60.00"))]
    days = [
        {"people": [person(1, country="NL"), person(2, country="BE")], "orders": orders, "owners": {11: 1, 12: 2}},
        {"people": [person(1, country="DE"), person(2, country="NL")]},
        {"orders": [*orders, order(2, 12, day(3), Decimal("70.00"))]},
    ]
    then = []
    for number, written in enumerate(days, start=1):
        if number == 3:
            project = project_with(root, {**RULES, "dutch": "{country: [NL, BE]}"})
        evaluation(lake, project, day(number), **written)  # type: ignore[arg-type]
        then.append(memberships(lake))
    assert len({frozenset(one) for one in then}) == 3

    # then: a person's rules are told as each run found them
    was = project_with(root, RULES)
    for number, held in enumerate(then[:2], start=1):
        told = explain_person(was, lake, "p1", None, None, day(number) + timedelta(hours=1))
        assert told.as_of == day(number)
        assert {one.segment for one in told.segments if one.rule.verdict} == {name for who, name in held if who == "p1"}
        assert {one.segment: one.entered_at for one in told.segments if one.entered_at} == {name: at for (who, name), at in held.items() if who == "p1"}  # fmt: skip
        left = {one.segment: one.left_at for one in told.segments if one.status == "exited"}
        assert left == ({} if number == 1 else {"dutch": day(2)})
    changed = explain_person(project_with(root, {**RULES, "dutch": "{country: FR}"}), lake, "p1", None, None, day(1))
    assert {one.segment: one.sentence_then for one in changed.segments if one.sentence_then} == {
        "dutch": "People whose country is NL."
    }
    with pytest.raises(
        LakeError, match=r"no release as of 2026-04-30T12:00:00.* the earliest kept is as of 2026-05-01T12"
    ):
        explain_person(was, lake, "p1", None, None, day(0))

    # and members from the logs, with the definition in force
    for number, held in ((1, then[0]), (3, then[2])):
        told_members = explain_members(project, lake, "dutch", day(number) + timedelta(minutes=1))
        assert set(told_members.some_members) == {who for who, name in held if name == "dutch"}
        assert told_members.sentence == (
            "People whose country is NL." if number < 3 else "People whose country is NL or BE."
        )
        assert told_members.version == (1 if number < 3 else 2)
    now = explain_members(project, lake, "dutch", others=["spenders", "never", "dutch"])
    assert (now.size, now.history) == (1, ((day(1), 1), (day(2), 1), (day(3), 1)))
    assert now.overlaps == (("spenders", 1), ("never", 0), ("dutch", 1))
    with pytest.raises(
        ConfigurationError, match=r"nothing is known of segment dutch .* told is 2026-05-01T12:00:00\+00:00"
    ):
        explain_members(project, lake, "dutch", day(0))
    with pytest.raises(ConfigurationError, match="there is no segment duch in the lake; known: dutch, never"):
        explain_members(project, lake, "duch")

    # when exits are forgotten a day after they happened, p1's stay of day 1 is gone, and day 2 is the earliest
    with lake.run("maintain_lake", day(3)) as run:
        assert forget_exits(run, timedelta(days=1)) == 4
    left_rows = lake.read("membership_change").where("size(left) > 0").collect()
    assert {row.at.astimezone(UTC) for row in left_rows} == {day(3)}
    assert explain_members(project, lake, "dutch", day(2)).some_members == ("p2",)
    with pytest.raises(ConfigurationError, match=r"told is 2026-05-02T12:00:00"):
        explain_members(project, lake, "dutch", day(1))
    with lake.run("maintain_lake", day(3)) as run:
        assert forget_exits(run, timedelta(days=1)) == 0
