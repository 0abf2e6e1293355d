"""EVENTS: which events `did` speaks of, in which window, and the figure over them that is tested."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo

from profile_engine.config.problems import Problems, did_you_mean
from profile_engine.config.yaml_document import Mapping, Node, Scalar, Sequence
from profile_engine.rules.field_types import NAMED_KINDS, kind_of, type_of
from profile_engine.rules.measure_kinds import MEASURE_KINDS
from profile_engine.rules.operators.operator import Reading
from profile_engine.rules.operators.registry import operators
from profile_engine.rules.parse_tests import parse_tests
from profile_engine.rules.scope import Scope
from profile_engine.rules.syntax import EVENT_TIME, AllOf, Check, Condition, EventField, Events, Measure, Passes

FilterReader = Callable[[Node, Scope, Problems], Condition | None]
AT_LEAST_ONE = Check("at_least", 1)
_HINT = "write {event: order, within_last: 365 days, times: {at_least: 2}}"


def window_words() -> tuple[str, ...]:
    """The tests of time that can be an event's window."""
    return tuple(name for name, operator in operators().items() if operator.stretch is not None)


def parse_events(node: Node, scope: Scope, problems: Problems, read_filter: FilterReader) -> Condition | None:
    """`did`: true when the measure of these events passes its test; None when any part was refused."""
    if not isinstance(node, Mapping):
        problems.add("E305", "'did' takes a mapping that names an event", node.position, _HINT)
        return None
    words = {"event", "where", "times", *MEASURE_KINDS, *window_words()}
    refused = False
    for key, _ in node:
        if key.text not in words:
            problems.add("E311", f"unknown word '{key.text}' about events", key.position,
                         did_you_mean(key.text, words) or f"known: {', '.join(sorted(words))}", length=len(key.text))  # fmt: skip
            refused = True
    types = _event_types(node, scope, problems)
    given = node.get("where")
    where = None if given is None else read_filter(given, scope, problems)
    window = _window(node, scope.zone, problems)
    measures = [key for key, _ in node if key.text == "times" or key.text in MEASURE_KINDS]
    if len(measures) > 1:
        problems.add("E311", f"'{measures[1].text}' stands beside '{measures[0].text}', and only one measure can",
                     measures[1].position, "write a second did: {..}", length=len(measures[1].text))  # fmt: skip
        return None
    if refused or types is None or window is None or (given is not None and where is None):
        for measure in measures:  # its own problems are shown at once with the others
            _measured(measure, node, Events(types or ()), scope, problems)
        return None
    events = Events(types, where, window)
    if not measures:
        return Passes(Measure("count", events, None, "integer"), AT_LEAST_ONE, node.position)
    return _measured(measures[0], node, events, scope, problems)


def _event_types(node: Mapping, scope: Scope, problems: Problems) -> tuple[str, ...] | None:
    given = node.get("event")
    if given is None:
        problems.add("E311", "'event' is missing: which events?", node.position, _HINT)
        return None
    names = given.items if isinstance(given, Sequence) else (given,)
    known = scope.events.event_types
    found: set[str] = set()
    for name in names:
        if not isinstance(name, Scalar) or name.is_null:
            problems.add("E302", "'event' takes the type of an event, or a list of types", name.position)
        elif name.text not in known:
            problems.add("E302", f"unknown event type '{name.text}'", name.position, did_you_mean(name.text, sorted(known)),
                         length=len(name.text))  # fmt: skip
        else:
            found.add(name.text)
            continue
        return None
    if not names:
        problems.add("E302", "'event' has an empty list", given.position, "name at least one type of event")
    return tuple(sorted(found)) if found else None


def _window(node: Mapping, zone: tzinfo, problems: Problems) -> tuple[Check, ...] | None:
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


def _measured(key: Scalar, node: Mapping, events: Events, scope: Scope, problems: Problems) -> Condition | None:
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
        return _tested(Measure("count", events, None, "integer"), value, key, scope, problems)
    if not isinstance(value, Mapping):
        problems.add("E305", f"'{key.text}' takes a mapping with 'of' and a test", value.position,
                     f"write {key.text}: {{of: amount, at_least: 500}}")  # fmt: skip
        return None
    field = _measured_field(key, value, scope, problems)
    if field is None:
        return None
    measure_type = MEASURE_KINDS[key.text].type_of(field.type)
    tests = Mapping(tuple(entry for entry in value if entry[0].text != "of"), value.position)
    return _tested(Measure(MEASURE_KINDS[key.text].name, events, field, measure_type), tests, key, scope, problems)


def _measured_field(key: Scalar, value: Mapping, scope: Scope, problems: Problems) -> EventField | None:
    of = value.get("of")
    if not isinstance(of, Scalar) or of.is_null:
        problems.add("E311", f"'{key.text}' needs 'of': the field of the event that is measured",
                     of.position if of is not None else value.position, f"write {key.text}: {{of: amount, at_least: 500}}")  # fmt: skip
        return None
    found = scope.events.leaf(of.text)
    if found is None and of.text != EVENT_TIME:
        problems.add("E301", f"unknown event field '{of.text}'", of.position,
                     did_you_mean(of.text, scope.events.leaf_paths()), length=len(of.text))  # fmt: skip
        return None
    type_text = "timestamp" if of.text == EVENT_TIME or found is None else type_of(found)
    kind = MEASURE_KINDS[key.text]
    if kind_of(type_text) not in kind.fits:
        wanted = " or ".join(sorted(NAMED_KINDS[fit] for fit in kind.fits))
        problems.add("E309", f"'{key.text}' needs {wanted}, and '{of.text}' is {NAMED_KINDS[kind_of(type_text)]}", of.position,
                     length=len(of.text))  # fmt: skip
        return None
    return EventField(of.text, type_text)


def _tested(measure: Measure, node: Node, key: Scalar, scope: Scope, problems: Problems) -> Condition | None:
    checks = parse_tests(node, measure.type, key.text, scope.zone, problems)
    if checks is None:
        return None
    parts = tuple(Passes(measure, check, key.position) for check in checks)
    return parts[0] if len(parts) == 1 else AllOf(parts, key.position)
