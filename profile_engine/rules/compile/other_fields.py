"""Two values of one row compared exactly, whatever the types of numbers."""

from __future__ import annotations

from collections.abc import Callable

from pyspark.sql import Column
from pyspark.sql import functions as F

from profile_engine.rules.compile.exact_numbers import Exact, Ratio
from profile_engine.rules.compile.value import NotCompilable, Value
from profile_engine.rules.field_types import kind_of

_PASSES: dict[str, Callable[[Column, Column], Column]] = {
    "equals": lambda left, right: left == right, "differs_from": lambda left, right: left != right,
    "above": lambda left, right: left > right, "at_least": lambda left, right: left >= right,
    "below": lambda left, right: left < right, "at_most": lambda left, right: left <= right,
    "before": lambda left, right: left < right, "after": lambda left, right: left > right,
}  # fmt: skip


def compared(left: Value, operator: str, right: Value, ignoring_case: bool = False) -> Column:
    """Whether the left value is to the right one as the operator says (`one_of` and `none_of`: is an item of it or not;
    `includes`: has it among its items; `includes_any`, `includes_all`: has an item of it, or one and every one that is
    there); null where one is missing.

    Raises NotCompilable for a double against a decimal or a formula, which no type of Spark compares exactly.
    """
    if operator == "includes":
        return compared(right, "one_of", left, ignoring_case)
    if operator in ("includes_any", "includes_all"):

        def is_among(item: Value) -> Column:
            return F.coalesce(compared(item, "one_of", left), F.lit(False))

        found = right.any_item(is_among)
        if operator == "includes_any":
            return found
        return found & ~right.any_item(lambda item: item.present & ~is_among(item))
    if kind_of(right.type) == "array":
        among = right.any_item(lambda item: F.coalesce(compared(left, "equals", item, ignoring_case), F.lit(False)))
        return F.when(left.present, among if operator == "one_of" else ~among)
    passes = _PASSES[operator]
    kind = kind_of(left.type)
    if kind == "text":
        return passes(left.text(ignoring_case), right.text(ignoring_case))
    if kind != "number" or left.type == right.type == "double":
        return passes(left.column, right.column)
    if "double" in (left.type, right.type):
        return passes(_sign(left, right), F.lit(0))
    one, other = _over(left), _over(right)
    if isinstance(left, Ratio) or isinstance(right, Ratio):
        one, other = (
            (one * right.under if isinstance(right, Ratio) else one),
            (other * left.under if isinstance(left, Ratio) else other),
        )
    one.compared_with(other)
    return passes(one.column, other.column)


def _over(value: Value) -> Exact:
    return value.over if isinstance(value, Ratio) else Exact.of(value)


def _sign(left: Value, right: Value) -> Column:
    """The sign of left minus right, one a double, the other a whole number.

    A whole number as the nearest double is never on the other side of a double, so only where the two are equal does
    the double, which is whole then, have to be looked at exactly; 2**63 is the one that no bigint holds.
    """
    if {left.type, right.type} != {"double", "integer"} or isinstance(left, Ratio) or isinstance(right, Ratio):
        raise NotCompilable("a double compared with a decimal or a formula")
    whole, double = (left, right) if left.type == "integer" else (right, left)
    near = whole.column.cast("double")
    exact = F.coalesce(F.signum(whole.column - double.column.try_cast("bigint")), F.lit(-1.0))
    sign = (
        F.when(near < double.column, -1.0).when(near > double.column, 1.0).when(double.present & whole.present, exact)
    )
    return sign if whole is left else -sign
