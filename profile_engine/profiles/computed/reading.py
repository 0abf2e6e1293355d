"""Computed attributes as people write them: `orders_30d: {count: {event: order}, within_last: 30 days}`.

The figure names the events as `did` does (`event`, `where`, `each`), the window stands beside it.
"""

from __future__ import annotations

from typing import get_args

from profile_engine.config.problems import Problems
from profile_engine.config.yaml_document import Mapping, Node, Scalar
from profile_engine.profiles.computed.attribute import FITS, OF_EVENTS_ONLY, ComputedAttribute, FigureName
from profile_engine.rules.fields import sources
from profile_engine.rules.parse import parse_event_filter
from profile_engine.rules.parse_events import (
    measured_field,
    names_of_events,
    parse_selection,
    refuse_unknown,
    window_words,
)
from profile_engine.rules.scope import Scope
from profile_engine.rules.syntax import Attribute

FIGURES: tuple[FigureName, ...] = get_args(FigureName)
MOST_ITEMS = 100
"""A list of the last values is no history: the timeline is."""
_HINT = "write orders_30d: {count: {event: order}, within_last: 30 days}"


def read_computed_attribute(name: Scalar, node: Node, scope: Scope, problems: Problems) -> ComputedAttribute | None:
    """One attribute, or None when any part of it was refused; then `problems` has grown."""
    if not isinstance(node, Mapping):
        problems.add("E320", "a computed attribute is a mapping with one figure", node.position, _HINT)
        return None
    windows = window_words()
    refused = refuse_unknown(node, (*FIGURES, *windows, "description"), "E320", "in a computed attribute", problems)
    figures = [key for key, _ in node if key.text in FIGURES]
    if len(figures) != 1:
        at, told = name, "no figure"
        if figures:
            at, told = figures[1], f"two figures, '{figures[0].text}' and '{figures[1].text}'"
        if not refused:
            hint = f"give one of {', '.join(FIGURES)}; a second one is an attribute of its own"
            problems.add("E320", f"'{name.text}' has {told}", at.position, hint, length=len(at.text))
        return None
    figure = next(each for each in FIGURES if each == figures[0].text)
    inside = node.get(figure)
    if not isinstance(inside, Mapping):
        where = inside.position if inside is not None else node.position
        problems.add("E320", f"'{figure}' takes a mapping that names an event", where, _HINT)
        return None
    words = ["event", "where", "each", *([] if figure == "count" else ["of"]), *(["items"] if figure == "last" else [])]
    refused |= refuse_unknown(inside, words, "E320", f"in '{figure}'", problems)
    names = names_of_events(inside, scope, problems)
    if names is None:
        return None
    selection = Mapping((*inside.entries, *((key, value) for key, value in node if key.text in windows)), node.position)
    before = len(problems.found)
    events = parse_selection(selection, names, problems, parse_event_filter)
    of = None
    if figure != "count":
        hint = f"write {figure}: {{of: amount, event: order}}"
        of = measured_field(figure, inside, FITS[figure], names, problems, code="E320", hint=hint)
    items = _items(inside, problems) if figure == "last" else None
    description = node.get("description")
    if len(problems.found) > before or refused or events is None:
        return None
    if figure in OF_EVENTS_ONLY and events.each is not None:
        each = inside.key("each")
        assert each is not None
        problems.add("E320", f"'{figure}' is of events, not of the items of an array in them", each.position)
        return None
    if events.where is not None and any(isinstance(source, Attribute) for source in sources(events.where)):
        where_key = inside.key("where")
        assert where_key is not None
        problems.add("E320", "a computed attribute looks at events alone, and this filter names an attribute of the person",
                     where_key.position, "put that test into the rule", length=len("where"))  # fmt: skip
        return None
    words_of_it = description.text if isinstance(description, Scalar) else None
    return ComputedAttribute(name.text, figure, events, of, items, words_of_it, name.position)


def _items(inside: Mapping, problems: Problems) -> int | None:
    given = inside.get("items")
    text = given.text if isinstance(given, Scalar) else ""
    if text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_ITEMS:
        return int(text)
    at = given.position if given is not None else inside.position
    problems.add("E320", f"'last' needs 'items': how many values to keep, from 1 to {MOST_ITEMS}", at,
                 "write last: {of: sku, event: product_view, items: 5}")  # fmt: skip
    return None
