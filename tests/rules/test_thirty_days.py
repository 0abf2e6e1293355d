"""Thirty days of people, events and rules that move: evaluating who is due is the same as evaluating everybody.

A day brings new and late events, other attributes, an identifier whose events go from one person to another, another
rule. Who is due is decided as the stage decides it: whose data moved, and whose next change has come; a rule that moved is
evaluated for all the others alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profile_engine.rules.evaluate import evaluated
from profile_engine.rules.moment import instant
from profile_engine.rules.program import Program
from tests.rules.test_next_change import moving
from tests.support.rule_people import parsed, tables
from tests.support.rule_strategies import AS_OF, events, profiles, yaml_text

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
PEOPLE, OWNERS, DAYS = 4, 5, 30
ZONE = "Europe/Amsterdam"
on_a_day = st.integers(0, DAYS)
Found = dict[int, tuple[frozenset[str], int]]
"""By person: the rules that hold, and the next change."""


def evaluation(rules: Mapping[str, Any], people: dict[int, Any], mine: dict[int, list[Any]], as_of: datetime) -> Found:
    if not people or not rules:
        return {}
    numbers = sorted(people)
    rows, happened = tables(list(rules.values()), [people[n] for n in numbers], [mine[n] for n in numbers])
    found = evaluated(Program.of(rules, ZONE), rows, happened, as_of, looking_ahead=True)
    assert found.next_change is not None
    held = [frozenset(rule for row, rule in enumerate(rules) if found.matrix[row, n]) for n in range(len(numbers))]
    return {number: (held[n], int(found.next_change[n])) for n, number in enumerate(numbers)}


def all_rules(conditions: list[Any]) -> dict[str, Any]:
    """The rules, and one that names the first."""
    read = {f"s{number}": parsed(yaml_text(rule), time_zone=ZONE) for number, rule in enumerate(conditions)}
    return {**read, "not_first": parsed("not: {in_segment: s0}", "s0", time_zone=ZONE)}


@settings(max_examples=40, deadline=None, suppress_health_check=QUIET)
@given(
    rules=st.lists(moving, min_size=2, max_size=3),
    edits=st.dictionaries(st.integers(1, DAYS), st.tuples(st.integers(0, 1), moving), max_size=2),
    born=st.lists(profiles, min_size=PEOPLE, max_size=PEOPLE),
    changed=st.lists(st.tuples(on_a_day, st.integers(0, PEOPLE - 1), profiles), max_size=4),
    arriving=st.lists(st.tuples(on_a_day, st.integers(0, OWNERS - 1), events), min_size=4, max_size=16),
    passing_on=st.lists(st.tuples(on_a_day, st.integers(0, OWNERS - 1), st.integers(0, PEOPLE - 1)), max_size=3),
)
def test_evaluating_who_is_due_is_evaluating_everybody(rules, edits, born, changed, arriving, passing_on):
    people: dict[int, Any] = dict(enumerate(born))
    person_of = {owner: owner % PEOPLE for owner in range(OWNERS)}
    of_owner: dict[int, list[Any]] = {owner: [] for owner in range(OWNERS)}
    conditions = list(rules)
    known: Found = {}
    for day in range(DAYS + 1):
        as_of = AS_OF - timedelta(days=DAYS - day)
        touched = {number for number in people if number not in known or known[number][1] <= instant(as_of)}
        for when, number, profile in changed:
            if when == day:
                people[number] = profile
                touched.add(number)
        for when, owner, event in arriving:
            if when == day:
                of_owner[owner].append(event)
                touched.add(person_of[owner])
        for when, owner, number in passing_on:
            if when == day:
                touched |= {person_of[owner], number}
                person_of[owner] = number
        mine: dict[int, list[Any]] = {number: [] for number in people}
        for owner, happened in of_owner.items():
            mine[person_of[owner]] += happened
        before = all_rules(conditions)
        if day in edits:
            index, rule = edits[day]
            conditions[index] = rule
        read = all_rules(conditions)
        moved = {id for id in read if read[id] != before[id]}
        moved |= {"not_first"} if "s0" in moved else set()
        # when
        found = evaluation(read, {n: people[n] for n in touched}, mine, as_of)
        named = {id: read[id] for id in (*moved, *(["s0"] if "not_first" in moved else []))}
        for number, (held, next_change) in evaluation(
            named, {n: people[n] for n in people.keys() - touched}, mine, as_of
        ).items():
            was, was_next = known[number]
            found[number] = ((was - moved) | (held & moved), min(was_next, next_change))
        known |= found
        # then
        everybody = evaluation(read, people, mine, as_of)
        assert {number: held for number, (held, _) in known.items()} == {n: held for n, (held, _) in everybody.items()}
