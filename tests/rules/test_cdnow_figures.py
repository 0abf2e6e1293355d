"""Figures of a real shop: 69,659 purchases of CDNOW's customers, by rules and by pandas, and by the published summary."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from profile_engine.config.problems import Problems
from profile_engine.config.yaml_document import parse_yaml
from profile_engine.rules.evaluate import members
from profile_engine.rules.parse import parse_condition
from profile_engine.rules.program import Program
from profile_engine.rules.scope import Scope
from profile_engine.rules.syntax import Condition
from profile_engine.schemas.fields import Field
from profile_engine.schemas.union_schema import UnionSchema
from tests.support.shared_data import shared

ROOT = Path(__file__).parents[2]
DATA = shared("data/cdnow")
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="needs ../shared/data/cdnow")
AS_OF = datetime(1998, 7, 1, tzinfo=UTC)
FIELDS = {"cds": Field("cds", "integer"), "dollars": Field("dollars", "decimal(8,2)")}
SCOPE = Scope(
    UnionSchema("record", {"name": Field("name", "string")}),
    UnionSchema("event", FIELDS, frozenset({"purchase"})), frozenset(), "UTC",
)  # fmt: skip


def rule(text: str) -> Condition:
    problems = Problems()
    node = parse_yaml(text, "rule.yaml", problems)
    assert node is not None
    condition = parse_condition(node, SCOPE, problems)
    problems.raise_if_any()
    assert condition is not None
    return condition


def found(purchases: pd.DataFrame, rules: dict[str, str], as_of: datetime = AS_OF) -> dict[str, set[int]]:
    """The customers of each rule."""
    customers = sorted(set(purchases.customer))
    people = pa.table({"profile_id": pa.array([str(one) for one in customers])})
    events = pa.table({
        "profile_id": pa.array(purchases.customer.astype(str)), "event_type": pa.array(["purchase"] * len(purchases)),
        "occurred_at": pa.array(list(purchases["at"].dt.to_pydatetime()), pa.timestamp("us", "UTC")),
        "fields.cds": pa.array(purchases.cds, pa.int64()),
        "fields.dollars": pa.array([Decimal(text) for text in purchases.text], pa.decimal128(8, 2)),
    })  # fmt: skip
    program = Program.of({name: rule(text) for name, text in rules.items()}, "UTC")
    matrix = members(program, people, events, as_of)
    return {name: {customers[at] for at in matrix[row].nonzero()[0]} for row, name in enumerate(program.segments)}


def purchases_of(file: str, names: list[str]) -> pd.DataFrame:
    rows = pd.read_csv(
        DATA / file, sep=r"\s+", header=None, names=names, skiprows=0 if "old" in names else 1, dtype=str
    )
    return pd.DataFrame({
        "customer": rows.customer.astype(int), "at": pd.to_datetime(rows.date, format="%Y%m%d", utc=True),
        "cds": rows.cds.astype(int), "text": rows.dollars, "cents": (rows.dollars.astype(float) * 100).round().astype(int),
    })  # fmt: skip


def test_counts_recency_and_spend_are_those_of_pandas():
    # given
    bought = purchases_of("CDNOW_master.txt", ["customer", "date", "cds", "dollars"])
    assert (len(bought), bought.customer.nunique()) == (69659, 23570)
    autumn = "between: [1997-07-01, 1997-12-31]"
    rules = {
        f"bought_{n}": f"{{did: {{event: purchase, {autumn}, times: {{at_least: {n}}}}}}}" for n in (1, 2, 3, 5, 10)
    }
    rules |= {
        "never_in_autumn": f"{{did_not: {{event: purchase, {autumn}}}}}",
        "quiet_90_days": "{did: {event: purchase, latest: {of: occurred_at, longer_ago_than: 90 days}}}",
        "came_in_february": "{did: {event: purchase, first: {of: occurred_at, during: 1997-02}}}",
        "spent_500": "{did: {event: purchase, within_last: 365 days, sum: {of: dollars, at_least: 500}}}",
        "average_20": "{did: {event: purchase, average: {of: dollars, above: 20}}}",
        "for_nothing": "{did: {event: purchase, where: {dollars: 0}}}",
        "always_two_cds": "{did: {event: purchase, where: {cds: {at_least: 2}}, times: all}}",
        "three_days": "{did: {event: purchase, distinct: {of: occurred_at, at_least: 3}}}",
        "came_back_in_a_month": "{sequence: {steps: [{event: purchase}, {event: purchase, gap: {at_most: 30 days}}]}}",
    }
    # when
    mine = found(bought, rules)
    # then
    by_customer = bought.groupby("customer")
    in_autumn = bought[bought["at"].between(pd.Timestamp("1997-07-01", tz="UTC"), pd.Timestamp("1997-12-31", tz="UTC"))]
    times = in_autumn.groupby("customer").size()
    for n in (1, 2, 3, 5, 10):
        assert mine[f"bought_{n}"] == set(times[times >= n].index), n
    assert mine["never_in_autumn"] == set(bought.customer) - set(times.index)
    last, first = by_customer["at"].max(), by_customer["at"].min()
    assert mine["quiet_90_days"] == set(last[last <= pd.Timestamp(AS_OF) - pd.Timedelta(days=90)].index)
    assert mine["came_in_february"] == set(first[(first.dt.year == 1997) & (first.dt.month == 2)].index)
    year = bought[bought["at"] > pd.Timestamp(AS_OF) - pd.Timedelta(days=365)].groupby("customer").cents.sum()
    assert mine["spent_500"] == set(year[year >= 50_000].index)
    sums = by_customer.cents.sum()
    assert mine["average_20"] == set(sums[sums > 2000 * by_customer.size()].index)
    assert mine["for_nothing"] == set(bought[bought.cents == 0].customer)
    assert mine["always_two_cds"] == set(by_customer.cds.min()[lambda least: least >= 2].index)
    days = by_customer["at"].nunique()
    assert mine["three_days"] == set(days[days >= 3].index)
    visits = bought.drop_duplicates(["customer", "at"]).sort_values(["customer", "at"])
    gaps = visits.groupby("customer")["at"].diff()
    assert mine["came_back_in_a_month"] == set(visits[gaps <= pd.Timedelta(days=30)].customer)
    assert all(mine.values())


def test_repeat_visits_are_those_of_the_published_summary():
    # given: how many days after the first each customer of the sample came back until 30 September 1997
    bought = purchases_of("CDNOW_sample.txt", ["old", "customer", "date", "cds", "dollars"])
    summary = pd.read_csv(DATA / "cdnow_customers_summary.csv").set_index("ID").frequency
    days = "did: {event: purchase, before: 1997-10-01, distinct: {of: occurred_at, at_least: %d}}"
    # when
    mine = found(bought, {f"came_back_{n}": f"{{{days % (n + 1)}}}" for n in range(6)})
    # then
    for n in range(6):
        assert mine[f"came_back_{n}"] == set(summary[summary >= n].index), n
