"""One number for a person and a time, so that the events of all people stand in one order and are searched at once."""

from __future__ import annotations

import numpy as np

from profile_engine.rules.ascending import ascending
from profile_engine.rules.columns import Whole

_FITS = 2**62
AGES = 2**61
"""Longer than all times."""


class Clock:
    """Keys that rise with person, then time.

    times   of the events there are
    people  how many there are
    """

    def __init__(self, times: Whole, people: int) -> None:
        first, last = int(times.min(initial=AGES)), int(times.max(initial=-AGES))
        self.first, self.width = first, max(last - first, 0) + 2
        self.ranked = ascending(times) if people * self.width >= _FITS else None
        if self.ranked is not None:
            self.width = len(self.ranked) + 1

    def before(self, persons: Whole, times: Whole) -> Whole:
        """A key above those of the person's events before a time, and not above that of an event at it."""
        if self.ranked is not None:
            return persons * self.width + np.searchsorted(self.ranked, times, "left")
        return persons * self.width + np.clip(times - self.first, 0, self.width - 1)
