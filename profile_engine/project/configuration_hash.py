"""What the result of each stage depends on, as a hash: a stage runs anew when its own part of the configuration moved."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from profile_engine.config.secrets import Secret
from profile_engine.config.units import Span
from profile_engine.profiles.computed.attribute import asked_of_events
from profile_engine.rules.canonical import canonical_text

if TYPE_CHECKING:
    from profile_engine.project.project import Project

_NOT_THE_RESULT = frozenset({"arrives", "description", "expected_every", "preset", "renamed_from"})
"""Words for people, a watch on silence, where settings come from, and old names: none changes what a stage makes."""


def configuration_hash(project: Project, stage: str) -> str:
    """SHA-256 (hex) of a canonical JSON; descriptions, file positions and the values of secrets do not count."""
    content = json.dumps(_plain(_PARTS[stage](project)), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


def _datasets(project: Project) -> dict[str, Any]:
    return {
        "schemas": project.schemas,
        "datasets": project.datasets,
        "namespaces": project.namespaces.static_hash,
        "time_zone": project.engine.time_zone,
    }


def _identity(project: Project) -> dict[str, Any]:
    return {
        "namespaces": project.namespaces.configs,
        "static": project.namespaces.static_hash,
        "stitching": {
            "identifiers_per_record": project.stitching.identifiers_per_record,
            "identifiers_per_profile": project.stitching.identifiers_per_profile,
            "replay_limit": project.stitching.replay_limit,
        },
        "rulings": sorted((ruling.verdict, ruling.about) for ruling in project.rulings),
        "fuzzy": project.stitching.fuzzy,
        "identities": {
            name: {
                "identities": project.schemas[dataset.schema_name].identities,
                "identity_map": project.schemas[dataset.schema_name].identity_map_field,
                "superseded_links": dataset.superseded_links,
            }
            for name, dataset in project.enabled_datasets().items()
        },
    }


def _profiles(project: Project) -> dict[str, Any]:
    return {
        "schemas": {name: project.schemas[dataset.schema_name] for name, dataset in project.enabled_datasets().items()},
        "newest_by": {name: dataset.newest_by for name, dataset in project.enabled_datasets().items()},
        "merge_policies": project.merge_policies,
        "priority": project.namespaces.names,
        "event_fields": sorted(project.event_fields()),
        **_computed_attributes(project),
    }


def _computed_attributes(project: Project) -> dict[str, Any]:
    """A project without any is hashed as it was before there were any."""
    if not project.computed_attributes:
        return {}
    return {
        "computed_attributes": {
            name: {"figure": one.figure, "items": one.items, "of": canonical_text(asked_of_events(one))}
            for name, one in project.computed_attributes.items()
        },
        "time_zone": project.engine.time_zone,
    }


def _segments(project: Project) -> dict[str, Any]:
    return {
        "rules": {name: segment.content_hash for name, segment in project.segments.items()},
        "merge_policies": {name: segment.merge_policy for name, segment in project.segments.items()},
        "names": {name: segment.name for name, segment in project.segments.items()},
        "time_zone": project.engine.time_zone,
        **({"set_aside": sorted(project.set_aside)} if project.set_aside else {}),
    }


def _destinations(project: Project) -> dict[str, Any]:
    return {
        "destinations": project.destinations,
        "purposes": project.purposes,
        "segments": {name: segment.name for name, segment in project.segments.items()},
        "time_zone": project.engine.time_zone,
    }


_PARTS: Mapping[str, Callable[[Project], dict[str, Any]]] = {
    "datasets": _datasets,
    "identity": _identity,
    "profiles": _profiles,
    "segments": _segments,
    "destinations": _destinations,
}


def _plain(value: Any) -> Any:
    """What JSON can hold; models and dataclasses by field name, a secret by its reference."""
    if isinstance(value, Secret):
        return {"secret": value.reference}
    if isinstance(value, Span):
        return str(value)
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        return {name: _plain(getattr(value, name)) for name in fields if name not in _NOT_THE_RESULT}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value) if field.name not in _NOT_THE_RESULT]
        return {name: _plain(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, (frozenset, set)):
        return sorted(str(part) for part in value)
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return value if value is None or isinstance(value, (bool, int, float)) else str(value)
