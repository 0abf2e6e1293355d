"""What one test of the language consists of: name, the kinds it fits, how it is read, run, told and proved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import TYPE_CHECKING, TypeVar

from profile_engine.config.problems import Problems
from profile_engine.config.yaml_document import Node
from profile_engine.rules.columns import ArrayColumn, Column, Mask, Whole
from profile_engine.rules.field_types import Kind
from profile_engine.rules.moment import Moment, Stretch
from profile_engine.rules.syntax import Check, Condition, Operand

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn

    from profile_engine.rules.compile.compiling import Compiling
    from profile_engine.rules.compile.value import Value

OperandType = TypeVar("OperandType")


@dataclass(frozen=True)
class Reading:
    """What an operand reader has at hand: the type it stands against, the time zone, and how to read an inner test."""

    type: str
    zone: tzinfo
    problems: Problems
    inner: Callable[[Node, str], tuple[Check, ...] | None]
    """Reads tests of a value of another type (the length of a text, the size of an array)."""
    on_items: Callable[[Node], Condition | None] = lambda _: None
    """Reads the condition that items of an array are put to."""


@dataclass(frozen=True)
class Testing:
    """What a test has at hand beside the column: the check, the moment, and how to run inner tests (all of them)."""

    check: Check
    moment: Moment
    inner: Callable[[Column, tuple[Check, ...]], Mask]
    on_items: Callable[[Condition, ArrayColumn], Mask]
    """Answers a condition for every item of an array column."""


@dataclass(frozen=True)
class Example:
    """A value of a field type, the operand as it stands in YAML, and what the test says of it."""

    type: str
    value: object
    operand: str
    expected: bool
    ignoring_case: bool = False


@dataclass(frozen=True)
class Operator:
    """One entry of the registry."""

    name: str
    fits: frozenset[Kind]
    read: Callable[[Node, Reading], Operand | None]
    """The operand, typed; None when it was refused (a problem has been added)."""
    test: Callable[[Column, Testing], Mask]
    """One answer per row. Answers for missing values are not looked at, unless `sees_missing`."""
    words: Callable[[Check], str]
    """The predicate of the sentence, such as 'is at least 2'; with inner tests, what stands before them."""
    summary: str
    """One line for the table of tests."""
    operand: str
    """The operand in words, for the table of tests."""
    examples: tuple[Example, ...]
    column: Callable[[Value, Compiling], SparkColumn] = field(kw_only=True)
    """The same as `test`, compiled to a Spark Column; may be null where the value is missing. Imports no pyspark itself, as
    `validate` reads rules too."""
    stretch: Callable[[Check, Moment, Kind], Stretch] | None = None
    """For tests of time: where it passes, in instants (kind `time`) or days (kind `date`); such a test can be a window."""
    flips: Callable[[Column, Check, Moment], Whole] | None = None
    """For tests that as_of takes part in: see `rules.flips`. None where time alone changes no answer."""
    sees_missing: bool = False
    takes_inner: bool = False
    """Whether the operand is tests itself, which the sentence tells after `words`."""
    takes_condition: bool = False
    """Whether the operand is a condition on items, which the sentence tells after `words`."""
    takes_case: bool = False
    """Whether `ignoring_case` may stand beside it (where the value is text)."""


def of_type(operand: object, expected: type[OperandType]) -> OperandType:
    """The operand as its reader left it; anything else is a mistake of ours."""
    if not isinstance(operand, expected):
        raise TypeError(f"an operand of type {type(operand).__name__} where {expected.__name__} was read")
    return operand


def items_of(operand: object, expected: type[OperandType]) -> tuple[OperandType, ...]:
    """The same for a list of operands."""
    return tuple(of_type(item, expected) for item in of_type(operand, tuple))
