"""Sequences over an array of a person's events, as a Column: every choice is tried, one event inside another."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import Column
from pyspark.sql import functions as F

from profile_engine.rules.compile.conditions import holds
from profile_engine.rules.compile.measures import of_type_in_window
from profile_engine.rules.compile.places import of_event
from profile_engine.rules.compile.value import Value
from profile_engine.rules.moment import Moment
from profile_engine.rules.syntax import Check, Sequence, Step, Without


def matched(sequence: Sequence, events: Column, moment: Moment) -> Value:
    """Whether one choice of `events` satisfies every step; false where there are none. Raises NotCompilable."""
    found = _Matching(sequence, events, moment).goes_on(0, None, {})
    return Value(F.coalesce(found, F.lit(False)), "boolean")


class _Matching:
    def __init__(self, sequence: Sequence, events: Column, moment: Moment) -> None:
        self.sequence, self.events, self.moment = sequence, events, moment

    def goes_on(self, number: int, last: Column | None, chosen: Mapping[str, Column]) -> Column:
        """Whether the steps from this one on can be satisfied after `last`."""
        between: list[Without] = []
        for at in range(number, len(self.sequence.steps)):
            step = self.sequence.steps[at]
            if isinstance(step, Step):
                return self._one_of_events(at, step, last, between, chosen)
            between.append(step)
        found = F.lit(True)
        if last is not None:
            for none in between:
                found = found & self._none_after(none, last, chosen)
        return found

    def _one_of_events(
        self, number: int, step: Step, last: Column | None, between: list[Without], chosen: Mapping[str, Column]
    ) -> Column:
        def is_next(event: Column) -> Column:
            passes = self._is(step, event, self.sequence.window, chosen)
            if last is not None:
                gap = _micros(event) - _micros(last)
                passes = passes & (gap >= max(step.gap.at_least, 1))
                if step.gap.at_most is not None:
                    passes = passes & (gap <= step.gap.at_most)
                for none in between:
                    passes = passes & ~self._any_between(none, last, event, chosen)
            bound = {**chosen, step.name: event} if step.name else chosen
            return passes & self.goes_on(number + 1, event, bound)

        return F.exists(self.events, is_next)

    def _any_between(self, none: Without, last: Column, event: Column, chosen: Mapping[str, Column]) -> Column:
        return F.exists(
            self.events,
            lambda other: (_micros(other) > _micros(last))
            & (_micros(other) < _micros(event))
            & self._is(none, other, self.sequence.window, chosen),
        )

    def _none_after(self, none: Without, last: Column, chosen: Mapping[str, Column]) -> Column:
        """No such event in the time after `last`, which has passed."""
        until = F.lit(self.moment.now) if none.gap.at_most is None else _micros(last) + none.gap.at_most
        hit = F.exists(
            self.events,
            lambda other: (_micros(other) > _micros(last))
            & (_micros(other) <= until)
            & self._is(none, other, (), chosen),
        )
        return (until <= self.moment.now) & ~hit

    def _is(
        self, step: Step | Without, event: Column, window: tuple[Check, ...], chosen: Mapping[str, Column]
    ) -> Column:
        found = of_type_in_window(event, step.types, window, self.moment)
        if step.where is None:
            return found
        return found & holds(step.where, of_event(event, chosen), self.moment)


def _micros(event: Column) -> Column:
    return F.unix_micros(event.getField("occurred_at"))
