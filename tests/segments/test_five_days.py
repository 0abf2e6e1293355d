"""Some days on a real lake: who is due is evaluated, and the tables are those of evaluating everybody each day.

The days bring late events, events to come, changed attributes, merges, splits, runs of identity as of an earlier time, a new
rule, an edited one and one that goes. What everybody would be in comes from the same rules without any state.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from profile_engine.lake.lake import Lake
from profile_engine.lake.runs import Run
from profile_engine.observability.stage_report import StageReport
from profile_engine.project import Project, open_project
from profile_engine.segments.current_members import profiles_now, program_of
from profile_engine.segments.stage import evaluate_segments
from tests.segments.small_lake import (
    CHANGES,
    PROFILE,
    day,
    memberships,
    merged,
    numbers,
    opened,
    order,
    person,
    project_with,
    timeline_of,
)

RULES = {
    "dutch": "{country: NL}",
    "buyers": "{did: {event: order, within_last: 3 days}}",
    "often": "{did: {event: order, within_last: 10 days, times: {at_least: 2}}}",
    "again": "{sequence: {steps: [{event: order}, {event: order, gap: {at_most: 2 days}}], within_last: 10 days}}",
    "not_buyers": "{not: {in_segment: buyers}}",
}
EDITED = RULES | {"buyers": "{did: {event: order, within_last: 2 days}}", "rich": "{credit: {at_least: 10}}"}
WITHOUT = {id: rule for id, rule in EDITED.items() if id != "dutch"}


@pytest.fixture
def lake(spark: SparkSession, tmp_path: Path) -> Iterator[Lake]:
    yield from opened(spark, tmp_path, RULES)


def a_day(
    lake: Lake, project: Project, at: datetime, *, people: list[Any] = (), orders: list[Any] = (),  # type: ignore[assignment]
    owners: Mapping[int, int] | None = None, changes: list[Any] = (), gone: list[str] = (),  # type: ignore[assignment]
) -> StageReport:  # fmt: skip
    """One run: rows are merged and appended as the stages before do it, then the stage runs."""
    with lake.run("test", at) as run:
        spark = run.spark
        if people:
            run.merge("profile", spark.createDataFrame(people, PROFILE))
        if gone:
            run.merge("profile", run.read("profile").where(~F.col("profile_id").isin(gone)), delete_missing=True)
        if orders:
            run.append("timeline", timeline_of(spark, orders))
        if owners:
            rows = [(owner, f"p{number}") for owner, number in owners.items()]
            run.merge("identity_map", spark.createDataFrame(rows, "identifier_id bigint, profile_id string"))
        if changes:
            run.append("identity_change", spark.createDataFrame(changes, CHANGES))
        return evaluate_segments(run, project)


def everybody(lake: Lake, project: Project, at: datetime) -> set[tuple[str, str]]:
    """(profile, segment) of all members, from no state at all."""
    numbered = numbers(lake)
    names = {number: id for id, number in numbered.items()}
    found = profiles_now(lake, project, program_of(project), numbered, at).collect()
    return {(row.profile_id, names[number]) for row in found for number in row.segments}


def test_incremental_is_full_on_each_day(lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    held: dict[tuple[str, str], datetime] = {}
    evaluated = []

    def check(report: StageReport, project: Project, at: datetime, merges: Mapping[str, str] = {}) -> None:
        for (profile, segment), since in list(held.items()):
            if profile in merges:
                del held[profile, segment]
                survivor = (merges[profile], segment)
                held[survivor] = min(since, held.get(survivor, since))
        now = everybody(lake, project, at)
        expected = {one: held.get(one, at) for one in now}
        assert memberships(lake) == expected
        held.clear()
        held.update(expected)
        sizes = {id: sum(segment == id for _, segment in now) for id in project.segments}
        assert {id: report.figures[f"members {id}"] for id in project.segments} == sizes
        evaluated.append((report.figures["profiles_evaluated"], report.figures.get("everybody, because")))

    nl = {"country": "NL"}
    project = open_project(tmp_path)
    hour = timedelta(hours=1)
    # day 1: everybody is new; p5 has an order to come on day 3
    first = a_day(
        lake, project, day(1), people=[person(1, **nl), *(person(n) for n in range(2, 10))],
        orders=[order(1, 1, day(1) - hour), order(2, 2, day(0)), order(3, 3, day(0)), order(4, 3, day(1) - hour), order(5, 5, day(3) - hour)],
        owners={n: n for n in range(1, 10)},
    )  # fmt: skip
    check(first, project, day(1))
    # day 3: p2's order leaves the window of three days (p3 has a newer one), p5's comes due; p4 has late events, p9 has another
    # attribute; p7 becomes p1, and p8 gets what p6 had
    third = a_day(
        lake, project, day(3), people=[person(9, **nl)], owners={7: 1, 6: 8}, gone=["p7"],
        changes=[merged(7, 1, day(3)), ("moved", "p8", None, "p6", 6, None, None, None, day(3), "r")],
        orders=[order(6, 4, day(-3)), order(7, 4, day(-2)), order(8, 6, day(3) - hour)],
    )  # fmt: skip
    check(third, project, day(3), {"p7": "p1"})
    assert evaluated[-1] == (7, None)  # all but p3, who has a newer order, and p7, who is p1 now
    # day 4: a rule is edited and one is new, which goes for everybody; p6 splits, and p10 is the new one
    project = project_with(tmp_path, EDITED)
    fourth = a_day(
        lake, project, day(4), people=[person(10, credit=Decimal(20)), person(2, credit=Decimal(11))], owners={16: 10},
        changes=[("split_from", "p10", None, "p6", None, None, None, None, day(4), "r")], orders=[order(9, 16, day(4) - hour)],
    )  # fmt: skip
    check(fourth, project, day(4))
    assert fourth.figures["profiles_evaluated"] == 9
    # day 6: a rule is gone, a day was left out, and nothing came
    project = project_with(tmp_path, WITHOUT)
    check(a_day(lake, project, day(6)), project, day(6))
    assert evaluated[-1][1] is None
    assert evaluated[-1][0] < 9
    # day 7: the timeline is written anew, and everybody is evaluated for that reason
    with lake.run("test", day(7)) as run:
        run.replace("timeline", run.read("timeline"))
        seventh = evaluate_segments(run, project)
    check(seventh, project, day(7))
    assert evaluated[-1] == (9, "table timeline was written anew")
    # day 8: identity was resolved as of day 5, before the last evaluation: p10 becomes p3, who holds what p10 held since then
    eighth = a_day(
        lake, project, day(8), people=[person(3, credit=Decimal(20))], owners={16: 3}, gone=["p10"], changes=[merged(10, 3, day(5))]
    )  # fmt: skip
    check(eighth, project, day(8), {"p10": "p3"})
    assert evaluated[-1][1] is None
    assert held["p3", "rich"] == day(4)
    # day 9: p2 became p1, and is itself again by a run as of an earlier time: what counts is the order in which they came
    with lake.run("test", day(9)) as run:
        for change in (merged(2, 1, day(9)), ("split_from", "p2", None, "p1", None, None, None, None, day(8), "r")):
            run.append("identity_change", run.spark.createDataFrame([change], CHANGES))
        ninth = evaluate_segments(run, project)
    check(ninth, project, day(9))
    assert held["p2", "rich"] == day(4)
    # day 10: p2 becomes p1 for good, and what came can't be told: everybody is evaluated, and the whole ledger is followed
    monkeypatch.setattr(Run, "appended", lambda run, table, stage: None)
    tenth = a_day(
        lake, project, day(10), people=[person(1, **nl, credit=Decimal(20))], owners={2: 1}, gone=["p2"], changes=[merged(2, 1, day(10))]
    )  # fmt: skip
    check(tenth, project, day(10), {"p2": "p1"})
    assert evaluated[-1] == (7, "what changed in table identity_change can't be read any more")
    assert held["p1", "rich"] == day(4)
