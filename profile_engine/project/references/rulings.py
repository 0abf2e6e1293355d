"""Rulings: the values that they name, in normal form, and whether two of them decide about the same."""

from __future__ import annotations

from profile_engine.config.problems import Place, Problems, did_you_mean
from profile_engine.identity.config import RulingConfig
from profile_engine.identity.rulings import Named, Ruling
from profile_engine.project.description import Description
from profile_engine.project.layout import RULINGS
from profile_engine.schemas.hygiene import WHY_NOT, refusal
from profile_engine.schemas.namespace_rules import Namespaces


def resolved_rulings(description: Description, namespaces: Namespaces | None, problems: Problems) -> tuple[Ruling, ...]:
    """The rulings of a project; adds the problems of rulings.yaml, whose messages name no value."""
    if description.rulings is None or namespaces is None:
        return ()
    found: list[Ruling] = []
    first: dict[tuple[Named, ...], int] = {}
    for number, config in enumerate(description.rulings.rulings):
        about = _about(description, number, config, namespaces, problems)
        if about is None:
            continue
        if len(about) == 2 and about[0] == about[1]:
            hint = "name the two values that were seen together; a value by itself is written without a list"
            problems.add_at(_place(description, number, config), "E235", "a link is between two different values", hint)
        elif about in first:
            hint = f"ruling {first[about] + 1} of the file decides about it already; keep one"
            what = "link" if len(about) > 1 else "value"
            problems.add_at(_place(description, number, config), "E235", f"a second ruling on one {what}", hint)
        else:
            first[about] = number
            verdict = "keep" if config.keep is not None else "cut"
            found.append(Ruling(verdict, about, config.by, config.on, config.why))  # type: ignore[arg-type]
    cut_values = {ruling.about[0] for ruling in found if ruling.verdict == "cut" and not ruling.of_link}
    for ruling in found:
        if ruling.verdict == "keep" and ruling.of_link and cut_values.intersection(ruling.about):
            number = first[ruling.about]
            problems.add_at(
                _place(description, number, description.rulings.rulings[number]), "E235",
                "a link is kept at a value that another ruling cuts",
                "a value that is cut joins nobody: cut the links that are wrong instead, or leave this one out",
            )  # fmt: skip
    return tuple(found)


def _about(
    description: Description, number: int, config: RulingConfig, namespaces: Namespaces, problems: Problems
) -> tuple[Named, ...] | None:
    """The identifiers of a ruling in normal form, ascending; None where one is none."""
    about: list[Named] = []
    for item, (namespace, text) in enumerate(config.about):
        value, reason = refusal(namespaces, namespace, text)
        where = _place(description, number, config, item)
        if reason == "unknown_namespace":
            hint = did_you_mean(namespace, namespaces.names)
            problems.add_at(where, "E234", f"unknown namespace '{namespace}'", hint)
        elif value is None or reason in WHY_NOT:
            hint = WHY_NOT.get(reason or "", "it is blank")
            problems.add_at(where, "E234", f"this can be no value of namespace '{namespace}'", hint)
        else:
            about.append((namespace, value))
    return tuple(sorted(about)) if len(about) == len(config.about) else None


def _place(description: Description, number: int, config: RulingConfig, item: int | None = None) -> Place:
    """Where the verdict of a ruling stands, or the namespace of its n-th value."""
    path: list[int | str] = ["rulings", number, "keep" if config.keep is not None else "cut"]
    if item is not None:
        path += [config.about[item][0]] if len(config.about) == 1 else [item, config.about[item][0]]
    return description.documents.key(RULINGS, *path)
