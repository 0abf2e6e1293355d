"""Answers of a program's steps over one set of rows: one truth value per row, each step computed once."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from time import perf_counter

import numpy as np

from profile_engine.rules.columns import ArrayColumn, Column, Mask, ObjectColumn
from profile_engine.rules.comparisons import compared
from profile_engine.rules.fields import fields_of_term
from profile_engine.rules.formulas import computed
from profile_engine.rules.moment import Moment
from profile_engine.rules.operators.operator import Testing
from profile_engine.rules.operators.registry import operators
from profile_engine.rules.program import Atom, Combination, Reference, Step, join_of
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

ColumnOf = Callable[[Source], Column]
"""The values of a source on every row of a kind: people, events, or items of arrays."""


def passing_rows(column: Column, check: Check, moment: Moment, column_of: ColumnOf | None = None) -> Mask:
    """Which rows pass a check; a missing value passes nothing but `exists: false`.

    column_of  the other fields of the rows, for a check that names one, of the row itself or beside an item of its array
    """
    if isinstance(check.operand, Field):
        assert column_of is not None, "a test of another field needs the other fields"
        return compared(column, check.operator, column_of(check.operand), check.ignoring_case)
    operator = operators()[check.operator]
    testing = Testing(
        check,
        moment,
        lambda inner, checks: all_passing(inner, checks, moment),
        lambda condition, array: holding(condition, _columns_of_items(array, column_of), moment),
    )
    answers = operator.test(column, testing)
    return answers if operator.sees_missing else answers & column.present


def all_passing(column: Column, checks: tuple[Check, ...], moment: Moment) -> Mask:
    """Which rows pass every check."""
    return reduce(np.logical_and, (passing_rows(column, check, moment) for check in checks))


def column_for(source: Source, column_of: ColumnOf, rows: int) -> Column:
    """The values of a field or a formula on rows of one kind."""
    return computed(source, column_of, rows) if isinstance(source, Computed) else column_of(source)


def holding(condition: Condition, column_of: ColumnOf, moment: Moment) -> Mask:
    """Which rows a condition holds on, where it speaks of the fields of these rows only."""
    if isinstance(condition, Passes):
        source = condition.source
        rows = len(column_of(next(fields_of_term(source.term)))) if isinstance(source, Computed) else 0
        return passing_rows(column_for(source, column_of, rows), condition.check, moment, column_of)
    if isinstance(condition, Not):
        return ~holding(condition.condition, column_of, moment)
    assert isinstance(condition, AllOf | AnyOf | NoneOf)
    return combined(
        Combination(join_of(condition), ()), [holding(part, column_of, moment) for part in condition.conditions]
    )


def _columns_of_items(array: ArrayColumn, around: ColumnOf | None) -> ColumnOf:
    """The fields of every item; beside them those of what the array stands in, laid out over its items."""

    def column_of(source: Source) -> Column:
        if isinstance(source, ItemField):
            return item_column(array, source)
        assert around is not None, "a condition on items that names another field needs what the array stands in"
        return around(source).take(array.row_of_item)

    return column_of


def item_column(array: ArrayColumn, source: Source) -> Column:
    """A field of every item of an array column."""
    assert isinstance(source, ItemField)
    assert array.items is not None
    if source.path == "":
        return array.items
    assert isinstance(array.items, ObjectColumn)
    return array.items.fields[source.path]


def combined(combination: Combination, answers: list[Mask]) -> Mask:
    """Earlier answers joined."""
    if combination.join == "not":
        return ~answers[0]
    # two at a time: numpy's own reduce would first copy them all into one array
    if combination.join == "all":
        return reduce(np.logical_and, answers)
    either = reduce(np.logical_or, answers)
    return ~either if combination.join == "none" else either


class Answers:
    """The steps of one tape over one set of rows, answered when first asked for."""

    def __init__(
        self,
        steps: tuple[Step, ...],
        of_atom: Callable[[Atom], Mask],
        of_reference: Callable[[Reference], Mask],
    ) -> None:
        self._steps, self._of_atom, self._of_reference = steps, of_atom, of_reference
        self._known: dict[int, Mask] = {}
        self.seconds = np.zeros(len(steps))
        """What each step took, without the steps that it joins."""

    def answer(self, step: int) -> Mask:
        """One truth value per row. Raises what a test raises, each time that it is asked for."""
        if step not in self._known:
            found = self._steps[step]
            inner = [self.answer(one) for one in found.steps] if isinstance(found, Combination) else []
            started = perf_counter()
            if isinstance(found, Atom):
                self._known[step] = self._of_atom(found)
            elif isinstance(found, Reference):
                self._known[step] = self._of_reference(found)
            else:
                self._known[step] = combined(found, inner)
            self.seconds[step] += perf_counter() - started
        return self._known[step]
