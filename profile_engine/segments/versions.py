"""Versions of segments: each segment's number, given once, and each meaning that it has had."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from profile_engine.rules.canonical import canonical_text
from profile_engine.segments.segment import Segment
from profile_engine.segments.set_aside import SetAside


@dataclass(frozen=True)
class SegmentVersion:
    """A row of `segment_version`."""

    segment: str
    segment_no: int
    version: int
    content_hash: str
    name: str
    definition: str
    """The canonical condition, as JSON."""
    sentence: str
    merge_policy: str
    evaluation_method: str
    """batch, streaming or edge"""
    method_reason: str
    valid_from: datetime
    run_id: str


def current_versions(
    known: Iterable[SegmentVersion], segments: Mapping[str, Segment], as_of: datetime, run_id: str
) -> dict[str, SegmentVersion]:
    """The version of each segment that holds now, by id; no two have one number.

    A segment never seen before gets the next number, in the order of ids; a renamed one keeps the number that it had. A
    number is never used again, also when its segment is gone. An id whose number went on under another one begins as a
    new segment, its versions counting on. A new version begins when the content hash changes; a version whose name,
    sentence or method alone changed is told anew.
    """
    rows = _in_order(known)
    newest = {row.segment: row for row in rows}
    owned = _owned(rows)
    next_number = max((row.segment_no for row in rows), default=0) + 1
    current: dict[str, SegmentVersion] = {}
    taken: set[int] = set()
    for id in sorted(segments):
        segment = segments[id]
        before = owned.get(id) or _renamed(segment, segments, owned, taken)
        same_meaning = before is not None and (before.segment, before.content_hash) == (id, segment.content_hash)
        if before is None:
            number, next_number = next_number, next_number + 1
        else:
            number = before.segment_no
        taken.add(number)
        last = max((row.version for row in (before, newest.get(id)) if row is not None), default=0)
        current[id] = SegmentVersion(
            segment=id,
            segment_no=number,
            version=before.version if before is not None and same_meaning else last + 1,
            content_hash=segment.content_hash,
            name=segment.name,
            definition=canonical_text(segment.condition),
            sentence=segment.sentence,
            merge_policy=segment.merge_policy,
            evaluation_method=segment.method.method,
            method_reason=segment.method.reason,
            valid_from=before.valid_from if before is not None and same_meaning else as_of,
            run_id=before.run_id if before is not None and same_meaning else run_id,
        )
    return current


def numbers_set_aside(
    known: Iterable[SegmentVersion], set_aside: Mapping[str, SetAside], taken: Collection[int]
) -> dict[str, int]:
    """The number of each segment that was set aside: the one that it has or, of a renamed one, that its old id has. One that was
    never evaluated has none.

    taken  numbers of all other segments
    """
    owned = _owned(_in_order(known))
    rows = {id: owned.get(id) or owned.get(one.renamed_from or "") for id, one in set_aside.items()}
    return {id: row.segment_no for id, row in rows.items() if row is not None and row.segment_no not in taken}


def _in_order(rows: Iterable[SegmentVersion]) -> list[SegmentVersion]:
    return sorted(rows, key=lambda row: (row.version, row.valid_from))


def _owned(in_order: Iterable[SegmentVersion]) -> dict[str, SegmentVersion]:
    """By id, the newest row of the number that it has: whose row is a number's newest has the number."""
    of_number = {row.segment_no: row for row in in_order}
    return {row.segment: row for row in _in_order(of_number.values())}


def _renamed(
    segment: Segment, segments: Mapping[str, Segment], owned: Mapping[str, SegmentVersion], taken: Collection[int]
) -> SegmentVersion | None:
    """The row that a renamed segment goes on from: of an id that is gone, whose number nobody has taken over yet."""
    if segment.renamed_from is None or segment.renamed_from in segments:
        return None
    before = owned.get(segment.renamed_from)
    return before if before is not None and before.segment_no not in taken else None
