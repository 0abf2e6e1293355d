"""A project as a whole: everything its files say, with every reference between them checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from profile_engine.config.engine import EngineConfig
from profile_engine.datasets.config import DatasetConfig
from profile_engine.destinations.config import DestinationConfig
from profile_engine.governance.config import PurposeConfig
from profile_engine.identity.config import StitchingConfig
from profile_engine.identity.rulings import Ruling
from profile_engine.profiles.computed.attribute import ComputedAttribute, with_computed
from profile_engine.profiles.config import MergePolicyConfig
from profile_engine.project.configuration_hash import configuration_hash
from profile_engine.schemas.namespace_rules import Namespaces
from profile_engine.schemas.schema import Schema
from profile_engine.schemas.union_schema import UnionSchema
from profile_engine.segments.segment import Segment
from profile_engine.segments.set_aside import SetAside


@dataclass(frozen=True)
class Project:
    """Made by `open_project`; frozen, and the same for the same files, environment and variables."""

    root: Path
    environment: str | None
    engine: EngineConfig
    schemas: Mapping[str, Schema]
    datasets: Mapping[str, DatasetConfig]
    """In the order of file names, as all that follow."""
    namespaces: Namespaces
    stitching: StitchingConfig
    rulings: tuple[Ruling, ...]
    """In the order of their file."""
    merge_policies: Mapping[str, MergePolicyConfig]
    """Exactly one of them is the default."""
    purposes: Mapping[str, PurposeConfig]
    destinations: Mapping[str, DestinationConfig]
    segments: Mapping[str, Segment]
    """Those that can be evaluated."""
    record_union: UnionSchema
    """Attributes of the profile."""
    event_union: UnionSchema
    """Fields of events, and their types."""
    computed_attributes: Mapping[str, ComputedAttribute] = field(default_factory=dict)
    """By name, in the order of their file."""
    set_aside: Mapping[str, SetAside] = field(default_factory=dict)
    """Segments whose files are broken, and those that name them; only where `open_project` was asked to go on."""
    warnings: tuple[str, ...] = ()

    @property
    def profile_union(self) -> UnionSchema:
        """What rules and destinations may name of a profile: its attributes, and the computed ones as `computed.<name>`."""
        return with_computed(self.record_union, self.computed_attributes)

    def configuration_hash(self, stage: str) -> str:
        """SHA-256 (hex) over what the result of a stage depends on; raises KeyError for a name that is no stage."""
        return configuration_hash(self, stage)

    def event_fields(self) -> frozenset[str]:
        """Dotted paths of the event fields that the project's rules and computed attributes name."""
        if not self.segments and not self.computed_attributes:
            return frozenset()
        from profile_engine.profiles.computed.attribute import asked_of_events
        from profile_engine.rules.fields import fields_used

        rules = [segment.condition for segment in self.segments.values()]
        return fields_used([*rules, *map(asked_of_events, self.computed_attributes.values())])

    @property
    def default_merge_policy(self) -> str:
        """The name of the policy that is used where none is named."""
        return next(name for name, policy in self.merge_policies.items() if policy.default)

    def enabled_datasets(self) -> dict[str, DatasetConfig]:
        """Datasets that feed profiles: they and their schemas are both enabled."""
        return {
            name: dataset
            for name, dataset in self.datasets.items()
            if dataset.profile == "enabled" and self.schemas[dataset.schema_name].profile_enabled
        }
