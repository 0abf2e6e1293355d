"""Conditions on one object as a Column: true or false, never null, as a missing value passes no test."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import and_, or_

from pyspark.sql import Column
from pyspark.sql import functions as F

from profile_engine.rules.compile.compiling import Compiling
from profile_engine.rules.compile.formulas import computed
from profile_engine.rules.compile.other_fields import compared
from profile_engine.rules.compile.value import Value
from profile_engine.rules.moment import Moment
from profile_engine.rules.operators.registry import operators
from profile_engine.rules.program import Join, join_of
from profile_engine.rules.syntax import (
    AllOf,
    AnyOf,
    Check,
    Computed,
    Condition,
    Field,
    ItemField,
    NoneOf,
    Not,
    Passes,
    Source,
)

ValueOf = Callable[[Source], Value]
"""The values of an object's fields: of a person, an event, an item of an array."""


def holds(condition: Condition, value_of: ValueOf, moment: Moment) -> Column:
    """Whether a condition holds that speaks of the fields of one object only. Raises NotCompilable."""
    if isinstance(condition, Passes):
        return passes(value_for(condition.source, value_of), condition.check, moment, value_of)
    if isinstance(condition, Not):
        return ~holds(condition.condition, value_of, moment)
    assert isinstance(condition, AllOf | AnyOf | NoneOf)
    return joined(join_of(condition), [holds(part, value_of, moment) for part in condition.conditions])


def value_for(source: Source, value_of: ValueOf) -> Value:
    """The value of a field or of a formula over fields."""
    return computed(source, value_of) if isinstance(source, Computed) else value_of(source)


def passes(value: Value, check: Check, moment: Moment, value_of: ValueOf | None = None) -> Column:
    """Whether the value passes a check.

    value_of  the other fields of the object, for a check that names one, of the object itself or beside an item in it
    """
    if isinstance(check.operand, Field):
        assert value_of is not None, "a test of another field needs the other fields"
        return _never_null(compared(value, check.operator, value_of(check.operand), check.ignoring_case))
    operator = operators()[check.operator]
    compiling = Compiling(
        check,
        moment,
        lambda inner, checks: reduce(and_, (passes(inner, one, moment) for one in checks)),
        lambda condition, item: holds(condition, fields_of_item(item, value_of), moment),
    )
    found = operator.column(value, compiling)
    return found if operator.sees_missing else value.present & _never_null(found)


def joined(join: Join, answers: list[Column]) -> Column:
    """Answers that are never null, joined as a program's combination says."""
    if join == "not":
        return ~answers[0]
    either = reduce(and_ if join == "all" else or_, answers)
    return ~either if join == "none" else either


def fields_of_item(item: Value, around: ValueOf | None = None) -> ValueOf:
    """The fields of an item of an array; the empty path is the item itself. Other fields are those of what is around it."""

    def value_of(source: Source) -> Value:
        if not isinstance(source, ItemField):
            assert around is not None, "a condition on items that names another field needs what the array stands in"
            return around(source)
        return Value.of(member(item.column, source.path), source.type) if source.path else item

    return value_of


def member(stored: Column, path: str) -> Column:
    """A leaf of an object by its dotted path."""
    return reduce(lambda inside, step: inside.getField(step), path.split("."), stored)


def _never_null(found: Column) -> Column:
    return F.coalesce(found, F.lit(False))
