"""Parts that are named by one key (a format, a connector) and carry settings of their own model."""

from __future__ import annotations

from profile_engine.config.model import ConfigModel, read_model
from profile_engine.config.problems import Problems, did_you_mean
from profile_engine.config.yaml_document import Mapping, Scalar
from profile_engine.project.documents import Documents
from profile_engine.project.layout import Key
from profile_engine.project.references.registries import NamedSettings


def check_settings(
    part: NamedSettings, name: str, documents: Documents, key: Key, at: tuple[int | str, ...], problems: Problems
) -> ConfigModel | None:
    """Adds a problem for a name that no registry entry has, and those of its settings against the entry's own model.

    at  path, in the document, of the mapping of one key, or of the name alone
    """
    models = part.models()
    named = documents.has(key, *at, name)
    if name not in models:
        where = documents.key(key, *at, name) if named else documents.value(key, *at)
        problems.add_at(where, part.code, f"unknown {part.what} '{name}'", did_you_mean(name, models))
        return None
    node = documents.node(key, *at, name) if named else None
    if node is None or (isinstance(node, Scalar) and node.is_null):
        node = Mapping.empty(documents.value(key, *at).position)
    return read_model(node, models[name], problems)
