"""Sending what the outbox says: files staged by Spark, then published by the connector."""

from __future__ import annotations

from pyspark.sql import functions as F

from profile_engine.destinations.manifest import Layout
from profile_engine.destinations.payload import INTERNAL_COLUMNS
from profile_engine.destinations.places import folder_name, part_name, staging_root
from profile_engine.destinations.publishing import StagedBatch, StagedPart, failed, published
from profile_engine.destinations.receipts import Outcome, PublishedPart
from profile_engine.destinations.shipment import Shipment, statuses_sent
from profile_engine.destinations.staging import checked, files_of, staged
from profile_engine.errors import DeliveryError, PlatformError


def send(shipment: Shipment, run_id: str) -> list[Outcome]:
    """Sends all batches; a destination that fails as a whole fails each of them, and only them."""
    route, batches = shipment.route, shipment.batches
    try:
        return _send(shipment, run_id)
    except (DeliveryError, PlatformError) as error:
        return [failed(route.target, batch, error) for batch in batches.values()]


def _send(shipment: Shipment, run_id: str) -> list[Outcome]:
    route, batches = shipment.route, shipment.batches
    expected = {(number, part) for number, batch in batches.items() for part in range(len(batch.part_rows))}
    going = F.col("part_no").isNotNull() & F.col("audience_no").isin(sorted(batches))
    files = files_of(
        shipment.parts.where(going), route.config.namespace, route.with_status, route.file_format, route.options
    )
    columns = tuple(name for name in files.columns if name not in INTERNAL_COLUMNS)
    staging = staging_root(route.destination)
    route.target.remove(staging)  # of a dead run
    written = (
        staged(files, route.target, f"{staging}/{folder_name(run_id)}", route.file_format, route.options)
        if expected
        else []
    )
    by_part = checked(written, expected, route.target.uri(staging))
    suffix = route.file_format.suffix(route.options)
    ready = []
    for number, batch in batches.items():
        parts = tuple(
            StagedPart(
                by_part[number, part].path,
                PublishedPart(part_name(part, suffix), rows, by_part[number, part].bytes, by_part[number, part].sha256),
            )
            for part, rows in enumerate(batch.part_rows)
        )
        last = shipment.plans[number].last
        entered, left = statuses_sent(shipment.plans[number], shipment.figures[number])
        ready.append(StagedBatch(batch, parts, entered, left, None if last is None else last.as_of))
    layout = Layout(
        columns, route.config.namespace, route.config.identity_form, route.file_format.NAME,
        route.file_format.dialect(route.options),
    )  # fmt: skip
    outcomes = published(route.target, ready, layout, route.file_format.END)
    route.target.remove(staging)
    return outcomes
