"""All rules by DuckDB, in one statement from the raw Parquet files to the count and digest of every rule's members."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import duckdb

from benchmarks.segment_rules import Aggregate, Happening, Order, Rule, Test

Digest = tuple[int, int]
_RULES_AT_ONCE = 50
"""DuckDB's planning time grows with the square of the columns of one select; so the one statement has many small ones."""


def duckdb_members(profiles: Path, events: Sequence[Path], rules: Sequence[Rule], as_of: datetime) -> dict[str, Digest]:
    """Count and digest of every rule, by its id."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    found = connection.execute(statement(profiles, events, rules, as_of)).fetchone()
    connection.close()
    assert found is not None
    return {rule.id: (found[2 * n], int(found[2 * n + 1] or 0)) for n, rule in enumerate(rules)}


def statement(profiles: Path, events: Sequence[Path], rules: Sequence[Rule], as_of: datetime) -> str:
    aggregates = list(dict.fromkeys(rule.aggregate for rule in rules if rule.aggregate is not None))
    orders = list(dict.fromkeys(rule.order for rule in rules if rule.order is not None))
    names = {one: f"f{number}" for number, one in enumerate([*aggregates, *orders])}
    now = f"TIMESTAMPTZ '{as_of.isoformat()}'"
    chunks = [rules[first : first + _RULES_AT_ONCE] for first in range(0, len(rules), _RULES_AT_ONCE)]
    counted = ", ".join(f"({_digests(chunk, names, now)}) AS c{number}" for number, chunk in enumerate(chunks))
    people = f"read_parquet('{profiles}')"
    if not names:
        return f"WITH people AS MATERIALIZED (SELECT * FROM {people}) SELECT * FROM {counted}"
    longest = max(one.days for one in names)
    files = ", ".join(f"'{file}'" for file in events)
    figures = ", ".join(f"{_figure(one, now)} AS {names[one]}" for one in aggregates)
    follows = [f"{names[one]} AS ({_followed(one, now, names[one])})" for one in orders]
    joined = " ".join(f"LEFT JOIN {names[one]} USING (owner_id)" for one in orders)
    parts = [
        f"happened AS MATERIALIZED (SELECT owner_id, event_type, occurred_at, category, amount FROM read_parquet([{files}]) "
        f"WHERE occurred_at > {now} - INTERVAL {longest} DAY AND occurred_at <= {now})",
        f"figures AS (SELECT owner_id{', ' + figures if figures else ''} FROM happened GROUP BY owner_id)",
        *follows,
        f"people AS MATERIALIZED (SELECT * FROM {people} LEFT JOIN figures USING (owner_id) {joined})",
    ]
    return f"WITH {', '.join(parts)} SELECT * FROM {counted}"


def _digests(rules: Sequence[Rule], names: dict[Aggregate | Order, str], now: str) -> str:
    """One row: the count and the digest of each of these rules."""
    answers = ", ".join(f"{_rule(rule, names, now)} AS {rule.id}" for rule in rules)
    digests = ", ".join(
        f"count(*) FILTER (WHERE {rule.id}), sum(profile_no) FILTER (WHERE {rule.id})" for rule in rules
    )
    return f"SELECT {digests} FROM (SELECT profile_no, {answers} FROM people)"


def _followed(one: Order, now: str, name: str) -> str:
    """Whose second event has a first one before it that is near enough: the latest earlier one decides."""
    sides = [
        f"(SELECT owner_id, occurred_at FROM happened WHERE {_is(side, one.days, now)})"
        for side in (one.second, one.first)
    ]
    return (
        f"SELECT DISTINCT later.owner_id, true AS {name} FROM {sides[0]} AS later ASOF JOIN {sides[1]} AS earlier "
        "ON later.owner_id = earlier.owner_id AND later.occurred_at > earlier.occurred_at "
        f"WHERE later.occurred_at - earlier.occurred_at <= INTERVAL {one.gap_days} DAY"
    )


def _is(one: Happening, days: int, now: str) -> str:
    kind = f"event_type = '{one.event_type}' AND occurred_at > {now} - INTERVAL {days} DAY"
    return kind if one.category is None else f"{kind} AND category = '{one.category}'"


def _figure(one: Aggregate, now: str) -> str:
    figure = "count(*)" if one.name == "count" else f"{one.name}(amount)"
    return f"{figure} FILTER (WHERE {_is(one.of, one.days, now)})"


def _rule(rule: Rule, names: dict[Aggregate | Order, str], now: str) -> str:
    answer = (
        "(" + " OR ".join("(" + " AND ".join(_test(test, now) for test in group) + ")" for group in rule.groups) + ")"
    )
    if rule.aggregate is not None:
        figure = names[rule.aggregate] if rule.aggregate.name == "max" else f"coalesce({names[rule.aggregate]}, 0)"
        answer += f" AND coalesce({figure} {'<' if rule.few else '>='} {rule.threshold}, false)"
    if rule.order is not None:
        answer += f" AND coalesce({names[rule.order]}, false)"
    return f"({answer})"


def _test(test: Test, now: str) -> str:
    column = test.column
    values = [f"'{value}'" if isinstance(value, str) else str(value).lower() for value in test.operand]
    answer = {
        "equals": f"{column} = {values[0]}",
        "one_of": f"{column} IN ({', '.join(values)})",
        "at_least": f"{column} >= {values[0]}",
        "below": f"{column} < {values[0]}",
        "between": f"{column} BETWEEN {values[0]} AND {values[-1]}",
        "starts_with": f"starts_with({column}, {values[0]})",
        "within_days": f"({column} > {now} - INTERVAL {values[0]} DAY AND {column} <= {now})",
    }[test.operator]
    return f"{'NOT ' if test.negated else ''}coalesce({answer}, false)"
