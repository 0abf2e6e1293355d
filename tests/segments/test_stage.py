"""The stage on a real lake: states over five runs, a repeated as_of, merges, versions, rules set aside, events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from profile_engine.errors import ConfigurationError
from profile_engine.lake.lake import Lake, open_lake
from profile_engine.project import Project, open_project
from profile_engine.rules.syntax import AnyOf, Attribute, Check, EventField, Events, Measure, Not, Passes
from profile_engine.segments.preview import preview
from profile_engine.segments.stage import evaluate_segments
from tests.segments.small_lake import (
    PROFILE,
    changes,
    day,
    evaluation,
    memberships,
    merged,
    names_of,
    opened,
    order,
    person,
    project_with,
    statuses,
    write,
)
from tests.support.job_counter import counted_jobs

DUTCH = {"dutch": "{country: NL}"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def lake(spark: SparkSession, root: Path) -> Iterator[Lake]:
    yield from opened(spark, root, DUTCH)


@pytest.mark.usefixtures("adaptive_plans")
def test_five_runs_give_realized_existing_exited_nothing_realized_and_merges_keep_the_earliest_entry(
    lake: Lake, root: Path
):
    """p1 is in, in, out, out, in; p3 becomes p5 and then p4, p6 becomes p2; p7 is gone from the third run on."""
    nl = {"country": "NL"}
    people = {
        1: [person(1, **nl), person(2), person(3, **nl), person(6, **nl), person(7, **nl)],
        2: [person(1, **nl), person(2, **nl), person(3, **nl), person(4), person(6, **nl), person(7, **nl)],
        3: [person(1, country="BE"), person(2, **nl), person(3, **nl), person(4), person(6, **nl)],
        4: [person(1, country="BE"), person(2, **nl), person(4, **nl)],
        5: [person(1, **nl), person(2), person(4, **nl)],
    }
    joined = {4: [merged(6, 2, day(4)), merged(3, 5, day(4) - timedelta(hours=1)), merged(5, 4, day(4))]}
    seen = []
    for number in range(1, 6):
        # from the fourth run on the segment has another name, which changes nobody's membership
        id = "dutch" if number < 4 else "netherlands"
        rule = "name: The Dutch\nrenamed_from: dutch\nmembers: {country: NL}\n" if number > 3 else DUTCH["dutch"]
        evaluation(
            lake, project_with(root, {id: rule}), day(number), people=people[number], changes=joined.get(number, ())
        )
        seen.append(statuses(lake, names_of(lake)[1], day(number)))
    assert [one.get("p1") for one in seen] == ["realized", "existing", "exited", None, "realized"]
    assert [one.get("p2") for one in seen] == [None, "realized", "existing", "existing", "exited"]
    assert [one.get("p4") for one in seen] == [None, None, None, "existing", "existing"]
    assert [one.get("p7") for one in seen] == ["realized", "existing", "exited", None, None]
    assert memberships(lake) == {("p1", "netherlands"): day(5), ("p4", "netherlands"): day(1)}
    assert {(at, profile, change, entered) for at, profile, _, change, entered in changes(lake)} == {
        *((day(1), profile, "entered", day(1)) for profile in ("p1", "p3", "p6", "p7")),
        (day(2), "p2", "entered", day(2)), (day(3), "p1", "left", day(1)), (day(3), "p7", "left", day(1)),
        (day(5), "p1", "entered", day(5)), (day(5), "p2", "left", day(1)),  # since p6, who became p2, entered
    }  # fmt: skip
    versions = lake.read("segment_version").orderBy("version").collect()
    assert [(row.segment, row.segment_no, row.version) for row in versions] == [("dutch", 1, 1), ("netherlands", 1, 2)]
    a_repeated_as_of_is_replaced_and_time_never_goes_back(lake, open_project(root), people[5])


def a_repeated_as_of_is_replaced_and_time_never_goes_back(lake: Lake, project: Project, fifth: list[Any]):
    """Goes on after the fifth run, on which p1 entered and p2 left."""
    before, release = (memberships(lake), changes(lake)), lake.current_release()
    assert release is not None

    # when the same as_of comes again with nothing new, then nothing is done
    assert evaluation(lake, project, day(5)).skipped is not None
    assert lake.current_release() == release

    # when its input was written again without a change, then the tables stay as they are
    report = evaluation(lake, project, day(5), people=reversed(fifth))
    assert report.figures == {"profiles_evaluated": 3, "entered": 1, "left": 1, "members netherlands": 2}
    after = lake.current_release()
    assert after is not None
    for table in ("membership", "membership_change", "segment_version"):
        assert after.tables[table] == release.tables[table]
    assert (memberships(lake), changes(lake)) == before

    # when it turns out that on day 5 it had been otherwise, then day 5 says so, and earlier days say what they said
    evaluation(lake, project, day(5), people=[person(1), person(2, country="NL"), person(4)])
    assert memberships(lake) == {("p2", "netherlands"): day(1)}
    assert changes(lake) - before[1] == {(day(5), "p4", "netherlands", "left", day(1))}
    assert {change for change in before[1] if change[0] < day(5)} <= changes(lake)

    # when an earlier as_of is asked for, then it is refused and nothing moves
    with pytest.raises(ConfigurationError, match="explain members SEGMENT --as-of T"):
        evaluation(lake, project, day(4), people=fifth)
    assert memberships(lake) == {("p2", "netherlands"): day(1)}


def test_rules_read_attributes_events_segments_and_policies(lake: Lake, root: Path):
    # given people with orders under two identifiers each, versions under two policies, and owners without the graph
    rules = {
        "spenders": "{did: {event: order, sum: {of: amount, at_least: 50}, within_last: 30 days}}",
        "heavy": "{did: {event: order, where: {category: shoes}, sum: {of: weight, equals: 0.6}}}",
        "never": "{did_not: {event: order}}",
        "sporty": "{interests: {includes: sport}}",
        "porto": "{home.city: Porto}",
        "porto_by_time": "name: t\nmerge_policy: by_time\nmembers: {home.city: Porto}\n",
        "not_spending": "{all: [{not: {in_segment: spenders}}, {in_segment: everyone}]}",
        "alone": "name: a\nmerge_policy: alone\nmembers: {did: {event: order}}\n",
        "last_month": "{did: {event: order, during: last month}}",
    }
    project = project_with(root, rules)
    people = [
        person(1, home=("Porto",), interests=["art", "sport"], credit=Decimal("1.50")),
        person(2, interests=[]), person(3),
        person(1, "by_time"), person(2, "by_time", home=("Porto",)), person(3, "by_time"),
        ("owner_000000000000000b", None, "alone", [], [], None, None, None, None, None, None),
        ("owner_000000000000000c", None, "alone", [], [], None, None, None, None, None, None),
    ]  # fmt: skip
    orders = [
        order(1, 11, day(-20), Decimal("30.00"), "shoes", 0.1), order(2, 12, day(-5), Decimal("20.00"), "shoes", 0.2),
        order(3, 11, day(-6), None, "shoes", 0.3), order(4, 21, day(-40), Decimal("99.00"), "", 0.6),
        order(5, 21, day(2), Decimal("99.00"), "shoes", 0.6),  # of the future
        order(6, 99, day(-1), Decimal("99.00")),  # of nobody
    ]  # fmt: skip
    # when
    report = evaluation(lake, project, day(1), people=people, orders=orders, owners={11: 1, 12: 1, 21: 2, 31: 3})
    # then
    found: dict[str, set[str]] = {}
    for profile, segment in memberships(lake):
        found.setdefault(segment, set()).add(profile)
    assert found == {
        "spenders": {"p1"}, "heavy": {"p1"}, "never": {"p3"}, "sporty": {"p1"}, "porto": {"p1"}, "porto_by_time": {"p2"},
        "not_spending": {"p2", "p3"}, "alone": {"owner_000000000000000b", "owner_000000000000000c"},
        "last_month": {"p1"},
    }  # fmt: skip
    assert report.figures["profiles_evaluated"] == 5
    assert report.figures["members not_spending"] == 2
    # and a preview of one of them, of a rule of nobody's, and of yesterday, are the same evaluation
    shown = preview(lake, project, project.segments["not_spending"])
    assert (shown.size, shown.profiles, shown.some_members) == (2, 3, ("p2", "p3"))
    draft = replace(project.segments["never"], id="draft", condition=Not(project.segments["never"].condition))
    assert preview(lake, project, draft, day(-30)).some_members == ("p2",)
    # whether by one select of Spark, as rules over attributes are, or over the events that the filters let through
    for name in ("porto", "spenders"):
        assert set(preview(lake, project, project.segments[name]).some_members) == found[name]
    # words that nobody has are told
    atlantis = Passes(Attribute("home.city", "string"), Check("one_of", ("Atlantis", "Porto")))
    boots = Passes(EventField("category", "string"), Check("equals", "boots"))
    any_boots = Passes(Measure("count", Events(("order",), boots), None, "integer"), Check("at_least", 1))
    shown = preview(lake, project, replace(draft, condition=AnyOf((atlantis, any_boots))))
    assert shown.warnings == (
        "'Atlantis' was never seen: no profile has it as home.city", "'boots' was never seen: no event order has it as category",
    )  # fmt: skip
    # and where time moves on and nobody with it, nothing is written
    before = lake.current_release()
    assert evaluation(lake, project, day(1) + timedelta(minutes=1)).skipped is None
    after = lake.current_release()
    assert before is not None
    assert after is not None
    assert (after.tables, after.stage_times) == (before.tables, {"segments": day(1) + timedelta(minutes=1)})


def test_a_rule_that_can_not_be_evaluated_is_set_aside_and_stops_no_other(lake: Lake, root: Path):
    # given a profile table that holds text where the schema says date
    rules = {"dutch": "{country: NL}", "born": "{born: {before: 1990-01-01}}", "young": "{not: {in_segment: born}}"}
    project = project_with(root, rules)
    people = lake.spark.createDataFrame([person(1, country="NL"), person(2)], PROFILE)
    odd = people.withColumn("born", F.lit("long ago"))
    # when
    with lake.run("test", day(1)) as run:
        run.replace("profile", odd)
        report = evaluate_segments(run, project)
    # then
    assert [sentence.split(" was set aside")[0] for sentence in report.refused] == ["segment born", "segment young"]
    assert report.figures == {"profiles_evaluated": 2, "entered": 1, "left": 0, "members dutch": 1}
    assert memberships(lake) == {("p1", "dutch"): day(1)}


def test_a_broken_file_sets_its_segment_aside_and_once_it_is_gone_its_members_leave(lake: Lake, root: Path):
    # given two segments of p1, one by the other
    rules = {**DUTCH, "big": "{credit: {above: 5}}", "bigger": "{all: [{in_segment: big}, {credit: {above: 6}}]}"}
    nl = {"country": "NL"}
    first = [person(1, credit=Decimal(9)), person(2, **nl), person(3, credit=Decimal(1))]
    evaluation(lake, project_with(root, rules), day(1), people=first)

    # when the rule of one is broken, and by its last rule p1 would leave it and p3 enter
    broken = project_with(root, {**rules, "big": "{credti: {above: 5}}"})
    second = [person(1, credit=Decimal(1), **nl), person(2), person(3, credit=Decimal(9))]
    report = evaluation(lake, broken, day(2), people=second)

    # then both are set aside with the reason, nobody enters or leaves them, and the others are evaluated
    assert [sentence.split(":1", 1)[0] for sentence in report.refused] == [
        "segment big was set aside, its members stay as they were: segments/big.yaml:2",
        "segment bigger was set aside, its members stay as they were: it names big, which was set aside",
    ]
    assert report.figures == {"profiles_evaluated": 3, "entered": 1, "left": 1, "members dutch": 1}
    stayed = {("p1", "big"): day(1), ("p1", "bigger"): day(1)}
    assert memberships(lake) == {**stayed, ("p1", "dutch"): day(2)}
    assert evaluation(lake, broken, day(2)).refused == report.refused  # told as well where there is nothing to do

    # when the file of one is gone and nobody is due, then whoever was in it leaves
    broken = project_with(root, {**DUTCH, "bigger": "{credti: {above: 6}}"})
    report = evaluation(lake, broken, day(3))
    assert report.figures == {"profiles_evaluated": 0, "entered": 0, "left": 1, "members dutch": 1}
    assert memberships(lake) == {("p1", "bigger"): day(1), ("p1", "dutch"): day(2)}
    assert (day(3), "p1", "big", "left", day(1)) in changes(lake)

    # when the other one is mended, then everybody is evaluated by it
    report = evaluation(lake, project_with(root, {**DUTCH, "bigger": "{credit: {above: 6}}"}), day(4))
    assert report.figures == {"profiles_evaluated": 3, "entered": 1, "left": 1, "members bigger": 1, "members dutch": 1}
    assert memberships(lake) == {("p1", "dutch"): day(2), ("p3", "bigger"): day(4)}


def test_the_number_of_jobs_and_commits_does_not_grow_with_segments(lake: Lake, root: Path):
    # given ten and then three hundred segments of the same kind, each over a lake of its own
    def jobs_and_commits(count: int) -> tuple[int, int]:
        home = root / f"of_{count}"
        home.mkdir()
        rules = {}
        for number in range(count // 2):
            rules[f"lives_{number}"] = f"{{home.city: c{number}}}"
            spent = f"{{event: order, within_last: {number + 1} days, sum: {{of: amount, above: {number}}}}}"
            rules[f"buys_{number}"] = f"{{did: {spent}}}"
        project = project_with(home, rules)
        with open_lake(lake.spark, project.engine, project.root).run("test", day(1)) as run:
            write(run, people=PEOPLE, orders=[order(1, 1, day(0), Decimal(9))], owners={1: 1, 2: 2})
            jobs, report = counted_jobs(lake.spark, lambda: evaluate_segments(run, project))
            assert report.figures["entered"] > 0
            return jobs, len(run.commits)

    assert jobs_and_commits(10) == jobs_and_commits(300)


PEOPLE = [person(1, home=("c1",)), person(2, home=("c4",))]
