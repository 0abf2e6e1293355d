"""What a test of the registry has at hand when it is compiled to a Column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pyspark.sql import Column

from profile_engine.rules.compile.value import Value
from profile_engine.rules.moment import Moment
from profile_engine.rules.syntax import Check, Condition


@dataclass(frozen=True)
class Compiling:
    """The check, the moment, and how to compile inner tests (all of them) and a condition on an item of the value.

    What these two give is true or false, never null; what a test itself gives may be null where its value is missing.
    """

    check: Check
    moment: Moment
    inner: Callable[[Value, tuple[Check, ...]], Column]
    on_item: Callable[[Condition, Value], Column]
