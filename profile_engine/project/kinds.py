"""The kinds of thing that a project describes one file at a time, and the model of each."""

from __future__ import annotations

from collections.abc import Mapping

from profile_engine.config.model import ConfigModel
from profile_engine.datasets.config import DatasetConfig
from profile_engine.destinations.config import DestinationConfig
from profile_engine.schemas.config import FieldGroupConfig, SchemaConfig
from profile_engine.segments.config import SegmentConfig

MODELS: Mapping[str, type[ConfigModel]] = {
    "schemas": SchemaConfig,
    "field_groups": FieldGroupConfig,
    "datasets": DatasetConfig,
    "destinations": DestinationConfig,
    "segments": SegmentConfig,
}
