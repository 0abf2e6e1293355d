"""Namespaces: their order, their normalisers, and the values that stitching blocks."""

from __future__ import annotations

from profile_engine.config.problems import Place, Problems, did_you_mean
from profile_engine.config.yaml_document import Mapping, Node, Scalar, Sequence
from profile_engine.errors import ConfigurationError
from profile_engine.project.description import Description
from profile_engine.project.layout import NAMESPACES, STITCHING
from profile_engine.schemas.hygiene import WHY_NOT, refusal
from profile_engine.schemas.namespace_rules import Namespaces
from profile_engine.schemas.namespaces import PERSON_KINDS, NamespaceConfig
from profile_engine.schemas.normalisers import DEFAULT, normaliser, normaliser_names
from profile_engine.schemas.placeholders import PRESETS

_RANKS = {**dict.fromkeys(PERSON_KINDS, 1), "device": 2, "cookie": 3}
"""Kinds that enter the graph; a person outranks a device, a device a cookie."""


def resolved_namespaces(description: Description) -> Namespaces | None:
    """The namespaces with their hygiene; None where their file or that of stitching could not be read."""
    if description.namespaces is None or description.stitching is None:
        return None
    stitching = description.stitching
    return Namespaces.of(
        description.namespaces.priority,
        blocked=stitching.blocked_by_namespace,
        presets=[preset for preset in stitching.presets if preset in PRESETS],
        identifiers_per_record=stitching.identifiers_per_record,
        normalised=_normalised,
        kept=_kept_values(description),
    )


def _kept_values(description: Description) -> dict[str, list[str]]:
    """By namespace, the values that rulings keep, which is more than not to block them."""
    kept: dict[str, list[str]] = {}
    for ruling in description.rulings.rulings if description.rulings is not None else ():
        if ruling.keep is not None and len(ruling.keep) == 1:
            ((namespace, value),) = ruling.keep
            kept.setdefault(namespace, []).append(value)
    return kept


def check_namespaces(description: Description, problems: Problems) -> None:
    """Adds the problems of namespaces.yaml and stitching.yaml."""
    if description.namespaces is None:
        return
    documents = description.documents
    above: list[NamespaceConfig] = []
    for place, config in enumerate(description.namespaces.priority):
        where = documents.key(NAMESPACES, "priority", place, config.name)
        if any(config.name == other.name for other in above):
            hint = "its place in the list is its priority; keep one"
            problems.add_at(where, "E230", f"namespace '{config.name}' is listed twice", hint)
            continue
        outranked = next((other for other in above if _RANKS.get(other.kind, 0) > _RANKS.get(config.kind, 9)), None)
        if outranked is not None:
            problems.add_at(
                where, "E231", f"namespace '{config.name}' ({config.kind}) ranks below '{outranked.name}' ({outranked.kind})",
                f"persons rank above devices, devices above cookies: move it above '{outranked.name}'",
            )  # fmt: skip
        above.append(config)
        if config.normalise is not None:
            place_of = documents.value(NAMESPACES, "priority", place, config.name, "normalise")
            check_normaliser(config.normalise, place_of, problems)
    _check_blocked(description, [config.name for config in above], problems)
    _check_gate(description, [config.name for config in above if config.kind in PERSON_KINDS], problems)


def check_normaliser(name: str, place: Place, problems: Problems) -> None:
    """Adds a problem for a normaliser, or an option of one, that does not exist."""
    try:
        normaliser(name)
    except ConfigurationError as error:
        kind = name.partition(":")[0]
        hint = None if kind in normaliser_names() else did_you_mean(kind, normaliser_names())
        problems.add_at(place, "E223", str(error).partition(";")[0], hint or str(error).partition(";")[2].strip())


def _check_blocked(description: Description, names: list[str], problems: Problems) -> None:
    tree = description.documents.trees.get(STITCHING)
    listed = tree.get("blocked_values") if isinstance(tree, Mapping) else None
    if description.stitching is None or not isinstance(listed, Sequence):
        return
    for preset in description.stitching.presets:
        if preset not in PRESETS:
            number = description.stitching.blocked_values.index(next(v for v in description.stitching.blocked_values
                                                                     if isinstance(v, str) and v.removeprefix("presets/") == preset))  # fmt: skip
            where = description.documents.value(STITCHING, "blocked_values", number)
            known = [f"presets/{name}" for name in PRESETS]
            problems.add_at(where, "E232", f"unknown preset '{preset}'", did_you_mean(f"presets/{preset}", known))
    namespaces = resolved_namespaces(description)
    for item in listed.items:
        for key, values in item if isinstance(item, Mapping) else ():
            if key.text in names and namespaces is not None:
                _check_blocked_values(key.text, values, namespaces, problems)
            elif key.text not in names:
                where = Place(key.position, len(key.text))
                problems.add_at(where, "E232", f"unknown namespace '{key.text}'", did_you_mean(key.text, names))


def _check_blocked_values(name: str, values: Node, namespaces: Namespaces, problems: Problems) -> None:
    """A value that can be none of its namespace blocks nothing, whoever it was meant for; the messages name no value."""
    try:
        normaliser(namespaces.config(name).normalise or DEFAULT)
    except ConfigurationError:  # an unknown normaliser is a problem of its own
        return
    for value in values.items if isinstance(values, Sequence) else ():
        if isinstance(value, Scalar) and (why_not := WHY_NOT.get(refusal(namespaces, name, value.text)[1] or "")):
            problems.hide_from(value.position)
            problems.add_at(Place(value.position), "E232", f"this can be no value of namespace '{name}'", why_not)


def _check_gate(description: Description, people: list[str], problems: Problems) -> None:
    for namespace in description.stitching.gate.people_with_two if description.stitching is not None else ():
        if namespace not in people:
            where = description.documents.key(STITCHING, "gate", "people_with_two", namespace)
            hint = did_you_mean(namespace, people) or "namespaces of kind person, email and phone tell people apart"
            problems.add_at(where, "E233", f"'{namespace}' is no namespace of people", hint)


def _normalised(name: str, value: str) -> str | None:
    try:
        return normaliser(name).normalised_value(value)
    except ConfigurationError:  # an unknown normaliser is a problem of its own
        return None
