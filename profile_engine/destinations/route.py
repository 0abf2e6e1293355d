"""The way to one destination: its connector, its format and its mapping, read from the project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from profile_engine.config.model import ConfigModel
from profile_engine.destinations.config import DestinationConfig
from profile_engine.destinations.connectors import connector
from profile_engine.destinations.file_formats import FileFormat, file_format
from profile_engine.destinations.mapping import DestinationMapping, MappedAudience, mapping_hash
from profile_engine.destinations.target import Target

if TYPE_CHECKING:
    from profile_engine.project.project import Project


@dataclass(frozen=True)
class SegmentNumber:
    """A segment as `membership` knows it, in its newest version."""

    number: int
    merge_policy: str


@dataclass(frozen=True)
class Route:
    """A destination with everything its deliveries need."""

    destination: str
    config: DestinationConfig
    mapping: DestinationMapping
    settings: ConfigModel
    target: Target
    file_format: FileFormat
    options: ConfigModel

    @property
    def with_status(self) -> bool:
        """Whether files have the column `status`: always where changes are sent, so that a whole export looks alike."""
        return self.config.export.mode == "full_then_changes"

    def audiences(self, names: set[str], segments: Mapping[str, SegmentNumber]) -> list[MappedAudience]:
        """The audiences of these names whose segments were evaluated before."""
        return [
            MappedAudience(
                number, audience.name, audience.segment, segments[audience.segment].number,
                segments[audience.segment].merge_policy,
                mapping_hash(
                    self.config, audience, self.mapping, segments[audience.segment].merge_policy, self.settings, self.options
                ),
            )
            for number, audience in enumerate(self.config.audiences)
            if audience.name in names and audience.segment in segments
        ]  # fmt: skip


def route_to(destination: str, project: Project) -> Route:
    """The route of one of the project's destinations; raises what its connector raises for settings it can't use."""
    config = project.destinations[destination]
    purpose = None if config.consent == "not_needed" else project.purposes[config.consent.purpose]
    way, form = connector(config.connector), file_format(config.file_format)
    settings = way.Settings.model_validate(config.connector_settings)
    return Route(
        destination, config, DestinationMapping.of(config, purpose), settings, way.target(settings, project.root), form,
        form.Options.model_validate(config.format_options),
    )  # fmt: skip
