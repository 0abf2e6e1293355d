"""All rules by polars, in one lazy query from the raw Parquet files to the count and digest of every rule's members."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import reduce
from pathlib import Path

import polars as pl

from benchmarks.segment_rules import Aggregate, Happening, Order, Rule, Test

Digest = tuple[int, int]
"""How many members, and the sum of their profile numbers."""
_PERSON_BITS = 1 << 44


def polars_members(profiles: Path, events: Sequence[Path], rules: Sequence[Rule], as_of: datetime) -> dict[str, Digest]:
    """Count and digest of every rule, by its id."""
    answers = _people(profiles, events, rules, as_of).select(
        "profile_no", *(_rule(rule, as_of).alias(rule.id) for rule in rules)
    )
    number = pl.col("profile_no")
    digests = [pl.col(rule.id).sum().alias(f"{rule.id} n") for rule in rules]
    digests += [number.filter(pl.col(rule.id)).sum().alias(f"{rule.id} d") for rule in rules]
    (found,) = answers.select(digests).collect().to_dicts()
    return {rule.id: (found[f"{rule.id} n"], found[f"{rule.id} d"]) for rule in rules}


def _people(profiles: Path, events: Sequence[Path], rules: Sequence[Rule], as_of: datetime) -> pl.LazyFrame:
    people = pl.scan_parquet(profiles)
    aggregates = list(dict.fromkeys(rule.aggregate for rule in rules if rule.aggregate is not None))
    orders = list(dict.fromkeys(rule.order for rule in rules if rule.order is not None))
    if not aggregates and not orders:
        return people
    longest = max(one.days for one in [*aggregates, *orders])
    at = pl.col("occurred_at")
    happened = pl.scan_parquet(list(events)).filter(at > as_of - timedelta(days=longest), at <= as_of)
    happened = happened.with_columns(pl.col("amount").cast(pl.Float64))
    if orders:
        # one key of person and time: the latest earlier event of a kind is the last one before. It may wrap round (2 million
        # people do), so that its order means nothing, but not the difference of neighbours
        ranked = people.select("owner_id", pl.col("profile_no").alias("person"))
        happened = happened.join(ranked, on="owner_id").with_columns(
            (pl.col("person") * _PERSON_BITS + (at - (as_of - timedelta(days=longest))).dt.total_microseconds()).alias("key")
        ).sort("person", "occurred_at")  # fmt: skip
        happened = happened.with_columns(_follows(one, as_of).alias(_name(one)) for one in orders)
    figures = [_figure(one, as_of).alias(_name(one)) for one in aggregates]
    figures += [pl.col(_name(one)).any().alias(_name(one)) for one in orders]
    return people.join(happened.group_by("owner_id").agg(figures), on="owner_id", how="left")


def _name(one: Aggregate | Order) -> str:
    return repr(one)


def _is(one: Happening, days: int, as_of: datetime) -> pl.Expr:
    kind = (pl.col("event_type") == one.event_type) & (pl.col("occurred_at") > as_of - timedelta(days=days))
    return kind if one.category is None else kind & (pl.col("category") == one.category).fill_null(False)


def _figure(one: Aggregate, as_of: datetime) -> pl.Expr:
    there = _is(one.of, one.days, as_of)
    if one.name == "count":
        return there.sum()
    amounts = pl.when(there).then(pl.col("amount"))
    return amounts.sum() if one.name == "sum" else amounts.max()


def _follows(one: Order, as_of: datetime) -> pl.Expr:
    first, second = _is(one.first, one.days, as_of), _is(one.second, one.days, as_of)
    earlier = pl.when(first).then(pl.col("key")).forward_fill().shift(1)
    return second & (pl.col("key") - earlier <= one.gap_days * 86_400 * 10**6).fill_null(False)


def _rule(rule: Rule, as_of: datetime) -> pl.Expr:
    groups = [reduce(pl.Expr.and_, [_test(test, as_of) for test in group]) for group in rule.groups]
    answer = reduce(pl.Expr.or_, groups)
    if rule.aggregate is not None:
        figure = pl.col(_name(rule.aggregate))
        if rule.aggregate.name != "max":
            figure = figure.fill_null(0)
        passes = figure < rule.threshold if rule.few else figure >= rule.threshold
        answer = answer & passes.fill_null(False)
    if rule.order is not None:
        answer = answer & pl.col(_name(rule.order)).fill_null(False)
    return answer


def _test(test: Test, as_of: datetime) -> pl.Expr:
    column, (first, *rest) = pl.col(test.column), test.operand
    answer = {
        "equals": lambda: column == first,
        "one_of": lambda: column.is_in([first, *rest]),
        "at_least": lambda: column >= first,
        "below": lambda: column < first,
        "between": lambda: column.is_between(first, rest[0]),
        "starts_with": lambda: column.str.starts_with(str(first)),
        "within_days": lambda: (column > as_of - timedelta(days=int(first))) & (column <= as_of),
    }[test.operator]().fill_null(False)
    return ~answer if test.negated else answer
