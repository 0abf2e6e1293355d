"""Parts that are named by one key (a format, a connector) and carry settings of their own model."""

from __future__ import annotations

from collections.abc import Mapping as AbstractMapping

from profile_engine.config.model import ConfigModel, read_model
from profile_engine.config.problems import Problems, did_you_mean
from profile_engine.config.yaml_document import Mapping, Scalar
from profile_engine.project.documents import Documents
from profile_engine.project.layout import Key


def check_settings(
    registry: AbstractMapping[str, object],
    attribute: str,
    name: str,
    documents: Documents,
    key: Key,
    at: tuple[int | str, ...],
    problems: Problems,
    *,
    what: str,
    code: str,
) -> ConfigModel | None:
    """Adds a problem for a name that no registry entry has, and those of its settings against the entry's own model.

    registry   entries by name, each with a model under `attribute` (`Options` of a format, `Settings` of a connector)
    at         path of the mapping of one key, or of the name alone, in the document
    """
    if not registry:  # TOLERANT while that room is empty
        return None
    entry = registry.get(name)
    if entry is None:
        where = documents.key(key, *at, name) if documents.has(key, *at, name) else documents.value(key, *at)
        problems.add_at(where, code, f"unknown {what} '{name}'", did_you_mean(name, registry))
        return None
    model = getattr(entry, attribute)
    node = documents.node(key, *at, name) if documents.has(key, *at, name) else None
    if node is None or (isinstance(node, Scalar) and node.is_null):
        node = Mapping((), documents.value(key, *at).position)
    return read_model(node, model, problems)
