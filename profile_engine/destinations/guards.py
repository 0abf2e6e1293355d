"""Checks before anything is sent: an audience that shrinks, empties or is too small stays away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from profile_engine.destinations.config import GuardsConfig


@dataclass(frozen=True)
class AudienceSizes:
    """Rows of an audience at its destination: before, now, and those of before that are not there now."""

    before: int | None
    """None: never delivered, so nothing to compare with."""
    now: int
    left: int | None
    """None: what was sent before can't be compared row by row any more; the sizes alone are."""

    @property
    def removed(self) -> int:
        """At least so many rows go."""
        return max((self.before or 0) - self.now, 0) if self.left is None else self.left


def refusal(place: str, sizes: AudienceSizes, guards: GuardsConfig, confirmed: Callable[[str], bool]) -> str | None:
    """Why an audience is not sent, in a sentence with the figure and the limit, or None.

    place      `destination/audience`; a removal is confirmed as `removals:<place>`, an emptied audience as `empty:<place>`
    confirmed  whether a name was confirmed on the command line
    """
    before = sizes.before or 0
    empty = f"empty:{place}"
    if before and not sizes.now and guards.when_empty == "stop":
        if confirmed(empty):
            return None
        return (
            f"{place} has no rows now and had {before} at its last delivery; not sent (if intended: --confirm {empty})"
        )
    if sizes.now < guards.audience.at_least:
        return f"{place} has {sizes.now} rows, fewer than audience.at_least {guards.audience.at_least}; not sent"
    removals = f"removals:{place}"
    if before and sizes.removed > guards.removals.at_most * before and not confirmed(removals):
        share = 100 * sizes.removed / before
        return (
            f"{place} would lose {sizes.removed} of {before} rows ({share:.1f} %), more than removals.at_most "
            f"{100 * guards.removals.at_most:g} %; not sent (if intended: --confirm {removals})"
        )
    return None
