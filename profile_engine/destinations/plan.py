"""What a run intends for an audience: sent whole, or only who entered and left, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from profile_engine.destinations.ledger import LastDelivery, Place
from profile_engine.destinations.mapping import MappedAudience
from profile_engine.destinations.outbox import Operation
from profile_engine.destinations.schedule import is_due

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profile_engine.project.project import Project


@dataclass(frozen=True)
class AudiencePlan:
    """One audience that is due."""

    audience: MappedAudience
    operation: Operation
    last: LastDelivery | None
    compared: bool
    """Whether the rows sent before can be computed again and compared with today's."""
    why_whole: str | None = None
    """Why a destination of changes gets a whole export after its first one."""


def due_places(project: Project, as_of: datetime, last: Mapping[Place, LastDelivery]) -> list[Place]:
    """Destination and audience of all deliveries that are due, in the order of the project."""
    return [
        (destination, audience.name)
        for destination, config in project.destinations.items()
        for audience in config.audiences
        if is_due(as_of, _as_of(last.get((destination, audience.name))), config.export, project.engine.time_zone)
    ]


def told_of_last_members(project: Project, due: Iterable[Place]) -> list[str]:
    """A sentence for each audience whose segment was set aside: it goes on with the members that it had."""
    segments = {
        (name, audience.name): audience.segment
        for name, config in project.destinations.items()
        for audience in config.audiences
    }
    return [
        f"{'/'.join(place)}: segment {segments[place]} was set aside, so the members that it had are sent: "
        f"{project.set_aside[segments[place]].reason}"
        for place in due
        if segments[place] in project.set_aside
    ]


def planned(
    audiences: Iterable[MappedAudience],
    mode: Literal["full", "full_then_changes"],
    last: Mapping[str, LastDelivery],
    readable: Callable[[LastDelivery], bool],
) -> list[AudiencePlan]:
    """The plan of each audience of one destination.

    last      by audience
    readable  whether the table versions that a delivery pins can still be read
    """
    return [_plan(audience, mode, last.get(audience.name), readable) for audience in audiences]


def _plan(
    audience: MappedAudience, mode: str, last: LastDelivery | None, readable: Callable[[LastDelivery], bool]
) -> AudiencePlan:
    if last is None:
        return AudiencePlan(audience, "full", None, False)
    why = None
    if last.mapping_hash != audience.mapping_hash:
        why = f"what is sent of it, or where, has changed since {last.as_of:%Y-%m-%d %H:%M} UTC"
    elif not readable(last):
        why = f"the tables as of its last delivery ({last.as_of:%Y-%m-%d %H:%M} UTC) can't be read any more"
    if mode == "full":
        return AudiencePlan(audience, "full", last, why is None)
    return AudiencePlan(audience, "changes" if why is None else "full", last, why is None, why)


def _as_of(last: LastDelivery | None) -> datetime | None:
    return None if last is None else last.as_of
