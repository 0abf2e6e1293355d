"""segments/: one YAML file a segment; the file name is the id."""

from __future__ import annotations

from pydantic import Field

from profile_engine.config.model import ConfigModel, RawNode


class SegmentConfig(ConfigModel):
    name: str
    description: str | None = None
    tags: list[str] = Field(default_factory=list)
    merge_policy: str = "default"
    members: RawNode
    """The condition; read by `rules.parse`, with its positions."""
    renamed_from: str | None = Field(default=None)
