"""Words that a rule asks for and that no profile or event has: one pass over each of the two, by Spark's expressions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from profile_engine.rules.asked_values import AskedValue, asked_values
from profile_engine.rules.compile.conditions import passes
from profile_engine.rules.compile.measures import of_type_in_window
from profile_engine.rules.compile.places import of_event, of_person
from profile_engine.rules.moment import Moment
from profile_engine.rules.syntax import Condition

if TYPE_CHECKING:
    from profile_engine.lake.lake import Lake


def unseen_values(lake: Lake, condition: Condition, moment: Moment) -> tuple[str, ...]:
    """A sentence for each word that was never seen; of events, up to the moment."""
    asked = list(dict.fromkeys(asked_values(condition)))
    of_people = [one for one in asked if not one.event_types]
    of_events = [one for one in asked if one.event_types]
    seen: set[AskedValue] = set()
    if of_people:
        seen |= _seen(lake.read("profile"), of_people, moment)
    if of_events and lake.exists("timeline"):
        seen |= _seen(lake.read("timeline"), of_events, moment)
    return tuple(str(one) for one in asked if one not in seen)


def _seen(rows: DataFrame, asked: Sequence[AskedValue], moment: Moment) -> set[AskedValue]:
    found = []
    for place, one in enumerate(asked):
        if one.event_types:
            value_of = of_event(None)
            is_it = of_type_in_window(None, one.event_types, (), moment) & passes(
                value_of(one.source), one.check, moment
            )
        else:
            is_it = passes(of_person(one.source), one.check, moment)
        found.append(F.coalesce(F.bool_or(is_it), F.lit(False)).alias(f"v{place}"))
    answers = rows.agg(*found).collect()[0]
    return {one for place, one in enumerate(asked) if answers[f"v{place}"]}
