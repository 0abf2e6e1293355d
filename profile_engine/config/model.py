"""From a tree of nodes to a frozen pydantic model; whatever does not fit becomes a problem with its place."""

from __future__ import annotations

import os
import re
import types
import typing
from collections.abc import Mapping as AbstractMapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from profile_engine.config.problems import Position, Problems, did_you_mean
from profile_engine.config.secrets import FromEnvironment
from profile_engine.config.yaml_document import Mapping, Node, Scalar, Sequence

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")


class ConfigModel(BaseModel):
    """What a person may write at one place: unknown keys are refused, the object is frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


Model = TypeVar("Model", bound=ConfigModel)


class RawNode:
    """A part of a document that is read later, by its own parser (a rule); holds the node with its positions."""

    def __init__(self, node: Node) -> None:
        self.node = node


def read_model(node: Node, model: type[Model], problems: Problems, *, raw_paths: tuple[str, ...] = ()) -> Model | None:
    """`node` as a `model`, or None when it does not fit; every problem is collected.

    raw_paths  top-level keys whose node is handed on as a RawNode, unread
    """
    data = plain(node, problems, raw_paths)
    before = len(problems.errors)
    try:
        result = model.model_validate(data)
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_input=False):
            _add(detail, node, model, problems)
        return None
    return result if len(problems.errors) == before else None


def plain(node: Node, problems: Problems, raw_paths: tuple[str, ...] = ()) -> Any:
    """The node as dicts, lists and text, with `${VARIABLES}` filled in; null scalars are None."""
    if isinstance(node, Mapping):
        return {key.text: RawNode(value) if key.text in raw_paths else plain(value, problems) for key, value in node}
    if isinstance(node, Sequence):
        return [plain(item, problems) for item in node.items]
    return None if node.is_null else filled_in(node, problems)


def filled_in(scalar: Scalar, problems: Problems) -> str:
    """The scalar's text with each `${NAME}` replaced by the environment's value, or its default in `${NAME:-text}`."""
    whole = _VARIABLE.fullmatch(scalar.text)

    def value_of(match: re.Match[str]) -> str:
        value = os.environ.get(match[1], match[2])
        if value is None and whole is None:
            problems.add(
                "E110", f"the environment variable {match[1]} is not set", scalar.position,
                f"set it, or give a default: ${{{match[1]}:-text}}", length=len(scalar.text),
            )  # fmt: skip
        return value if value is not None else ""

    if whole is not None:
        # a secret is read when used, so a variable that stands alone may still be unset here
        text = FromEnvironment(os.environ.get(whole[1], whole[2] if whole[2] is not None else ""))
        text.variable = whole[1]
        return text
    return _VARIABLE.sub(value_of, scalar.text)


def filled_tree(node: Node, problems: Problems) -> Node:
    """The node with each `${NAME}` in it filled in, for parts that are read by a parser of their own."""
    if isinstance(node, Mapping):
        return Mapping(tuple((key, filled_tree(value, problems)) for key, value in node), node.position)
    if isinstance(node, Sequence):
        return Sequence(tuple(filled_tree(item, problems) for item in node.items), node.position)
    return Scalar(filled_in(node, problems), node.position, node.quoted) if "${" in node.text else node


def required_keys(model: type[BaseModel]) -> list[str]:
    """The keys that must be given, as a person writes them."""
    return [field.alias or name for name, field in model.model_fields.items() if field.is_required()]


def node_at(node: Node, location: tuple[int | str, ...]) -> tuple[Node, Scalar | None]:
    """The deepest node on a pydantic error's location, and the key that leads to it."""
    key: Scalar | None = None
    for step in location:
        if isinstance(node, Mapping) and isinstance(step, str) and step in node:
            key, found = node.key(step), node.get(step)
            assert found is not None
            node = found
        elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
    return node, key


def _add(detail: Any, root: Node, model: type[BaseModel], problems: Problems) -> None:
    location: tuple[int | str, ...] = detail["loc"]
    kind: str = detail["type"]
    node, key = node_at(root, location)
    position, length = node.position, len(node.text) if isinstance(node, Scalar) else 1
    if kind == "extra_forbidden":
        if key is not None:
            position, length = key.position, len(key.text)
        name = str(location[-1])
        known = _keys_at(model, location[:-1])
        problems.add("E111", f"unknown key '{name}'", position, did_you_mean(name, known), length=length)
    elif kind == "missing":
        where = f" in '{location[-2]}'" if len(location) > 1 else ""
        problems.add("E112", f"'{location[-1]}' is missing{where}", position, "it is required here")
    else:
        message = str(detail["msg"]).removeprefix("Value error, ")
        problems.add("E113", message[:1].lower() + message[1:], position, None, length=length)


def _keys_at(model: Any, location: tuple[int | str, ...]) -> list[str]:
    """The keys that a model knows at a location, looking through containers and optional parts."""
    for step in location:
        candidates = _models_in(model)
        nexts = [
            m.model_fields[step].annotation for m in candidates if isinstance(step, str) and step in m.model_fields
        ]
        model = nexts[0] if nexts else model
    return [name for m in _models_in(model) for name in m.model_fields]


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    origin = typing.get_origin(annotation)
    if origin in (typing.Union, types.UnionType, list, dict, tuple, Annotated, AbstractMapping):
        return [m for argument in typing.get_args(annotation) for m in _models_in(argument)]
    return []


def position_of_key(node: Node, key: str) -> Position:
    """Where a key of a mapping stands; the mapping itself when it has no such key."""
    found = node.key(key) if isinstance(node, Mapping) else None
    return found.position if found is not None else node.position
