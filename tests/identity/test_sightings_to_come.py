"""Sightings of the future are stored and wait; once their time has come they are news, and not before."""

from __future__ import annotations

from datetime import UTC

from pyspark.sql import functions as F

from profile_engine.identity import graph_part
from profile_engine.identity.due_sightings import news_and_due
from profile_engine.identity.last_graph import LastGraph
from profile_engine.identity.settled import settled
from profile_engine.identity.sighting_writing import TakenIn
from profile_engine.workspace.cluster_rows import cluster_rows
from tests.identity.small_project import customers, day, people, profile_of, project_at, resolved, views
from tests.support.job_counter import counted_jobs
from tests.support.lakes import lake_at

NAMESPACES = (
    "{crm: {kind: person, unique: true}}",
    "{email: {kind: email, normalise: email}}",
    "{ecid: {kind: cookie, persons_per_value: 2}}",
)


def first_seen(lake):
    return {row.value: row.first_seen_at.astimezone(UTC) for row in lake.read("identifier").collect()}


def evidence(lake, project, value):
    """How many records show each link of the profile that has the value."""
    cluster = cluster_rows(project, lake, [profile_of(lake)[value]])
    name = {one.identifier_id: one.value for one in cluster.identifiers.values()}
    return {frozenset((name[link.left_id], name[link.right_id])): link.records for link in cluster.links}


def test_days_on_which_the_time_of_sightings_comes(spark, tmp_path, caplog):
    caplog.set_level("INFO", logger=graph_part.__name__)
    lake, project = lake_at(spark, tmp_path), project_at(tmp_path, namespaces=NAMESPACES, superseded="end")

    # day 0: all that is known lies ahead
    tablet = views(spark, [("e1", "tablet", "C1", None)], at=1.5, batch="w0")
    report = resolved(lake, project, 0, {"raw_web": tablet})
    assert (report.figures["profiles"], people(lake)) == (0, set())

    # day 2: it has come; C1 will have another address on day 4, and three will have used the tablet by then
    ahead = [("e2", "tablet", "C2", None), ("e3", "tablet", "C3", None), ("e4", "phone", "C2", None)]
    resolved(lake, project, 2, {"raw_customers": customers(spark, [("C1", "old@x"), ("C2", None)], at=2)})
    with_address = people(lake)
    assert with_address == {frozenset({"C1", "old@x", "tablet"}), frozenset({"C2"})}
    ids = profile_of(lake)
    resolved(
        lake, project, 2.5,
        {
            "raw_customers": customers(spark, [("C1", "new@x")], at=4, batch="b2"),
            "raw_web": views(spark, ahead, at=4, batch="w2"),
        },
    )  # fmt: skip
    assert people(lake) == with_address
    assert evidence(lake, project, "C1") == {frozenset({"C1", "old@x"}): 1, frozenset({"C1", "tablet"}): 1}

    # day 3: nothing lands and nothing is due, so nothing is done; a day later C3 is seen before its time
    release = lake.current_release()
    assert resolved(lake, project, 3, {}).skipped is not None
    assert lake.current_release() == release
    assert first_seen(lake)["C3"] == day(4)
    resolved(lake, project, 3.5, {"raw_web": views(spark, [("e5", "laptop", "C3", None)], at=3.5, batch="w3")})
    assert people(lake) == {*with_address, frozenset({"C3", "laptop"})}
    assert (first_seen(lake)["C3"], first_seen(lake)["phone"]) == (day(3.5), day(4))

    # day 4: nothing lands, but the time of what was stored has come: the address changes, the tablet links nobody
    caplog.clear()
    report = resolved(lake, project, 4, {})
    assert "part=touched sightings=4" in caplog.text
    assert people(lake) == {
        frozenset({"C1", "new@x"}),
        frozenset({"C2", "phone"}),
        frozenset({"C3", "laptop"}),
        frozenset({"tablet"}),
    }
    at_last = profile_of(lake)
    assert {at_last[value] == ids[value] for value in ("C1", "C2")} == {True}

    # and as of an earlier time again it is as it was then; and then as it is now, for those who were there as they were
    caplog.clear()
    resolved(lake, project, 3.5, {})
    assert "reason='as_of is before that of the last graph'" in caplog.text
    assert people(lake) == {*with_address, frozenset({"C3", "laptop"})}
    resolved(lake, project, 4, {})
    assert {value: profile for value, profile in profile_of(lake).items() if value[0] == "C"} == {
        value: profile for value, profile in at_last.items() if value[0] == "C"
    }

    # a lake that takes it all in at once has the same people
    once = lake_at(spark, tmp_path / "once")
    tables = {table: lake.read(table) for table in ("raw_customers", "raw_web")}
    resolved(once, project, 4, tables)
    assert people(once) == people(lake)

    # a day on which nothing is due costs no job more, whatever waits: what landed is counted, and no table is looked through
    landed = settled(lake.read("sighting").limit(3))
    counting, _ = counted_jobs(spark, lambda: landed.agg(F.count("*"), F.min("seen_at")).first())
    with lake.run("identity", day(5)) as run:
        last = LastGraph(as_of=day(4.5), next_due_at=day(99))
        jobs, (_, news, due_at) = counted_jobs(spark, lambda: news_and_due(run, TakenIn(landed), last))
    assert (jobs, news, due_at) == (counting, 3, day(99))
