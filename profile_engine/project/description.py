"""What the files of a project say, each read by its own model; how they fit together is checked after."""

from __future__ import annotations

from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass
from typing import TypeVar

from profile_engine.config.engine import EngineConfig
from profile_engine.config.model import ConfigModel, read_model
from profile_engine.config.problems import Problems
from profile_engine.config.yaml_document import Mapping
from profile_engine.datasets.config import DatasetConfig
from profile_engine.destinations.config import DestinationConfig
from profile_engine.governance.config import PurposeConfig
from profile_engine.identity.config import NamespacesConfig, RulingsConfig, StitchingConfig
from profile_engine.profiles.config import MergePolicyConfig
from profile_engine.project.documents import Documents
from profile_engine.project.layout import ENGINE, MERGE_POLICIES, NAMESPACES, PURPOSES, RULINGS, STITCHING, Key
from profile_engine.schemas.config import FieldGroupConfig, SchemaConfig

Model = TypeVar("Model", bound=ConfigModel)


@dataclass(frozen=True)
class Description:
    """The models of all files that fit theirs, segments aside, whose rules need the schemas to be read.

    A thing that is there but does not fit its model is in `documents`, not here.
    """

    documents: Documents
    engine: EngineConfig | None
    schemas: AbstractMapping[str, SchemaConfig]
    field_groups: AbstractMapping[str, FieldGroupConfig]
    datasets: AbstractMapping[str, DatasetConfig]
    namespaces: NamespacesConfig | None
    stitching: StitchingConfig | None
    rulings: RulingsConfig | None
    merge_policies: AbstractMapping[str, MergePolicyConfig]
    purposes: AbstractMapping[str, PurposeConfig]
    destinations: AbstractMapping[str, DestinationConfig]

    @property
    def schemas_are_sound(self) -> bool:
        """Whether every schema, with all its field groups, could be read, so that an unknown field is really unknown."""
        known = self.documents.ids
        return (
            len(self.schemas) == len(known("schemas"))
            and len(self.field_groups) == len(known("field_groups"))
            and all(group in self.field_groups for schema in self.schemas.values() for group in schema.includes)
        )

    @property
    def datasets_are_sound(self) -> bool:
        """Whether it is known of every dataset what it brings, so that what nobody brings is really missing."""
        all_read = len(self.datasets) == len(self.documents.ids("datasets"))
        return (
            all_read
            and self.schemas_are_sound
            and all(each.schema_name in self.schemas for each in self.datasets.values())
        )

    def names_in(self, key: Key) -> list[str]:
        """The names in a file that maps names to things, those that do not fit their model included."""
        tree = self.documents.trees.get(key)
        return list(tree.keys) if isinstance(tree, Mapping) else []


def described(documents: Documents, problems: Problems) -> Description:
    """Reads every document by its model; what does not fit becomes problems."""

    def one(key: Key, model: type[Model]) -> Model | None:
        tree = documents.trees.get(key)
        return None if tree is None else read_model(tree, model, problems)

    def each(kind: str, model: type[Model]) -> dict[str, Model]:
        read = {name: read_model(tree, model, problems) for name, tree in documents.of_kind(kind).items()}
        return {name: thing for name, thing in read.items() if thing is not None}

    def by_name(key: Key, model: type[Model]) -> dict[str, Model]:
        tree = documents.trees.get(key)
        if not isinstance(tree, Mapping):
            return {}
        read = {name.text: read_model(part, model, problems) for name, part in tree}
        return {name: thing for name, thing in read.items() if thing is not None}

    stitching = StitchingConfig() if STITCHING not in documents.trees else one(STITCHING, StitchingConfig)
    rulings = RulingsConfig() if RULINGS not in documents.trees else one(RULINGS, RulingsConfig)
    policies = by_name(MERGE_POLICIES, MergePolicyConfig)
    if not policies and MERGE_POLICIES not in documents.trees and MERGE_POLICIES not in documents.unreadable:
        policies = {"default": MergePolicyConfig(default=True)}
    return Description(
        documents=documents,
        engine=one(ENGINE, EngineConfig),
        schemas=each("schemas", SchemaConfig),
        field_groups=each("field_groups", FieldGroupConfig),
        datasets=each("datasets", DatasetConfig),
        namespaces=one(NAMESPACES, NamespacesConfig),
        stitching=stitching,
        rulings=rulings,
        merge_policies=policies,
        purposes=by_name(PURPOSES, PurposeConfig),
        destinations=each("destinations", DestinationConfig),
    )
