"""Memberships to the world: what is due is computed, written to the outbox, sent, and entered in the ledger."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from pyspark.sql import DataFrame

from profile_engine.destinations.ledger import LEDGER_COLUMNS, LastDelivery, Place, last_deliveries, ledger_rows
from profile_engine.destinations.members import members
from profile_engine.destinations.outbox import OUTBOX_COLUMNS, Batch, open_batches, outbox_rows
from profile_engine.destinations.payload import top_level
from profile_engine.destinations.plan import AudiencePlan, due_places, planned, told_of_last_members
from profile_engine.destinations.publishing import settled
from profile_engine.destinations.receipts import RECEIPT_COLUMNS, Outcome, receipt_rows
from profile_engine.destinations.route import Route, SegmentNumber, route_to
from profile_engine.destinations.sending import send
from profile_engine.destinations.shipment import People, Shipment, shipment
from profile_engine.destinations.side_by_side import side_by_side
from profile_engine.destinations.staging import looked_up_in_one_job
from profile_engine.lake.runs import Run
from profile_engine.lake.versions import VersionGone
from profile_engine.observability.stage_report import StageReport

if TYPE_CHECKING:
    from profile_engine.project.project import Project

logger = logging.getLogger(__name__)
STAGE = "destinations"
INPUTS = ("profile", "membership", "segment_version")


def deliver_audiences(run: Run, project: Project) -> StageReport:
    """Delivers every audience that is due as of the run; the outbox is written before anything is sent.

    An audience that a guard refuses, and one that its destination doesn't take, is set aside in the report and tried again
    with the next run; all others go, those of segments that were set aside with the members that they had. Repeating an as_of
    that was delivered sends nothing and writes nothing.
    """
    if not all(run.exists(table) for table in INPUTS):
        return StageReport(STAGE, skipped="no segment has been evaluated yet")
    ledger = last_deliveries(run.read("delivery_ledger")) if run.exists("delivery_ledger") else {}
    due = due_places(project, run.as_of, ledger)
    if not due:
        return StageReport(STAGE, skipped="no delivery is due")
    routes = {name: route_to(name, project) for name in dict.fromkeys(destination for destination, _ in due)}
    unanswered = _unanswered(run, due, ledger)
    late = [outcome for name, route in routes.items() for outcome in settled(route.target, unanswered.get(name, []))]
    before = {**ledger, **_delivered(late, run.run_id)}
    due = due_places(project, run.as_of, before)
    attempts = {batch.key: batch.attempts for batches in unanswered.values() for batch in batches}
    with ExitStack() as persisted:
        shipments, refused = _prepared(run, routes, due, before, attempts, persisted) if due else ([], [])
        _append(run, "outbox", OUTBOX_COLUMNS, _rows_to_announce(shipments, run.run_id, attempts))
        with looked_up_in_one_job(run.spark):
            sent = side_by_side(run.spark, lambda shipped: send(shipped, run.run_id), shipments)
        outcomes = [outcome for of_destination in sent for outcome in of_destination]
    _record(run, [*late, *outcomes], ledger)
    if late or outcomes:
        run.stage_done(STAGE, list(INPUTS), project.configuration_hash(STAGE))
    refused += [f"{'/'.join(outcome.batch.place)}: {outcome.failure}" for outcome in outcomes if not outcome.accepted]
    refused += told_of_last_members(project, due)
    return StageReport(STAGE, _figures([*late, *outcomes], shipments), refused=tuple(refused))


def _unanswered(run: Run, due: Sequence[Place], ledger: dict[Place, LastDelivery]) -> dict[str, list[Batch]]:
    """By destination, batches of due audiences in the outbox that no receipt accepts, oldest first."""
    if not run.exists("outbox"):
        return {}
    last = {place: ledger[place].as_of if place in ledger else None for place in due}
    found: dict[str, list[Batch]] = {}
    for batch in open_batches(run.read("outbox"), lambda: run.read("receipt"), last):
        found.setdefault(batch.destination, []).append(batch)
    return found


def _prepared(
    run: Run,
    routes: Mapping[str, Route],
    due: Sequence[Place],
    last: Mapping[Place, LastDelivery],
    attempts: Mapping[str, int],
    persisted: ExitStack,
) -> tuple[list[Shipment], list[str]]:
    """A shipment per destination, and a sentence for each audience that can't be sent."""
    segments = _segments(run)
    audiences = {
        name: route.audiences({audience for destination, audience in due if destination == name}, segments)
        for name, route in routes.items()
    }
    ready = {(name, audience.name) for name, of_route in audiences.items() for audience in of_route}
    refused = [
        f"{'/'.join(place)}: its segment has not been evaluated yet; run evaluate_segments first"
        for place in due
        if place not in ready
    ]
    if not ready:
        return [], refused
    policies = {audience.segment_no: audience.merge_policy for of_route in audiences.values() for audience in of_route}
    attributes = {top_level(path) for route in routes.values() for path in route.mapping.paths}
    people = _people(run, policies, attributes, persisted)
    now = people(_version(run, "profile"), _version(run, "membership"))
    plans: dict[str, list[AudiencePlan]] = {}
    for name, of_route in audiences.items():
        of_last = {audience.name: last[name, audience.name] for audience in of_route if (name, audience.name) in last}
        # opens the pinned versions too, here and not side by side
        plans[name] = planned(of_route, routes[name].config.export.mode, of_last, lambda pin: _readable(people, pin))

    def shipped(name: str) -> Shipment:
        of_destination = shipment(routes[name], plans[name], now, people, run.as_of, attempts, run.confirmed)
        persisted.callback(of_destination.parts.unpersist)
        return of_destination

    shipments = side_by_side(run.spark, shipped, [name for name in plans if plans[name]])
    return shipments, [*refused, *(sentence for each in shipments for sentence in each.refused)]


def _people(
    run: Run, policies: Mapping[int, str], attributes: Collection[str], persisted: ExitStack
) -> Callable[[int, int], People]:
    """Members of the segments by the versions of `profile` and `membership`, each pair read once for all destinations."""
    opened: dict[tuple[int, int], People] = {}

    def people(profile_version: int, membership_version: int) -> People:
        pin = (profile_version, membership_version)
        if pin not in opened:
            profiles, memberships = _at(run, "profile", pin[0]), _at(run, "membership", pin[1])
            frame = members(profiles, memberships, policies, attributes).persist()
            persisted.callback(frame.unpersist)
            opened[pin] = People(frame, *pin)
        return opened[pin]

    return people


def _at(run: Run, table: str, version: int) -> DataFrame:
    return run.read(table) if version == run.version(table) else run.read_version(table, version)


def _readable(people: Callable[[int, int], People], pin: LastDelivery) -> bool:
    try:
        people(pin.profile_version, pin.membership_version)
    except VersionGone:
        return False
    return True


def _version(run: Run, table: str) -> int:
    version = run.version(table)
    assert version is not None  # the stage has seen that the table is there
    return version


def _segments(run: Run) -> dict[str, SegmentNumber]:
    """Each segment's number and merge policy, in its newest version."""
    versions = run.read("segment_version").select("segment", "version", "segment_no", "merge_policy").collect()
    in_order = sorted(versions, key=lambda row: int(row.version))
    return {row.segment: SegmentNumber(row.segment_no, row.merge_policy) for row in in_order}


def _rows_to_announce(shipments: Sequence[Shipment], run_id: str, known: Mapping[str, int]) -> list[tuple[Any, ...]]:
    """Outbox rows of the batches that the outbox doesn't have yet; one that was tried before stands as it is."""
    batches = [batch for shipped in shipments for batch in shipped.batches.values() if batch.key not in known]
    return outbox_rows(batches, run_id)


def _record(run: Run, outcomes: Sequence[Outcome], ledger: Mapping[Place, LastDelivery]) -> None:
    """Receipts of all outcomes in one append; then the ledger, whole, as it has a few rows an audience and no person."""
    for outcome in outcomes:
        batch = outcome.batch
        logger.info(
            "delivery destination=%s audience=%s operation=%s outcome=%s rows=%d parts=%d batch=%s",
            batch.destination, batch.audience, batch.operation, outcome.answer[0], sum(batch.part_rows),
            len(batch.part_rows), batch.key[:8],
        )  # fmt: skip
    _append(run, "receipt", RECEIPT_COLUMNS, receipt_rows(outcomes, run.as_of, run.run_id))
    delivered = _delivered(outcomes, run.run_id)
    if delivered:
        rows = ledger_rows({**ledger, **delivered})
        run.replace("delivery_ledger", run.spark.createDataFrame(rows, LEDGER_COLUMNS))


def _delivered(outcomes: Sequence[Outcome], run_id: str) -> dict[Place, LastDelivery]:
    return {outcome.batch.place: outcome.batch.delivered(run_id) for outcome in outcomes if outcome.accepted}


def _append(run: Run, table: str, columns: str, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        run.append(table, run.spark.createDataFrame(rows, columns))


def _figures(outcomes: Sequence[Outcome], shipments: Sequence[Shipment]) -> dict[str, int | float | str]:
    """Rows by `destination/audience`, then who was withheld and why an audience was sent whole, then the parts in all."""
    figures: dict[str, int | float | str] = {}
    for outcome in outcomes:
        if outcome.accepted:
            place = "/".join(outcome.batch.place)
            figures[place] = sum(outcome.batch.part_rows)
            figures |= {f"{place} withheld: {reason}": rows for reason, rows in outcome.batch.withheld}
    for shipped in shipments:
        for plan in shipped.plans.values():
            if plan.why_whole is not None:
                figures[f"{shipped.route.destination}/{plan.audience.name} sent whole"] = plan.why_whole
    return figures | {"parts": sum(len(outcome.parts) for outcome in outcomes)}
