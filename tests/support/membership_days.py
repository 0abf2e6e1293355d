"""Days of memberships in plain Python: people are merged, rules are evaluated, and the logs that the stage would write."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

FIRST_DAY = datetime(2026, 3, 1, tzinfo=UTC)
Held = dict[tuple[str, int], datetime]


def profile_no(profile_id: str) -> int:
    """Numbers far apart, so that few people fill several buckets."""
    return int(profile_id[1:]) * 40_000


def day(number: int) -> datetime:
    return FIRST_DAY + timedelta(days=number)


@dataclass
class MembershipDays:
    """`snapshots` are who is in what after the evaluation of each day, with the time of entry."""

    changes: list[dict[str, Any]] = field(default_factory=list)
    merges: list[dict[str, Any]] = field(default_factory=list)
    snapshots: list[Held] = field(default_factory=list)


def simulated(seed: int, people: int, segments: int, days: int) -> MembershipDays:
    """Some people are merged each day, then each one alive is in each segment by the throw of a coin."""
    chance, found = Random(seed), MembershipDays()
    alive = [f"p{number}" for number in range(people)]
    held: dict[str, dict[int, datetime]] = {one: {} for one in alive}
    for number in range(days):
        at = day(number)
        while len(alive) > 2 and chance.random() < 0.4:
            loser, survivor = chance.sample(alive, 2)
            alive.remove(loser)
            for segment, entered_at in held.pop(loser).items():
                held[survivor][segment] = min(entered_at, held[survivor].get(segment, entered_at))
            found.merges.append(
                {"change": "merged_into", "profile_id": loser, "other_profile_id": survivor, "at": at, "order": len(found.merges)}
            )  # fmt: skip
        for one in alive:
            for segment in range(1, segments + 1):
                wanted = chance.random() < 0.5
                change = {
                    "profile_id": one,
                    "profile_no": profile_no(one),
                    "segment_no": segment,
                    "at": at,
                    "run_id": "r",
                }
                if wanted and segment not in held[one]:
                    held[one][segment] = at
                    found.changes.append({**change, "change": "entered", "entered_at": at})
                elif not wanted and segment in held[one]:
                    found.changes.append({**change, "change": "left", "entered_at": held[one].pop(segment)})
        found.snapshots.append({(one, segment): since for one, mine in held.items() for segment, since in mine.items()})
    return found
