"""Every value that holds, with the file and line it comes from, or `default` where nobody wrote it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from profile_engine.config.model import RawNode, read_model
from profile_engine.config.problems import Problems
from profile_engine.config.secrets import Secret
from profile_engine.config.yaml_document import Mapping as MappingNode
from profile_engine.config.yaml_document import Node, Scalar
from profile_engine.config.yaml_document import Sequence as SequenceNode
from profile_engine.datasets.config import SourceConfig
from profile_engine.destinations.config import DestinationConfig
from profile_engine.project.description import Description
from profile_engine.project.kinds import MODELS
from profile_engine.project.layout import (
    COMPUTED_ATTRIBUTES,
    ENGINE,
    MERGE_POLICIES,
    NAMESPACES,
    PURPOSES,
    STITCHING,
    Key,
)
from profile_engine.project.references.registries import CONNECTORS, FILE_FORMATS, FORMATS, NamedSettings

_SETTINGS = {
    (SourceConfig, "format"): FORMATS,
    (DestinationConfig, "to"): CONNECTORS,
    (DestinationConfig, "format"): FILE_FORMATS,
}
"""Fields whose settings have a model of their own, by which secrets and defaults in them are known."""


def effective_lines(description: Description) -> Iterator[str]:
    """Lines of the form `destinations.ads.export.mode: full  # conf/destinations/ads.yaml:7`.

    Secrets are ***, values from the environment are shown. A document that does not fit its model is left out, as nobody
    can tell what in it is a secret.
    """
    trees = description.documents.trees
    if description.engine is not None:
        yield from _lines("engine", description.engine, trees.get(ENGINE))
    for kind, model in MODELS.items():
        for name, tree in description.documents.of_kind(kind).items():
            described = read_model(tree, model, Problems(), raw_paths=("members",))
            if described is not None:
                yield from _lines(f"{kind}.{name}", described, tree)
    for key, items in _lists_by_name(description):
        for name, thing, node in items:
            yield from _lines(".".join((*key, name)), thing, node)
    computed = description.documents.trees.get(COMPUTED_ATTRIBUTES)
    if computed is not None:
        yield from _raw_lines(".".join(COMPUTED_ATTRIBUTES), computed)
    if description.stitching is not None:
        yield from _lines(".".join(STITCHING), description.stitching, trees.get(STITCHING))


def _lists_by_name(description: Description) -> Iterator[tuple[Key, list[tuple[str, BaseModel, Node | None]]]]:
    documents = description.documents
    for key, things in ((MERGE_POLICIES, description.merge_policies), (PURPOSES, description.purposes)):
        tree = documents.trees.get(key)
        nodes = tree if isinstance(tree, MappingNode) else MappingNode.empty()
        yield key, [(name, thing, nodes.get(name)) for name, thing in dict[str, BaseModel](things).items()]
    if description.namespaces is not None:
        listed = enumerate(description.namespaces.priority)
        yield NAMESPACES, [(c.name, c, documents.node(NAMESPACES, "priority", place, c.name)) for place, c in listed]


def _lines(path: str, value: Any, node: Node | None) -> Iterator[str]:
    """One line a leaf; `node` is where the value was written, None for a default."""
    if isinstance(value, BaseModel):
        yield from _model_lines(path, value, node)
    elif isinstance(value, RawNode):
        yield from _raw_lines(path, value.node)
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _lines(f"{path}.{key}", part, node.get(str(key)) if isinstance(node, MappingNode) else node)
    elif isinstance(value, list) and any(isinstance(part, (dict, BaseModel)) for part in value):
        items = node.items if isinstance(node, SequenceNode) else ()
        for place, part in enumerate(value):
            yield from _lines(f"{path}[{place}]", part, items[place] if place < len(items) else node)
    elif value is not None or node is not None:
        yield _line(path, _shown(value, node), node)


def _model_lines(path: str, model: BaseModel, node: Node | None) -> Iterator[str]:
    for name, field in type(model).model_fields.items():
        key, value = field.alias or name, getattr(model, name)
        written = node if name in model.model_fields_set else None
        if isinstance(node, MappingNode) and key in node:
            written = node.get(key)
        registry = _SETTINGS.get((type(model), name))
        if registry is not None:
            yield from _settings_lines(f"{path}.{key}", value, written, registry)
        else:
            yield from _lines(f"{path}.{key}", value, written)


def _settings_lines(path: str, value: dict[str, Any], node: Node | None, part: NamedSettings) -> Iterator[str]:
    """The part of one key, read by the model that its registry entry has."""
    for name in value:
        inner = node.get(name) if isinstance(node, MappingNode) else None
        model = part.models().get(name)
        tree = inner if isinstance(inner, MappingNode) else MappingNode.empty()
        settings = read_model(tree, model, Problems()) if model is not None else None
        if settings is not None:
            yield _line(path, name, node)
            yield from _model_lines(f"{path}.{name}", settings, tree)


def _raw_lines(path: str, node: Node) -> Iterator[str]:
    if isinstance(node, MappingNode):
        for key, part in node:
            yield from _raw_lines(f"{path}.{key.text}", part)
    elif isinstance(node, SequenceNode):
        for place, part in enumerate(node.items):
            yield from _raw_lines(f"{path}[{place}]", part)
    else:
        yield _line(path, node.text, node)


def _shown(value: Any, node: Node | None) -> str:
    if isinstance(value, Secret):
        return str(value)
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, list):
        return f"[{', '.join(_shown(part, None) for part in value)}]"
    if isinstance(value, float) and isinstance(node, Scalar) and "${" not in node.text:
        return node.text  # a share as it was written, with its unit
    return str(value)


def _line(path: str, text: str, node: Node | None) -> str:
    origin = "default" if node is None else f"{node.position.file}:{node.position.line}"
    return f"{path}: {text}  # {origin}"
