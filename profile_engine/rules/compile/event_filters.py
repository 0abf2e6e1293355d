"""Which events a program can see at all, as one Column over `timeline`: so that few rules hand few events over."""

from __future__ import annotations

from functools import reduce
from operator import or_

from pyspark.sql import Column
from pyspark.sql import functions as F

from profile_engine.rules.compile.conditions import holds
from profile_engine.rules.compile.measures import of_type_in_window
from profile_engine.rules.compile.places import of_event
from profile_engine.rules.compile.value import NotCompilable
from profile_engine.rules.moment import Moment
from profile_engine.rules.program import Program, reads_attributes
from profile_engine.rules.step_filters import fixed_part
from profile_engine.rules.syntax import Check, Condition, Measure, Sequence, Step


def events_that_matter(program: Program, moment: Moment) -> Column:
    """Whether some measure or step of the program looks at an event; without the others its answers are the same.

    An event filter that speaks of the person, of items or of earlier steps, or that no Column can express, keeps every
    event of its types and window. Never null.
    """
    seen = [one for source in program.measures for one in _of_source(source, moment)]
    return reduce(or_, seen) if seen else F.lit(False)


def _of_source(source: Measure | Sequence, moment: Moment) -> list[Column]:
    if isinstance(source, Sequence):
        last = max(number for number, step in enumerate(source.steps) if isinstance(step, Step))
        return [
            _seen(step.types, source.window if number <= last else (), fixed_part(step.where), moment)
            for number, step in enumerate(source.steps)
        ]
    needs_all = source.name == "every" or source.events.each is not None
    where = None if needs_all else source.events.where
    return [_seen(source.events.types, source.events.window, where, moment)]


def _seen(types: tuple[str, ...], window: tuple[Check, ...], where: Condition | None, moment: Moment) -> Column:
    found = of_type_in_window(None, types, window, moment)
    if where is None or reads_attributes(where):
        return found
    try:
        return found & holds(where, of_event(None), moment)
    except NotCompilable:
        return found
