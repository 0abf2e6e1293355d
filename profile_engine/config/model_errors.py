"""What pydantic finds wrong with a model, in words for the person who wrote the file, at the place where it stands."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Mapping as AbstractMapping
from collections.abc import Sequence as AbstractSequence
from typing import Annotated, Any

from pydantic import BaseModel

from profile_engine.config.node_path import Path, child, node_at
from profile_engine.config.problems import Place, Problems, closest, did_you_mean
from profile_engine.config.secrets import LITERAL_SECRET
from profile_engine.config.variables import UnsetVariable, filled_or_unset, report_unset
from profile_engine.config.yaml_document import Mapping, Node, Scalar

_QUOTED = re.compile(r"'([^']*)'")
_MESSAGES = {
    "string_type": "text is expected here",
    "int_parsing": "a whole number is expected here",
    "int_type": "a whole number is expected here",
    "int_from_float": "a whole number is expected here",
    "float_parsing": "a number is expected here",
    "float_type": "a number is expected here",
    "list_type": "a list is expected here, such as [a, b]",
    "tuple_type": "a list is expected here, such as [a, b]",
    "dict_type": "a mapping is expected here: lines of the form 'key: value'",
    "model_type": "a mapping is expected here: lines of the form 'key: value'",
    "model_attributes_type": "a mapping is expected here: lines of the form 'key: value'",
    "date_type": "a date is expected here, such as 2026-03-01",
    "date_parsing": "a date is expected here, such as 2026-03-01",
    "date_from_datetime_parsing": "a date is expected here, such as 2026-03-01",
    "date_from_datetime_inexact": "a date without a time is expected here, such as 2026-03-01",
    "bool_parsing": "true or false is expected here",
    "bool_type": "true or false is expected here",
}


def add_problems(details: AbstractSequence[Any], root: Node, model: type[BaseModel], problems: Problems) -> None:
    """Adds one problem for each mistake; the branches of a union that were not meant are left out.

    A key that is missing because it is misspelt is one mistake, and shown as the misspelling.
    """
    meant = [detail for detail in details if _is_meant(detail, root)] or list(details)
    missing = {detail["loc"] for detail in meant if detail["type"] == "missing"}
    misspelt = {
        (*path, close)
        for *path, key in (detail["loc"] for detail in meant if detail["type"] == "extra_forbidden")
        if (close := closest(str(key), [str(each[-1]) for each in missing if [*each[:-1]] == path])) is not None
    }
    for detail in meant:
        if detail["type"] != "missing" or detail["loc"] not in misspelt:
            _add(detail, root, model, problems)


def _is_meant(detail: Any, root: Node) -> bool:
    """Whether a mistake is in the branch of a union that the node's own form chooses: a mapping means a model.

    Steps that are not in the document name branches, save the last one of a key that is missing or unknown.
    """
    path: Path = detail["loc"]
    node = root
    for number, step in enumerate(path):
        found = child(node, step)
        if found is not None:
            node = found[0]
        elif isinstance(step, str) and not (
            number == len(path) - 1 and detail["type"] in {"missing", "extra_forbidden"}
        ):
            means_mapping = step[:1].isupper() or step.startswith(("dict[", "function-"))
            if isinstance(node, Mapping) != means_mapping:
                return False
    return True


def _add(detail: Any, root: Node, model: type[BaseModel], problems: Problems) -> None:
    path: Path = detail["loc"]
    kind: str = detail["type"]
    node, key = node_at(root, path)
    place = Place(node.position, max(1, len(node.text)) if isinstance(node, Scalar) else 1)
    at_key = Place(key.position, len(key.text)) if key is not None else place
    if kind == "missing":
        _add_missing(path, root, problems)
    elif kind == "extra_forbidden":
        hint = did_you_mean(str(path[-1]), keys_at(model, path[:-1]))
        problems.add_at(at_key, "E111", f"unknown key '{path[-1]}'", hint)
    elif isinstance(node, Scalar) and isinstance(unset := filled_or_unset(node, Problems()), UnsetVariable):
        report_unset(unset.variable, node, problems)
    elif isinstance(node, Scalar) and node.is_null:
        name = f"'{key.text}'" if key is not None else "this"
        hint = "give it a value, or take the key away; text after ' #' is a comment unless it stands in quotes"
        problems.add_at(at_key, "E114", f"{name} has no value", hint)
    elif LITERAL_SECRET in detail["msg"]:
        problems.hide_from(node.position)
        message = str(detail["msg"]).removeprefix("Value error, ")
        problems.add_at(place, "E115", message, "write ${NAME} or {secret: env/NAME}")
    else:
        message, hint = _in_words(detail, node)
        problems.add_at(place, "E113", message, hint)


def _in_words(detail: Any, node: Node) -> tuple[str, str | None]:
    """The message and the hint; a validator of ours gives both in one text, with a semicolon between them."""
    if detail["type"] == "literal_error":
        known = _QUOTED.findall(str(detail["ctx"]["expected"]))
        if not isinstance(node, Scalar) or len(known) == 1:
            return f"only {' or '.join(known)} may stand here", None
        hint = did_you_mean(node.text, known)
        return f"'{node.text}' is not one of {', '.join(known)}", hint if (hint or "").startswith("did") else None
    message = _MESSAGES.get(detail["type"], str(detail["msg"])).removeprefix("Value error, ").removeprefix("Input ")
    message, _, advice = message.partition("; ")
    return message[:1].lower() + message[1:], advice or None


def _add_missing(path: Path, root: Node, problems: Problems) -> None:
    """Points at the key of the mapping that lacks something, or at its start; at the item of a list, not at the list's key."""
    node, key = node_at(root, path[:-1])
    if len(path) > 1 and isinstance(path[-2], int):
        key = None
    inside = f" in '{key.text}'" if key is not None else ""
    at = Place(key.position, len(key.text)) if key is not None else Place(node.position)
    problems.add_at(at, "E112", f"'{path[-1]}' is missing{inside}", "it is required here")


def keys_at(model: Any, path: Path) -> list[str]:
    """The keys that a model knows at a path, looking through containers and optional parts."""
    for step in path:
        inner = [
            field.annotation
            for each in _models_in(model)
            for name, field in each.model_fields.items()
            if step in (name, field.alias)
        ]
        model = inner[0] if inner else model
    return [field.alias or name for each in _models_in(model) for name, field in each.model_fields.items()]


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    origin = typing.get_origin(annotation)
    if origin in (typing.Union, types.UnionType, list, dict, tuple, Annotated, AbstractMapping):
        return [model for argument in typing.get_args(annotation) for model in _models_in(argument)]
    return []
