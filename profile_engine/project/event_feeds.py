"""How the events of each type come in: in batches, as a stream, or both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from profile_engine.datasets.config import DatasetConfig
from profile_engine.schemas.schema import Schema


def event_feeds(datasets: Mapping[str, DatasetConfig], schemas: Mapping[str, Schema]) -> dict[str, frozenset[str]]:
    """`batch` and `stream` by event type, over the sources of all datasets that feed profiles; a dataset whose schema could
    not be read says nothing."""
    found: dict[str, set[str]] = defaultdict(set)
    for dataset in datasets.values():
        schema = schemas.get(dataset.schema_name)
        if schema is not None and schema.profile_enabled and dataset.profile == "enabled":
            for event_type in schema.event_types:
                found[event_type] |= {source.arrives for source in dataset.sources.values()}
    return {event_type: frozenset(feeds) for event_type, feeds in found.items()}
