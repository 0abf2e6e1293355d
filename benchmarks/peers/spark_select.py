"""Attribute rules the way Spark invites to write them: one select with a boolean column a rule."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from benchmarks.segment_rules import Rule, Test


def selected(profiles: DataFrame, rules: Sequence[Rule], as_of: datetime) -> DataFrame:
    """A row is a person: `profile_no` and a column for each rule."""
    return profiles.select("profile_no", *(_rule(rule, as_of).alias(rule.id) for rule in rules))


def _rule(rule: Rule, as_of: datetime) -> Column:
    assert rule.aggregate is None, "a rule of attributes alone"
    assert rule.order is None, "a rule of attributes alone"
    groups = [reduce(Column.__and__, [_test(test, as_of) for test in group]) for group in rule.groups]
    return reduce(Column.__or__, groups)


def _test(test: Test, as_of: datetime) -> Column:
    column, (first, *rest) = F.col(test.column), test.operand
    answer = {
        "equals": lambda: column == F.lit(first),
        "one_of": lambda: column.isin(first, *rest),
        "at_least": lambda: column >= F.lit(first),
        "below": lambda: column < F.lit(first),
        "between": lambda: column.between(first, rest[0]),
        "starts_with": lambda: column.startswith(str(first)),
        "within_days": lambda: (column > F.lit(as_of - timedelta(days=int(first)))) & (column <= F.lit(as_of)),
    }[test.operator]()
    answer = F.coalesce(answer, F.lit(False))
    return ~answer if test.negated else answer
