"""`sequence`: its steps in order, gaps between them, exclusions, variables of earlier steps, and the window of all."""

from __future__ import annotations

from datetime import timedelta

from profile_engine.config.problems import Position, Problems
from profile_engine.config.units import Span
from profile_engine.config.yaml_document import Mapping, Node, Scalar
from profile_engine.config.yaml_document import Sequence as YamlList
from profile_engine.rules.literals import read_words
from profile_engine.rules.names import Names
from profile_engine.rules.parse_events import FilterReader, event_types, read_window, refuse_unknown, window_words
from profile_engine.rules.scope import Scope
from profile_engine.rules.syntax import Check, Condition, Gap, Passes, Sequence, Step, Without

_HINT = "write {steps: [{event: product_view}, {event: order, gap: {at_most: 1 day}}], within_last: 30 days}"
_STEP_WORDS = ("event", "without", "where", "gap", "as")
_MICROSECOND = timedelta(microseconds=1)


def parse_sequence(node: Node, scope: Scope, problems: Problems, read_filter: FilterReader) -> Condition | None:
    """True when one choice of events satisfies every step; None when any part was refused."""
    steps_node = node.get("steps") if isinstance(node, Mapping) else None
    if not isinstance(node, Mapping) or not isinstance(steps_node, YamlList) or not steps_node.items:
        problems.add("E314", "'sequence' takes a list of 'steps'", node.position, _HINT)
        return None
    before = len(problems.errors)
    refuse_unknown(node, sorted({"steps", *window_words()}), "E314", "about a sequence", problems)
    window = read_window(node, scope.zone, problems)
    named: dict[str, frozenset[str]] = {}
    steps: list[Step | Without] = []
    for item in steps_node.items:
        step = _step(item, Names(scope, "event", steps=dict(named)), problems, read_filter)
        if step is not None:
            steps.append(step)
            if isinstance(step, Step) and step.name is not None:
                if step.name in named:
                    problems.add("E314", f"two steps are named '{step.name}'", item.position, "give one another name")
                named[step.name] = frozenset(step.types)
    if len(steps) == len(steps_node.items):
        _check_order(steps, steps_node, problems)
    if len(problems.errors) > before or window is None:
        return None
    return Passes(Sequence(tuple(steps), window), Check("equals", True), node.position)


def _step(node: Node, names: Names, problems: Problems, read_filter: FilterReader) -> Step | Without | None:
    if not isinstance(node, Mapping) or ("event" in node) == ("without" in node):
        problems.add("E314", "a step is {event: ..} or {without: ..}", node.position, _HINT)
        return None
    refuse_unknown(node, _STEP_WORDS, "E314", "in a step", problems)
    types = event_types(node, "event" if "event" in node else "without", names.scope, problems)
    given = node.get("where")
    where = None if given is None else read_filter(given, names, problems)
    gap = _gap(node.get("gap"), problems)
    called = node.get("as")
    if called is not None and (not isinstance(called, Scalar) or called.is_null or "without" in node):
        problems.add("E314", "'as' gives a step with an event a name", called.position)
        return None
    if types is None or gap is None or (given is not None and where is None):
        return None
    if "without" in node:
        return Without(types, where, gap)
    return Step(types, where, gap, called.text if isinstance(called, Scalar) else None)


def _gap(node: Node | None, problems: Problems) -> Gap | None:
    if node is None:
        return Gap()
    if not isinstance(node, Mapping) or not node.keys or not set(node.keys) <= {"at_least", "at_most"}:
        problems.add("E314", "a gap has 'at_least', 'at_most' or both", node.position, "write {at_most: 1 day}")
        return None
    lengths: dict[str, int] = {}
    for key, value in node:
        span = read_words(value, problems, "a length of time", Span.parse)
        if span is None:
            return None
        if span.is_calendar:
            problems.add("E314", f"{span} has no fixed length, as a gap needs", value.position, "write it in days")
            return None
        lengths[key.text] = span.duration // _MICROSECOND
    gap = Gap(lengths.get("at_least", 0), lengths.get("at_most"))
    if gap.at_most is not None and gap.at_most < gap.at_least:
        problems.add("E314", "no gap is at least the longer and at most the shorter", node.position, "turn them round")
        return None
    return gap


def _check_order(steps: list[Step | Without], node: YamlList, problems: Problems) -> None:
    last = len(steps) - 1

    def refuse(at: Position, why: str, hint: str) -> None:
        problems.add("E314", why, at, hint)

    for number, (step, item) in enumerate(zip(steps, node.items, strict=True)):
        if isinstance(step, Step):
            if number == 0 and step.gap != Gap():
                refuse(item.position, "the first step has no step before it, so no gap", "take the gap out")
            continue
        if number == 0:
            refuse(item.position, "'without' needs a step before it", "begin with an event")
        if number != last and step.gap != Gap():
            refuse(item.position, "only a last 'without' has a gap", "put the gap at the step that follows")
        if number == last and (step.gap.at_least or (step.gap != Gap() and step.gap.at_most is None)):
            refuse(item.position, "the gap of a last 'without' has 'at_most' only", "write gap: {at_most: 24 hours}")
