"""From a tree of nodes to a frozen pydantic model; whatever does not fit becomes a problem with its place."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator

from profile_engine.config.model_errors import add_problems
from profile_engine.config.node_path import node_at
from profile_engine.config.problems import Problems
from profile_engine.config.variables import filled_in, filled_or_unset
from profile_engine.config.yaml_document import Mapping, Node, Sequence

__all__ = ["ConfigModel", "RawNode", "filled_in", "node_at", "plain", "read_model", "required_keys"]

_TRUTH = {"true": True, "false": False}


class ConfigModel(BaseModel):
    """What a person may write at one place: unknown keys are refused, the object is frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    @field_validator("*", mode="before")
    @classmethod
    def _only_true_and_false(cls, value: Any, info: ValidationInfo) -> Any:
        """`yes`, `on` and `1` are text, as in YAML 1.2; pydantic alone would take them for true."""
        field = cls.model_fields.get(info.field_name or "")
        if field is None or field.annotation is not bool or not isinstance(value, str):
            return value
        if value not in _TRUTH:
            raise ValueError(f"'{value}' is neither true nor false")
        return _TRUTH[value]


Model = TypeVar("Model", bound=ConfigModel)


class RawNode:
    """A part of a document that is read later, by its own parser (a rule); holds the node with its positions."""

    def __init__(self, node: Node) -> None:
        self.node = node


def read_model(node: Node, model: type[Model], problems: Problems, *, raw_paths: tuple[str, ...] = ()) -> Model | None:
    """`node` as a `model`, or None when it does not fit; every problem is collected.

    raw_paths  top-level keys whose node is handed on as a RawNode, unread
    """
    before = len(problems.found)
    data = plain(node, problems, raw_paths)
    try:
        result = model.model_validate(data)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        add_problems(details, node, model, problems)
        return None
    return result if len(problems.found) == before else None


def plain(node: Node, problems: Problems, raw_paths: tuple[str, ...] = ()) -> Any:
    """The node as dicts, lists and text, with `${VARIABLES}` filled in; null scalars are None."""
    if isinstance(node, Mapping):
        return {key.text: RawNode(value) if key.text in raw_paths else plain(value, problems) for key, value in node}
    if isinstance(node, Sequence):
        return [plain(item, problems) for item in node.items]
    return None if node.is_null else filled_or_unset(node, problems)


def required_keys(model: type[BaseModel]) -> list[str]:
    """The keys that must be given, as a person writes them."""
    return [field.alias or name for name, field in model.model_fields.items() if field.is_required()]
