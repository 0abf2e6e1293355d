"""Windows of events: the stretch of time that all checks of a window leave, never past as_of."""

from __future__ import annotations

from profile_engine.rules.moment import EARLIEST, Moment, Stretch
from profile_engine.rules.operators.registry import operators
from profile_engine.rules.syntax import Check


def window_of(checks: tuple[Check, ...], moment: Moment) -> Stretch:
    """First and last instant, both inside; no check means everything up to as_of."""
    first, last = EARLIEST, moment.now
    for check in checks:
        stretch_of = operators()[check.operator].stretch
        assert stretch_of is not None, f"'{check.operator}' was read as a window and is none"
        low, high = stretch_of(check, moment, "time")
        first, last = max(first, low), min(last, high)
    return first, last
