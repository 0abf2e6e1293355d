"""What a name stands for at a place of a rule: attributes, fields of an event, of an item, of an earlier step."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from profile_engine.config.problems import Position, Problems, closest, did_you_mean
from profile_engine.config.yaml_document import Mapping, Scalar
from profile_engine.rules.field_types import (
    NAMED_KINDS,
    SCALAR_KINDS,
    item_type,
    kind_of,
    object_leaves,
    type_of,
)
from profile_engine.rules.scope import Scope
from profile_engine.rules.synonyms import meant_condition
from profile_engine.rules.syntax import EVENT_TIME, Attribute, EventField, Field, ItemField, StepField

if TYPE_CHECKING:
    from profile_engine.schemas.fields import Field as SchemaField
    from profile_engine.schemas.union_schema import UnionSchema

Place = Literal["person", "event", "item"]
ITEM = "item"
"""The name of an item of an array of plain values, in the `where` of events taken by `each`."""
WORDS: dict[Place, tuple[str, ...]] = {
    "person": ("all", "any", "none", "not", "field", "compute", "did", "did_not", "sequence", "in_segment"),
    "event": ("all", "any", "none", "not", "field", "compute"),
    "item": ("all", "any", "none", "not", "field", "compute"),
}
COMPUTED = "computed."
"""Before the name of a computed attribute."""
_SIDES = frozenset({"field", "profile", "step"})


@dataclass(frozen=True)
class Names:
    """`place`: person (attributes), event (its fields, and those of an item where `items` is set) or item alone."""

    scope: Scope
    place: Place
    items: str | None = None
    """The type of an item, inside `any_item`, `every_item` and `each`."""
    steps: Dictionary[str, frozenset[str]] = field(default_factory=dict)
    """Earlier steps of a sequence that have a name."""
    in_event: bool = False
    """Whether the item is one of an array of an event, whose person and earlier steps can be named beside it."""

    def inside(self, item_type: str) -> Names:
        """What names mean in a condition on the items of an array: `{field: x}` is of the item alone."""
        return replace(self, place="item", items=item_type, in_event=self.place == "event")

    @property
    def are_of_a_value(self) -> bool:
        """Whether an item that is a plain value is all there is: a test needs no name then."""
        return self.place == "item" and kind_of(self.items or "") != "object"

    def source(self, text: str, at: Position, problems: Problems) -> Field | None:
        """The field of a path; None, with a problem, when there is no such leaf."""
        if self.items is not None and (item := self._of_item(text)) is not None:
            return item
        if self.place == "item":
            known: Iterable[str] = (ITEM,) if self.are_of_a_value else object_leaves(self.items or "")
            self._refuse(text, at, "field of the item", known, problems)
            return None
        if self.place == "event" and text == EVENT_TIME:
            return EventField(EVENT_TIME, "timestamp")
        union = self.scope.attributes if self.place == "person" else self.scope.events
        found = _leaf(union, text)
        if found is not None:
            path, type_text, key = found
            return (Attribute if self.place == "person" else EventField)(path, type_text, key)
        what = "field" if self.place == "person" else "event field"
        inside = union.field(text)
        if inside is not None:
            problems.add("E301", f"'{text}' is an object, and a test needs one of its fields", at,
                         f"write {text}.{next(iter(inside.fields), 'field')}, or {text}: {{exists: false}}", length=len(text))  # fmt: skip
            return None
        if self.place == "person" and text.startswith(COMPUTED):
            refuse_computed(text, union.leaf_paths(), at, problems)
        else:
            self._refuse(text, at, what, union.leaf_paths(), problems)
        return None

    def fields_of_object(self, text: str) -> tuple[Field, ...]:
        """Every leaf of the object at a path; none where there is no such object."""
        if self.items is not None:
            leaves = object_leaves(self.items) if kind_of(self.items) == "object" else {}
            of_item = tuple(ItemField(path, leaf) for path, leaf in leaves.items() if path.startswith(f"{text}."))
            if of_item or self.place == "item":
                return of_item
        union = self.scope.attributes if self.place == "person" else self.scope.events
        kind = Attribute if self.place == "person" else EventField
        found = union.field(text)
        if found is None or found.type != "object":
            return ()
        return tuple(
            kind(path, type_of(leaf)) for path, leaf in union.leaf_paths().items() if path.startswith(f"{text}.")
        )

    def other_side(self, node: Mapping, problems: Problems) -> Field | None:
        """`{field: x}`, `{profile: x}` or `{step: name, field: x}`, with a problem where it is none of them."""
        texts = {key.text: value for key, value in node}
        given = {word: one for word, one in texts.items() if isinstance(one, Scalar) and not one.is_null}
        if given.keys() != texts.keys() or given.keys() not in ({"field"}, {"profile"}, {"step", "field"}):
            problems.add("E303", "the other side of a test is {field: x}, {profile: x} or {step: name, field: x}",
                         node.position)  # fmt: skip
            return None
        if "profile" in given:
            if self.place != "event" and not self.in_event:
                hint = (
                    "write {field: x}"
                    if self.place == "person"
                    else "an item is compared with fields of its own: {field: x}"
                )
                problems.add("E303", "{profile: x} stands inside of events only", node.position, hint)
                return None
            return Names(self.scope, "person").source(given["profile"].text, given["profile"].position, problems)
        named = given["field"]
        if "step" not in given:
            return self.source(named.text, named.position, problems)
        step = given["step"]
        if step.text not in self.steps:
            hint = did_you_mean(step.text, self.steps) or "give an earlier step a name: {event: .., as: name}"
            problems.add("E314", f"no earlier step is named '{step.text}'", step.position, hint, length=len(step.text))
            return None
        found = Names(self.scope, "event").source(named.text, named.position, problems)
        return StepField(step.text, found) if isinstance(found, EventField) else None

    def _of_item(self, text: str) -> ItemField | None:
        assert self.items is not None
        if kind_of(self.items) == "object":
            leaves = object_leaves(self.items)
            return ItemField(text, leaves[text]) if text in leaves else None
        return ItemField("", self.items) if text == ITEM else None

    def _refuse(self, text: str, at: Position, what: str, known: Iterable[str], problems: Problems) -> None:
        words = WORDS[self.place]
        if self.are_of_a_value:  # a test that stands beside a word
            hint = f"a test beside a condition names what it tests: {ITEM}: {{{text}: ..}}"
        else:
            hint = meant_condition(text, words, tuple(known)) or f"words that may stand here: {', '.join(words)}"
        problems.add("E301", f"unknown {what} or word '{text}'", at, hint, length=len(text))


def refuse_computed(text: str, known: Iterable[str], at: Position, problems: Problems) -> None:
    """The problem of a computed attribute that is named and does not exist: one that is used can't go."""
    close = closest(text, [path for path in known if path.startswith(COMPUTED)])
    meant = f"did you mean '{close}'? else " if close is not None else ""
    hint = f"{meant}describe it in conf/profiles/computed_attributes.yaml, or take it out here first"
    problems.add("E321", f"there is no computed attribute '{text.removeprefix(COMPUTED)}', and it is used here", at, hint,
                 length=len(text))  # fmt: skip


def is_other_side(node: object) -> bool:
    """Whether an operand names a field in the place of a literal."""
    return isinstance(node, Mapping) and bool(node.keys) and set(node.keys) <= _SIDES


def fits_other_side(test: str, left_type: str, right: Field, at: Position, problems: Problems) -> bool:
    """Whether a test can compare two fields: plain values of one kind, a value and an array of such values, whichever of
    the two it looks into, or two such arrays; a problem where not."""
    left_kind, right_kind = kind_of(left_type), kind_of(right.type)
    if test == "includes":
        items = kind_of(item_type(left_type))
        if items == right_kind and items in SCALAR_KINDS:
            return True
        problems.add("E309", f"'includes' looks for {NAMED_KINDS[items]} here, and {NAMED_KINDS[right_kind]} stands there", at,
                     "write includes_any: {..} to look for the items of an array" if right_kind == "array" else None)  # fmt: skip
        return False
    if test in {"includes_any", "includes_all"}:
        items = kind_of(item_type(left_type))
        if right_kind == "array" and items == kind_of(item_type(right.type)) and items in SCALAR_KINDS:
            return True
        problems.add("E309", f"'{test}' looks for the items of another array of such values, and "
                     f"{NAMED_KINDS[right_kind]} stands there", at,
                     "write includes: {..} to look for one value" if items == right_kind else None)  # fmt: skip
        return False
    if test in {"one_of", "none_of"}:
        if right_kind == "array" and kind_of(item_type(right.type)) == left_kind:
            return True
        problems.add("E309", f"{NAMED_KINDS[left_kind]} is looked for in an array of such values, and "
                     f"{NAMED_KINDS[right_kind]} stands there", at)  # fmt: skip
        return False
    if left_kind == right_kind and left_kind in SCALAR_KINDS:
        return True
    problems.add("E309", f"{NAMED_KINDS[left_kind]} can't be compared with {NAMED_KINDS[right_kind]}", at)
    return False


def _leaf(union: UnionSchema, text: str) -> tuple[str, str, str | None] | None:
    """(path, type, key of a map) of a leaf, or of a value under a key of a map."""
    found: SchemaField | None = union.leaf(text)
    if found is not None:
        return text, type_of(found), None
    for path, one in union.leaf_paths().items():
        if one.type == "map" and one.values is not None and text.startswith(f"{path}."):
            key = text[len(path) + 1 :]
            if len(key) > 2 and key[0] == key[-1] == '"':
                key = key[1:-1]
            return path, item_type(type_of(one)), key
    return None
