"""TEST: what a value is tested for, from `DE`, `[DE, FR]` or `{at_least: 2, below: 5}` to typed checks."""

from __future__ import annotations

from datetime import tzinfo

from profile_engine.config.problems import Problems, did_you_mean
from profile_engine.config.yaml_document import Mapping, Node, Scalar, Sequence
from profile_engine.rules.field_types import NAMED_KINDS, kind_of
from profile_engine.rules.operators.operator import Reading
from profile_engine.rules.operators.registry import fitting, operators
from profile_engine.rules.syntax import Check

IGNORING_CASE = "ignoring_case"


def parse_tests(node: Node, type_text: str, subject: str, zone: tzinfo, problems: Problems) -> tuple[Check, ...] | None:
    """The checks of a value, all of which have to pass; None when any of them was refused.

    subject  what is tested, as the person wrote it, for messages
    """
    kind = kind_of(type_text)
    if kind in {"array", "map"} and not isinstance(node, Mapping):
        if isinstance(node, Scalar) and node.is_null:
            _add_null(node, problems)
        elif kind == "array":
            shape, test = ("a value", "includes") if isinstance(node, Scalar) else ("a list", "includes_any")
            operand = node.text if isinstance(node, Scalar) else "[..]"
            problems.add("E306", f"{shape} stands against '{subject}', which is an array", node.position,
                         f"write {{{test}: {operand}}}", length=len(operand))  # fmt: skip
        else:
            problems.add("E309", f"'{subject}' is a map, and no test fits it", node.position)
        return None
    if isinstance(node, Scalar):
        return _read((("equals", node, node),), type_text, subject, False, zone, problems)
    if isinstance(node, Sequence):
        return _read((("one_of", node, node),), type_text, subject, False, zone, problems)
    ignoring_case = _ignoring_case(node, kind, subject, problems)
    entries = tuple((key.text, key, value) for key, value in node if key.text != IGNORING_CASE)
    if not entries:
        problems.add("E310", f"'{subject}' is given no test", node.position, f"known: {', '.join(fitting(kind))}")
        return None
    return _read(entries, type_text, subject, ignoring_case, zone, problems)


def _read(
    entries: tuple[tuple[str, Node, Node], ...], type_text: str, subject: str, ignoring_case: bool, zone: tzinfo,
    problems: Problems,
) -> tuple[Check, ...] | None:  # fmt: skip
    """Entries are (name of the test, where it stands, its operand)."""
    checks: list[Check] = []
    refused = False
    takes_case = False
    for name, at, node in entries:
        operator = operators().get(name)
        kind = kind_of(type_text)
        if operator is None or kind not in operator.fits:
            _refuse(name, at, type_text, subject, problems)
            refused = True
            continue
        reading = Reading(
            type_text,
            zone,
            problems,
            lambda inner, of_type, name=name: parse_tests(inner, of_type, name, zone, problems),  # type: ignore[misc]
        )
        operand = operator.read(node, reading)
        if operand is None:
            refused = True
            continue
        folds = ignoring_case and operator.takes_case
        takes_case = takes_case or operator.takes_case
        checks.append(Check(name, operand, folds, at.position))
    if ignoring_case and not takes_case and not refused:
        problems.add("E310", f"'{IGNORING_CASE}' stands beside no test of text", entries[0][1].position,
                     "put it beside equals, one_of, starts_with, contains ...")  # fmt: skip
        return None
    return None if refused else tuple(checks)


def _refuse(name: str, at: Node, type_text: str, subject: str, problems: Problems) -> None:
    known = fitting(kind_of(type_text))
    if name not in operators():
        hint = did_you_mean(name, known) or f"known here: {', '.join(sorted(known))}"
        problems.add("E310", f"unknown test '{name}'", at.position, hint, length=len(name))
        return
    problems.add("E309", f"'{name}' does not fit '{subject}', which is {NAMED_KINDS[kind_of(type_text)]}", at.position,
                 f"known here: {', '.join(sorted(known))}", length=len(name))  # fmt: skip


def _ignoring_case(node: Mapping, kind: str, subject: str, problems: Problems) -> bool:
    found = node.get(IGNORING_CASE)
    if found is None:
        return False
    if kind != "text":
        key = node.key(IGNORING_CASE) or node
        problems.add(
            "E309",
            f"'{IGNORING_CASE}' fits text only, and '{subject}' is none",
            key.position,
            length=len(IGNORING_CASE),
        )
        return False
    if isinstance(found, Scalar) and not found.quoted and found.text in {"true", "false"}:
        return found.text == "true"
    problems.add("E303", f"'{IGNORING_CASE}' is true or false", found.position)
    return False


def _add_null(node: Scalar, problems: Problems) -> None:
    problems.add("E304", "null is no value to compare with", node.position,
                 "to test that nothing is there, write {exists: false}", length=max(1, len(node.text)))  # fmt: skip
