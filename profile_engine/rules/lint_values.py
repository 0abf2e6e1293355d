"""Whether tests leave any value at all: numbers by the interval that passes, texts and flags by the values that do."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from profile_engine.rules.field_types import kind_of
from profile_engine.rules.syntax import Check

INFINITE = Fraction(10**60)
_LEAST = Fraction(1, 10**50)
_NUMBERS_OF = {
    "month": (Fraction(1), Fraction(12)), "day_of_month": (Fraction(1), Fraction(31)), "year": (Fraction(1), Fraction(9999)),
    "size": (Fraction(0), INFINITE), "length": (Fraction(1), INFINITE),
}  # fmt: skip
"""Between what the numbers lie that inner tests are put to; empty text is missing, so that no length is 0."""


def can_pass(checks: Iterable[Check], type_text: str) -> bool:
    """Whether some value of a type passes all of these tests, as far as they can be told without data."""
    tests = tuple(checks)
    if any(check == Check("exists", False) for check in tests):
        return all(check == Check("exists", False) for check in tests)
    low, high = -INFINITE, INFINITE
    values: set[object] | None = {True, False} if kind_of(type_text) == "boolean" else None
    excluded: set[object] = set()
    for check in tests:
        first, last = interval(check)
        low, high = max(low, first), min(high, last)
        options = options_of(check)
        if options is not None:
            values = options if values is None else values & options
        excluded |= _excluded(check)
    if values is not None:
        values = {value for value in values - excluded if _lies_in(value, low, high)}
    return low <= high and values != set()


def can_pass_inside(check: Check) -> bool:
    """Whether some size, length, year, month or day of the month passes the inner tests; True of all other tests."""
    if check.operator not in _NUMBERS_OF or not isinstance(check.operand, tuple):
        return True
    inner = [one for one in check.operand if isinstance(one, Check)]
    low, high = _NUMBERS_OF[check.operator]
    least, most = zip(*(interval(one) for one in inner), strict=True)
    return can_pass(inner, "integer") and max(low, *least) <= min(high, *most)


def interval(check: Check) -> tuple[Fraction, Fraction]:
    """Numbers that can pass, both ends counted in; an open end is moved by less than any literal can tell."""
    literals = check.operand if isinstance(check.operand, tuple) else (check.operand,)
    numbers = [
        Fraction(one) for one in literals if isinstance(one, int | float | Decimal) and not isinstance(one, bool)
    ]
    if len(numbers) != len(literals) or not numbers:
        return -INFINITE, INFINITE
    return {
        "above": (numbers[0] + _LEAST, INFINITE), "at_least": (numbers[0], INFINITE), "below": (-INFINITE, numbers[0] - _LEAST),
        "at_most": (-INFINITE, numbers[0]), "between": (numbers[0], numbers[-1]), "equals": (numbers[0], numbers[0]),
        "one_of": (min(numbers), max(numbers)),
    }.get(check.operator, (-INFINITE, INFINITE))  # fmt: skip


def options_of(check: Check) -> set[object] | None:
    """The only values that pass, where a test names them."""
    return None if check.operator not in {"equals", "one_of"} else _named(check)


def _excluded(check: Check) -> set[object]:
    return set() if check.operator not in {"differs_from", "none_of"} else _named(check) or set()


def _named(check: Check) -> set[object] | None:
    if check.ignoring_case:
        return None
    named = check.operand if isinstance(check.operand, tuple) else (check.operand,)
    return set(named) if all(isinstance(one, str | int | float | Decimal) for one in named) else None


def _lies_in(value: object, low: Fraction, high: Fraction) -> bool:
    """Texts and flags lie in every interval."""
    return not isinstance(value, int | float | Decimal) or isinstance(value, bool) or low <= Fraction(value) <= high
