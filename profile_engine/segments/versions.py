"""Versions of segments: each segment's number, given once, and each meaning that it has had."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from profile_engine.rules.canonical import canonical_text
from profile_engine.segments.segment import Segment


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
    """The version of each segment that holds now, by id.

    A segment never seen before gets the next number, in the order of ids; a renamed one keeps the number that it had. A
    number is never used again, also when its segment is gone. A new version begins when the content hash changes; a
    version whose name, sentence or method alone changed is told anew.
    """
    newest: dict[str, SegmentVersion] = {}
    for row in known:
        if row.segment not in newest or newest[row.segment].version < row.version:
            newest[row.segment] = row
    next_number = max((row.segment_no for row in newest.values()), default=0) + 1
    current: dict[str, SegmentVersion] = {}
    for id in sorted(segments):
        segment = segments[id]
        before = newest.get(id) or newest.get(segment.renamed_from or "")
        same_meaning = before is not None and (before.segment, before.content_hash) == (id, segment.content_hash)
        if before is None:
            number, next_number = next_number, next_number + 1
        else:
            number = before.segment_no
        current[id] = SegmentVersion(
            segment=id,
            segment_no=number,
            version=1 if before is None else before.version + (0 if same_meaning else 1),
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
