"""EVENTS: which events `did` speaks of, in which window, and the figure over them that is tested."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import tzinfo

from profile_engine.config.problems import Problems, did_you_mean
from profile_engine.config.yaml_document import Mapping, Node, Scalar, Sequence
from profile_engine.rules.field_types import ITEM_KINDS, NAMED_KINDS, Kind, item_type, kind_of
from profile_engine.rules.measure_kinds import MEASURE_KINDS
from profile_engine.rules.names import Names
from profile_engine.rules.operators.operator import Reading
from profile_engine.rules.operators.registry import operators
from profile_engine.rules.parse_tests import parse_tests
from profile_engine.rules.scope import Scope
from profile_engine.rules.syntax import AllOf, Check, Condition, EventField, Events, ItemField, Measure, Passes

FilterReader = Callable[[Node, Names, Problems], Condition | None]
_SELECTION = ("event", "where", "each")
AT_LEAST_ONE = Check("at_least", 1)
_OF_THE_FUTURE = ("within_next", "further_ahead_than")
"""Words that may stand as a window, which never reaches past as_of; nobody is told to write them."""
_HINT = "write {event: order, within_last: 365 days, times: {at_least: 2}}"


def window_words() -> tuple[str, ...]:
    """The tests of time that can be an event's window."""
    return tuple(name for name, operator in operators().items() if operator.stretch is not None)


def parse_events(node: Node, scope: Scope, problems: Problems, read_filter: FilterReader) -> Condition | None:
    """`did`: true when the measure of these events passes its test; None when any part was refused."""
    if not isinstance(node, Mapping):
        problems.add("E305", "'did' takes a mapping that names an event", node.position, _HINT)
        return None
    words = sorted({*_SELECTION, "times", *MEASURE_KINDS, *window_words()})
    refused = refuse_unknown(node, words, "E311", "about events", problems)
    names = names_of_events(node, scope, problems)
    events = None if names is None else parse_selection(node, names, problems, read_filter)
    measures = [key for key, _ in node if key.text == "times" or key.text in MEASURE_KINDS]
    if len(measures) > 1:
        problems.add("E311", f"'{measures[1].text}' stands beside '{measures[0].text}', and only one measure can",
                     measures[1].position, "write a second did: {..}", length=len(measures[1].text))  # fmt: skip
        return None
    if refused or names is None or events is None:
        for measure in measures:  # its own problems are shown at once with the others
            _measured(measure, node, Events(()), names or Names(scope, "event"), problems)
        return None
    if not measures:
        return Passes(Measure("count", events, None, "integer"), AT_LEAST_ONE, node.position)
    return _measured(measures[0], node, events, names, problems)


def names_of_events(node: Mapping, scope: Scope, problems: Problems) -> Names | None:
    """What names mean in `where` and in measures: fields of the event, or of the items of its `each`."""
    given, names = node.get("each"), Names(scope, "event")
    if given is None:
        return names
    if not isinstance(given, Scalar) or given.is_null:
        problems.add("E311", "'each' takes the path of an array in the event", given.position)
        return None
    array = names.source(given.text, given.position, problems)
    if array is None:
        return None
    items = item_type(array.type) if kind_of(array.type) == "array" else ""
    if not items or kind_of(items) not in ITEM_KINDS:
        problems.add("E309", f"'each' needs an array of objects or plain values, and '{given.text}' is none",
                     given.position, length=len(given.text))  # fmt: skip
        return None
    return Names(scope, "event", items=items)


def parse_selection(node: Mapping, names: Names, problems: Problems, read_filter: FilterReader) -> Events | None:
    """Which events: `event`, `where`, `each` and the window of a mapping; other keys are not looked at."""
    types = event_types(node, "event", names.scope, problems)
    given = node.get("where")
    where = None if given is None else read_filter(given, names, problems)
    window = read_window(node, names.scope.zone, problems)
    if types is None or window is None or (given is not None and where is None):
        return None
    each = node.get("each")
    array = Names(names.scope, "event").source(each.text, each.position, problems) if isinstance(each, Scalar) else None
    return Events(types, where, window, array if isinstance(array, EventField) else None)


def refuse_unknown(node: Mapping, words: Collection[str], code: str, where: str, problems: Problems) -> bool:
    """Adds a problem for every key that is none of these words; returns whether there was one."""
    unknown = [key for key, _ in node if key.text not in words]
    offered = [word for word in words if word not in _OF_THE_FUTURE]
    for key in unknown:
        hint = did_you_mean(key.text, offered) or f"known: {', '.join(offered)}"
        problems.add(code, f"unknown word '{key.text}' {where}", key.position, hint, length=len(key.text))
    return bool(unknown)


def event_types(node: Mapping, word: str, scope: Scope, problems: Problems) -> tuple[str, ...] | None:
    """The types, sorted, that stand under `event` or `without`."""
    given = node.get(word)
    if given is None:
        problems.add("E311", "'event' is missing: which events?", node.position, _HINT)
        return None
    names = given.items if isinstance(given, Sequence) else (given,)
    known = scope.events.event_types
    found: set[str] = set()
    for name in names:
        if not isinstance(name, Scalar) or name.is_null:
            problems.add("E302", f"'{word}' takes the type of an event, or a list of types", name.position)
        elif name.text not in known:
            problems.add("E302", f"unknown event type '{name.text}'", name.position, did_you_mean(name.text, sorted(known)),
                         length=len(name.text))  # fmt: skip
        else:
            found.add(name.text)
            continue
        return None
    if not names:
        problems.add("E302", f"'{word}' has an empty list", given.position, "name at least one type of event")
    return tuple(sorted(found)) if found else None


def read_window(node: Mapping, zone: tzinfo, problems: Problems) -> tuple[Check, ...] | None:
    """The tests of time in a mapping, all of which an event has to pass."""
    checks: list[Check] = []
    refused = False
    for word in window_words():
        value, key = node.get(word), node.key(word)
        if value is None or key is None:
            continue
        operand = operators()[word].read(value, Reading("timestamp", zone, problems, lambda _node, _type: None))
        if operand is None:
            refused = True
        else:
            checks.append(Check(word, operand, position=key.position))
    return None if refused else tuple(checks)


def _measured(key: Scalar, node: Mapping, events: Events, names: Names, problems: Problems) -> Condition | None:
    value = node.get(key.text)
    assert value is not None
    if key.text == "times":
        if isinstance(value, Scalar) and value.text == "all" and not value.quoted:
            if events.where is None and "where" not in node:
                problems.add(
                    "E311", "'times: all' asks whether every event passes 'where', which is missing", value.position
                )
                return None
            return Passes(Measure("every", events, None, "boolean"), Check("equals", True), key.position)
        return _tested(Measure("count", events, None, "integer"), value, key, names, problems)
    if not isinstance(value, Mapping):
        problems.add("E305", f"'{key.text}' takes a mapping with 'of' and a test", value.position,
                     f"write {key.text}: {{of: amount, at_least: 500}}")  # fmt: skip
        return None
    kind, hint = MEASURE_KINDS[key.text], f"write {key.text}: {{of: amount, at_least: 500}}"
    field = measured_field(key.text, value, kind.fits, names, problems, code="E311", hint=hint)
    if field is None:
        return None
    measure = Measure(kind.name, events, field, kind.type_of(field.type))
    return _tested(measure, value.without("of"), key, names, problems)


def measured_field(
    figure: str, inside: Mapping, fits: Collection[Kind], names: Names, problems: Problems, *, code: str, hint: str
) -> EventField | ItemField | None:
    """The field that a figure is taken of: `of` in its mapping; None where it is missing or none of the kinds that fit.

    code, hint  of the problem that `of` is missing
    """
    of = inside.get("of")
    if not isinstance(of, Scalar) or of.is_null:
        at = of.position if of is not None else inside.position
        problems.add(code, f"'{figure}' needs 'of': the field of the event that is measured", at, hint)
        return None
    found = names.source(of.text, of.position, problems)
    assert found is None or isinstance(found, EventField | ItemField)
    if found is not None and kind_of(found.type) not in fits:
        wanted = " or ".join(sorted(NAMED_KINDS[fit] for fit in fits))
        problems.add("E309", f"'{figure}' needs {wanted}, and '{of.text}' is {NAMED_KINDS[kind_of(found.type)]}", of.position,
                     length=len(of.text))  # fmt: skip
        return None
    return found


def _tested(measure: Measure, node: Node, key: Scalar, names: Names, problems: Problems) -> Condition | None:
    checks = parse_tests(node, measure.type, key.text, names.scope.zone, problems)
    if checks is None:
        return None
    parts = tuple(Passes(measure, check, key.position) for check in checks)
    return parts[0] if len(parts) == 1 else AllOf(parts, key.position)
