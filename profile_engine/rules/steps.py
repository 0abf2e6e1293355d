"""Answers of a program's steps over one set of rows: one truth value per row, each step computed once."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import numpy as np

from profile_engine.rules.columns import Column, Mask
from profile_engine.rules.moment import Moment
from profile_engine.rules.operators.operator import Testing
from profile_engine.rules.operators.registry import operators
from profile_engine.rules.program import Atom, Combination, Reference, Step
from profile_engine.rules.syntax import Check


def passing_rows(column: Column, check: Check, moment: Moment) -> Mask:
    """Which rows pass a check; a missing value passes nothing but `exists: false`."""
    operator = operators()[check.operator]
    answers = operator.test(column, Testing(check, moment, lambda inner, checks: all_passing(inner, checks, moment)))
    return answers if operator.sees_missing else answers & column.present


def all_passing(column: Column, checks: tuple[Check, ...], moment: Moment) -> Mask:
    """Which rows pass every check."""
    return reduce(np.logical_and, (passing_rows(column, check, moment) for check in checks))


def combined(combination: Combination, answers: list[Mask]) -> Mask:
    """Earlier answers joined."""
    if combination.join == "not":
        return ~answers[0]
    if combination.join == "all":
        return np.asarray(np.logical_and.reduce(answers), dtype=np.bool_)
    either = np.asarray(np.logical_or.reduce(answers), dtype=np.bool_)
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

    def answer(self, step: int) -> Mask:
        """One truth value per row. Raises what a test raises, each time that it is asked for."""
        if step not in self._known:
            found = self._steps[step]
            if isinstance(found, Atom):
                self._known[step] = self._of_atom(found)
            elif isinstance(found, Reference):
                self._known[step] = self._of_reference(found)
            else:
                self._known[step] = combined(found, [self.answer(inner) for inner in found.steps])
        return self._known[step]
