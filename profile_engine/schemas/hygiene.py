"""Static hygiene on one value, the Python twin of what `identifier_arrays` does to columns; needs no Spark."""

from __future__ import annotations

from profile_engine.schemas.namespace_rules import Namespaces
from profile_engine.schemas.normalisers import DEFAULT, normaliser
from profile_engine.schemas.patterns import python_pattern

WHY_NOT = {
    "not_a_person_namespace": "namespaces of things and partners never enter the graph",
    "invalid": "it has no normal form",
    "length": "it is shorter or longer than its namespace allows",
    "pattern": "it does not match the pattern of its namespace",
}
"""Why a value can be none of its namespace, by reason; a blocked one can be."""


def refusal(namespaces: Namespaces, namespace: str, text: str) -> tuple[str | None, str | None]:
    """The value in normal form and the reason it is dropped for; (None, None) for a blank one."""
    if namespace not in namespaces:
        return text, "unknown_namespace"
    config = namespaces.config(namespace)
    if normaliser(DEFAULT).normalised_value(text) is None:
        return None, None
    value = normaliser(config.normalise or DEFAULT).normalised_value(text)
    if not config.enters_graph:
        return value if value is not None else text, "not_a_person_namespace"
    if value is None:
        return text, "invalid"
    if not config.length.get("at_least", 0) <= len(value) <= config.length.get("at_most", len(value)):
        return value, "length"
    if config.pattern is not None and python_pattern(config.pattern).fullmatch(value) is None:
        return value, "pattern"
    return value, "blocked" if namespaces.is_blocked(namespace, value) else None
