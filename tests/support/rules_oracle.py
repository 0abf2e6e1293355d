"""What a rule means, in plain Python, one person at a time: written from the language page, not from the engine.

It reads the parsed condition and nothing else of the engine: values are Python's own, numbers are fractions, times are
datetimes, and a window is asked of each event.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from profile_engine.rules import syntax as s
from tests.support.oracle_tests import ValueTests, at_path, cleaned, rounded


class Oracle(ValueTests):
    """`profile` is nested by path, an event is {event_type, occurred_at, <path>: value}; segments are given by id."""

    def __init__(self, as_of: datetime, time_zone: str, segments: dict[str, Any] | None = None) -> None:
        super().__init__(as_of, time_zone)
        self.segments = segments or {}

    def member(self, condition: Any, profile: dict[str, Any], events: list[dict[str, Any]]) -> bool:
        def holds(c: Any) -> bool:
            match c:
                case s.AllOf():
                    return all(holds(part) for part in c.conditions)
                case s.AnyOf():
                    return any(holds(part) for part in c.conditions)
                case s.NoneOf():
                    return not any(holds(part) for part in c.conditions)
                case s.Not():
                    return not holds(c.condition)
                case s.InSegment():
                    return any(
                        name == "everyone" or self.member(self.segments[name], profile, events) for name in c.segments
                    )
            if isinstance(c.source, s.Measure):
                return self.passes(self.measure(c.source, events, profile), c.check, c.source.type)
            if isinstance(c.source, s.Sequence):
                return self.sequence(c.source, events, profile)
            return self.tested(c, self.value_of({s.Attribute: profile}))

        return holds(condition)

    def value_of(self, objects: dict[Any, Any], around: Any = None) -> Any:
        """The value of a field, from the object of its kind (for fields of steps: the event that each step chose).

        around  of an item: the values of what its array stands in
        """

        def value(source: Any) -> Any:
            if around is not None and not isinstance(source, s.ItemField | s.Computed):
                return around(source)
            if isinstance(source, s.StepField):
                return cleaned(objects["steps"][source.step].get(source.field.path))
            if isinstance(source, s.ItemField):
                return cleaned(at_path(objects[s.ItemField], source.path) if source.path else objects[s.ItemField])
            if isinstance(source, s.Computed):
                return self.formula(source.term, value)
            found = (
                at_path(objects[s.Attribute], source.path)
                if isinstance(source, s.Attribute)
                else objects[s.EventField].get(source.path)
            )
            return cleaned(found if source.key is None else (found or {}).get(source.key))

        return value

    def formula(self, term: Any, value: Any) -> Fraction | None:
        if isinstance(term, s.Arithmetic):
            left, right = self.formula(term.left, value), self.formula(term.right, value)
            if left is None or right is None or (term.operator in "/%" and right == 0):
                return None
            match term.operator:
                case "+":
                    return left + right
                case "-":
                    return left - right
                case "*":
                    return left * right
                case "/":
                    return left / right
            rest = abs(left) % abs(right)
            return -rest if left < 0 else rest
        if isinstance(term, int | Decimal):
            return Fraction(term)
        found = value(term)
        return None if found is None else rounded(found)

    def tested(self, c: Any, value: Any) -> bool:
        operand = c.check.operand
        if isinstance(operand, s.Attribute | s.EventField | s.ItemField | s.StepField):
            left, right = value(c.source), value(operand)
            if left is None or right is None:
                return False
            if c.check.operator == "includes":
                return any(item is not None and item == right for item in map(cleaned, left))
            if c.check.operator in ("includes_any", "includes_all"):
                items = [item for item in map(cleaned, left) if item is not None]
                among = [item in items for item in map(cleaned, right) if item is not None]
                return any(among) if c.check.operator == "includes_any" else any(among) and all(among)
            if c.check.operator in ("one_of", "none_of"):
                fold = str.casefold if c.check.ignoring_case else lambda one: one
                items = [fold(item) for item in map(cleaned, right) if item is not None]
                return (fold(left) in items) == (c.check.operator == "one_of")
            if c.check.ignoring_case:
                left, right = left.casefold(), right.casefold()
            if not isinstance(left, str | bool | date):
                left, right = Fraction(left), Fraction(right)
            signs = {"equals": "=", "differs_from": "<>", "above": ">", "at_least": ">=", "below": "<", "at_most": "<=", "before": "<", "after": ">"}  # fmt: skip
            return ("=" if left == right else "<" if left < right else ">") in signs[c.check.operator]
        return self.passes(value(c.source), c.check, c.source.type, value)

    def row_passes(self, c: Any, value: Any) -> bool:
        match c:
            case s.AllOf():
                return all(self.row_passes(part, value) for part in c.conditions)
            case s.AnyOf():
                return any(self.row_passes(part, value) for part in c.conditions)
            case s.NoneOf():
                return not any(self.row_passes(part, value) for part in c.conditions)
            case s.Not():
                return not self.row_passes(c.condition, value)
        return self.tested(c, value)

    def event_passes(self, c: Any, event: dict[str, Any], profile: Any, steps: Any = None) -> bool:
        return c is None or self.row_passes(
            c, self.value_of({s.Attribute: profile, s.EventField: event, "steps": steps or {}})
        )

    def sequence(self, sequence: Any, events: list[dict[str, Any]], profile: dict[str, Any]) -> bool:
        """Every choice of events is tried, one event for each step."""
        steps = list(sequence.steps)
        trailing: list[Any] = []
        while isinstance(steps[-1], s.Without):
            trailing.insert(0, steps.pop())
        past = [e for e in events if e["occurred_at"] <= self.as_of]
        inside = [e for e in past if all(self.time_passes(e["occurred_at"], check) for check in sequence.window)]

        def micro(number: int) -> timedelta:
            return timedelta(microseconds=number)

        def goes_on(at: int, last: Any, chosen: dict[str, Any]) -> bool:
            if at == len(steps):
                for none in trailing:
                    until = self.as_of if none.gap.at_most is None else last["occurred_at"] + micro(none.gap.at_most)
                    if until > self.as_of or any(
                        e["event_type"] in none.types and last["occurred_at"] < e["occurred_at"] <= until
                        and self.event_passes(none.where, e, profile, chosen)
                        for e in past
                    ):  # fmt: skip
                        return False
                return True
            between = []
            while isinstance(steps[at], s.Without):
                between.append(steps[at])
                at += 1
            step = steps[at]
            for e in inside:
                if e["event_type"] not in step.types or not self.event_passes(step.where, e, profile, chosen):
                    continue
                if last is not None:
                    gap = e["occurred_at"] - last["occurred_at"]
                    if gap <= timedelta(0) or gap < micro(step.gap.at_least):
                        continue
                    if step.gap.at_most is not None and gap > micro(step.gap.at_most):
                        continue
                    if any(
                        x["event_type"] in none.types and last["occurred_at"] < x["occurred_at"] < e["occurred_at"]
                        and self.event_passes(none.where, x, profile, chosen)
                        for none in between for x in inside
                    ):  # fmt: skip
                        continue
                if goes_on(at + 1, e, chosen | ({step.name: e} if step.name else {})):
                    return True
            return False

        return goes_on(0, None, {})

    def measure(self, m: Any, events: list[dict[str, Any]], profile: dict[str, Any]) -> Any:
        there = [
            e for e in events
            if e["event_type"] in m.events.types and e["occurred_at"] <= self.as_of
            and all(self.time_passes(e["occurred_at"], check) for check in m.events.window)
        ]  # fmt: skip
        rows = [(e, None) for e in there]
        if m.events.each is not None:
            rows = [(e, item) for e in there for item in e.get(m.events.each.path) or []]
        of_rows = [(e, self.value_of({s.Attribute: profile, s.EventField: e, s.ItemField: item})) for e, item in rows]
        passing = [(e, of) for e, of in of_rows if m.events.where is None or self.row_passes(m.events.where, of)]
        there = rows
        if m.name == "count":
            return len(passing)
        if m.name == "every":
            return len(there) > 0 and len(passing) == len(there)
        values = [(e["occurred_at"], of(m.of)) for e, of in passing]
        known = [value for _, value in values if value is not None]
        if m.name == "distinct":
            return len(set(known))
        if m.name in ("min", "max"):
            return (min if m.name == "min" else max)(known, default=None)
        if m.name in ("sum", "average"):
            exact = [rounded(value) for value in known]
            total = sum(exact, Fraction(0))
            return total if m.name == "sum" else (total / len(exact) if exact else None)
        if not values:
            return None
        edge = (min if m.name == "first" else max)(at for at, _ in values)
        at_edge = [value for at, value in values if at == edge and value is not None]
        return (min if m.name == "first" else max)(at_edge, default=None)
