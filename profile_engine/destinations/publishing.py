"""Giving staged parts their final names: parts, then the manifest, then `_SUCCESS`; or finding that it was done before."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from profile_engine.destinations.manifest import Layout, manifest, parts_of
from profile_engine.destinations.outbox import Batch
from profile_engine.destinations.places import MANIFEST, SUCCESS, audience_folder
from profile_engine.destinations.receipts import Outcome, PublishedPart
from profile_engine.destinations.target import FileEnd, Target
from profile_engine.errors import DeliveryError, PermanentDeliveryError, ProfileEngineError

_AT_ONCE = 8


@dataclass(frozen=True)
class StagedPart:
    """A part as Spark wrote it, relative to the target, and what it is to be called."""

    staged: str
    part: PublishedPart


@dataclass(frozen=True)
class StagedBatch:
    """A batch with all its parts, in order, and what its manifest tells."""

    batch: Batch
    parts: tuple[StagedPart, ...]
    entered: int
    left: int
    previous: datetime | None


def published(
    target: Target, batches: Iterable[StagedBatch], layout: Layout, end: FileEnd | None = None
) -> list[Outcome]:
    """Publishes batches side by side; one that fails doesn't hold up the others."""

    def outcome(staged: StagedBatch) -> Outcome:
        try:
            return _published(target, staged, layout, end)
        except DeliveryError as error:
            return failed(target, staged.batch, error)

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return list(threads.map(outcome, batches))


def failed(target: Target, batch: Batch, error: ProfileEngineError) -> Outcome:
    """The outcome of a batch that didn't arrive."""
    return Outcome(batch, target.uri(audience_folder(*batch.place, batch.as_of)), failure=error)


def settled(target: Target, batches: Iterable[Batch]) -> list[Outcome]:
    """Those of the batches that are at the target, whole, though no receipt says so: their run died after `_SUCCESS`."""
    return [outcome for outcome in (_settled(target, batch) for batch in batches) if outcome is not None]


def _settled(target: Target, batch: Batch) -> Outcome | None:
    folder = audience_folder(*batch.place, batch.as_of)
    try:
        if target.read_text(f"{folder}/{SUCCESS}") != batch.key + "\n":
            return None
        text = target.read_text(f"{folder}/{MANIFEST}")
    except DeliveryError:
        return None  # sending meets the same trouble and reports it
    return None if text is None else Outcome(batch, target.uri(folder), parts_of(text))


def _published(target: Target, staged: StagedBatch, layout: Layout, end: FileEnd | None) -> Outcome:
    batch, parts = staged.batch, tuple(part.part for part in staged.parts)
    folder = audience_folder(*batch.place, batch.as_of)
    text = manifest(batch, parts, staged.entered, staged.left, staged.previous, layout)
    done = Outcome(batch, target.uri(folder), parts)
    if target.read_text(f"{folder}/{SUCCESS}") is not None:
        if target.read_text(f"{folder}/{MANIFEST}") == text:
            return done
        # readers trust a finished folder, so it is written once
        raise PermanentDeliveryError(
            f"{target.uri(folder)} already holds a finished delivery with other content (of another lake, perhaps); "
            "deliver with a later as_of, or move that folder away"
        )
    target.remove(folder)  # what a dead run left
    for part in staged.parts:
        target.publish(part.staged, f"{folder}/{part.part.name}", end)
    target.write_text(f"{folder}/{MANIFEST}", text)
    target.write_text(f"{folder}/{SUCCESS}", batch.key + "\n")
    return done
