"""The number of Spark jobs and of commits of a delivery does not grow with the number of audiences."""

from __future__ import annotations

from pathlib import Path

from pyspark.sql import SparkSession

from tests.destinations.shop import Person, Shop, csv_rows, day, destination
from tests.support.job_counter import counted_jobs

TABLES = ("outbox", "receipt", "delivery_ledger", "release", "run")


def test_ten_audiences_cost_as_many_jobs_and_commits_as_ninety(spark: SparkSession, tmp_path: Path):
    # given: ninety segments, the first with all people, the others with one or two each (tests/journeys has 300 of all)
    shop = Shop(spark, tmp_path, {f"s{n}": n for n in range(90)})
    crowd = [Person(f"p{n:03}", (f"p{n}@x.org",), {0: 1, n: 1, n + 45: 1}) for n in range(45)]
    shop.people(day(1), *crowd)
    jobs, commits = {}, {}

    # when: the first delivery makes the tables, the others only use them
    for number, size in enumerate([2, 10, 90], start=1):
        to = {
            f"of_{size}": destination(
                audiences=[f"s{n}" for n in range(size)], export={"mode": "full", "rows_per_file": "20"}
            )
        }
        before = {table: shop.lake.stored(table).head() or 0 for table in TABLES}
        jobs[size], report = counted_jobs(spark, lambda to=to, number=number: shop.deliver(day(number), to))
        commits[size] = {table: (shop.lake.stored(table).head() or 0) - before[table] for table in TABLES}
        assert report.refused == ()

    # then
    assert commits[10] == commits[90] == {"outbox": 1, "receipt": 1, "delivery_ledger": 1, "release": 1, "run": 2}
    assert jobs[10] == jobs[90]
    folders = sorted((tmp_path / "exports/of_90").iterdir())
    assert len(folders) == 90
    sizes = {folder.name: len(csv_rows(next(folder.iterdir()))) for folder in folders}
    assert (sizes["s0"], sizes["s7"], sizes["s89"]) == (45, 1, 1)
