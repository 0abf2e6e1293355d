"""TEST: what a value is tested for, from `DE`, `[DE, FR]` or `{at_least: 2, below: 5}` to typed checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo

from profile_engine.config.problems import Problems
from profile_engine.config.yaml_document import Mapping, Node, Scalar, Sequence
from profile_engine.rules.field_types import NAMED_KINDS, item_type, kind_of
from profile_engine.rules.names import Names, fits_other_side, is_other_side
from profile_engine.rules.operators.operator import Reading
from profile_engine.rules.operators.registry import fitting, operators
from profile_engine.rules.synonyms import meant_test, other_word
from profile_engine.rules.syntax import Check, Condition, Field

IGNORING_CASE = "ignoring_case"


OTHER_SIDES = (
    "equals",
    "differs_from",
    "above",
    "at_least",
    "below",
    "at_most",
    "before",
    "after",
    "one_of",
    "none_of",
    "includes",
    "includes_any",
    "includes_all",
)
"""Tests that can compare with another field: `one_of` and `none_of` look into an array, `includes` into the one tested, the
last two into that for the items of another."""


@dataclass(frozen=True)
class Around:
    """What stands around a test: what names mean there, and how a condition on items of an array is read."""

    names: Names
    condition_on_items: Callable[[Node, Names], Condition | None]


def parse_tests(
    node: Node, type_text: str, subject: str, zone: tzinfo, problems: Problems, around: Around | None = None
) -> tuple[Check, ...] | None:
    """The checks of a value, all of which have to pass; None when any of them was refused.

    subject  what is tested, as the person wrote it, for messages
    around   None where a test compares with literals only
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
            problems.add("E309", f"'{subject}' is a map, and a test needs one of its keys", node.position,
                         f"write {subject}.key, or {{has_key: key}}")  # fmt: skip
        return None
    if isinstance(node, Scalar):
        return _read((("equals", node, node),), type_text, subject, False, zone, problems, around)
    if isinstance(node, Sequence):
        return _read((("one_of", node, node),), type_text, subject, False, zone, problems, around)
    ignoring_case = _ignoring_case(node, kind, subject, problems)
    entries = tuple((key.text, key, value) for key, value in node if key.text != IGNORING_CASE)
    if not entries:
        problems.add("E310", f"'{subject}' is given no test", node.position, f"known: {', '.join(fitting(kind))}")
        return None
    return _read(entries, type_text, subject, ignoring_case, zone, problems, around)


def _read(
    entries: tuple[tuple[str, Node, Node], ...], type_text: str, subject: str, ignoring_case: bool, zone: tzinfo,
    problems: Problems, around: Around | None,
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
        if is_other_side(node) and name != "window":
            side = _other_side(name, node, type_text, around, problems)
            refused = refused or side is None
            takes_case = takes_case or operator.takes_case
            if side is not None:
                checks.append(Check(name, side, ignoring_case and operator.takes_case, at.position))
            continue
        reading = Reading(
            type_text,
            zone,
            problems,
            lambda inner, of_type, name=name: parse_tests(inner, of_type, name, zone, problems),  # type: ignore[misc]
            lambda inner: None
            if around is None
            else around.condition_on_items(inner, around.names.inside(item_type(type_text))),
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


def _other_side(name: str, node: Node, type_text: str, around: Around | None, problems: Problems) -> Field | None:
    if name not in OTHER_SIDES or around is None or not isinstance(node, Mapping):
        problems.add("E303", f"'{name}' compares with literals only here", node.position,
                     f"tests that can name another field: {', '.join(OTHER_SIDES)}")  # fmt: skip
        return None
    side = around.names.other_side(node, problems)
    return side if side is not None and fits_other_side(name, type_text, side, node.position, problems) else None


def _refuse(name: str, at: Node, type_text: str, subject: str, problems: Problems) -> None:
    known = fitting(kind_of(type_text))
    if name in {"field", "profile", "step"}:
        problems.add("E310", "another field is compared with by a test", at.position, "write {equals: {field: x}}")
        return
    if name not in operators():
        hint = meant_test(name, known) or f"known here: {', '.join(sorted(known))}"
        problems.add("E310", f"unknown test '{name}'", at.position, hint, length=len(name))
        return
    other = other_word(name, known)
    meant = "" if other is None else f"did you mean '{other}'? "
    problems.add("E309", f"'{name}' does not fit '{subject}', which is {NAMED_KINDS[kind_of(type_text)]}", at.position,
                 f"{meant}known here: {', '.join(sorted(known))}", length=len(name))  # fmt: skip


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
