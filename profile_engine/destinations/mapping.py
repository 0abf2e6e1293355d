"""What a destination wants of a profile: its identity, its attributes, and whose consent counts; with a hash of it all."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Literal

from profile_engine.config.model import ConfigModel
from profile_engine.destinations.config import AudienceConfig, DestinationConfig
from profile_engine.governance.config import PurposeConfig


@dataclass(frozen=True)
class DestinationMapping:
    """The same for all audiences of a destination."""

    namespace: str
    form: Literal["as_is", "sha256_hex"]
    attributes: tuple[tuple[str, str], ...]
    """Column name and attribute path, in the order of the file's columns."""
    purpose: PurposeConfig | None
    """None where no consent is needed."""

    @property
    def paths(self) -> tuple[str, ...]:
        """Paths of all attributes that it looks at."""
        return (*(path for _, path in self.attributes), *([self.purpose.attribute] if self.purpose is not None else []))

    @classmethod
    def of(cls, config: DestinationConfig, purpose: PurposeConfig | None) -> DestinationMapping:
        return cls(config.namespace, config.identity_form, tuple(config.attributes.items()), purpose)


@dataclass(frozen=True)
class MappedAudience:
    """One audience of a destination, as it is sent in a run."""

    number: int
    """Its place among the destination's audiences in this run; stands for it in frames and staging folders."""
    name: str
    segment: str
    segment_no: int
    merge_policy: str
    mapping_hash: str


def mapping_hash(
    config: DestinationConfig,
    audience: AudienceConfig,
    mapping: DestinationMapping,
    merge_policy: str,
    settings: ConfigModel,
    options: ConfigModel,
) -> str:
    """SHA-256 over everything that decides what lies at the destination, and where, apart from the people.

    When it differs from the last delivery's, differences would mislead, so all is sent again. Secrets count by their
    reference, never by value.
    """  # fmt: skip
    purpose = mapping.purpose.model_dump(exclude={"description"}) if mapping.purpose is not None else None
    parts = {
        "segment": audience.segment, "merge_policy": merge_policy, "identity": [mapping.namespace, mapping.form],
        "attributes": mapping.attributes, "purpose": purpose, "mode": config.export.mode,
        "to": [config.connector, settings.model_dump()], "format": [config.file_format, options.model_dump()],
    }  # fmt: skip
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=repr).encode()).hexdigest()
