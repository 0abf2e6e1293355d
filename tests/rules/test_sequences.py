"""Sequences of events: every choice counts, gaps and exclusions are exact, earlier events can be named."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profile_engine.rules import clock, sequences
from profile_engine.rules.arrow_columns import column_of
from profile_engine.rules.evaluate import members
from profile_engine.rules.program import Program
from tests.support.event_strategies import sequences as sequence_rules
from tests.support.rule_people import at, parsed, tables
from tests.support.rule_strategies import AS_OF, yaml_text
from tests.support.rules_oracle import Oracle

NOW = at("2026-05-31T12:00:00Z")
TYPES = {"A": "visit", "B": "order", "X": "refund"}


def holds(steps: str, history: str, window: str = "") -> bool:
    """`history` such as `A-50h B-2h:red`: type, hours before as_of, and a category."""
    for letter, name in TYPES.items():
        steps = steps.replace(f" {letter}", f" {name}")
    rule = parsed(f"{{sequence: {{steps: [{steps}]{window}}}}}")
    happened = []
    for one in history.split():
        what, _, category = one.partition(":")
        when = NOW - timedelta(hours=float(what[2:-1]))
        happened.append({"event_type": TYPES[what[0]], "occurred_at": when, "category": category or None})
    found = members(Program.of({"s": rule}, "UTC"), *tables([rule], [{}], [happened]), NOW)
    assert bool(found[0, 0]) == Oracle(NOW, "UTC").member(rule, {}, happened)
    return bool(found[0, 0])


@pytest.mark.parametrize(
    ("steps", "history", "expected"),
    [
        ("{event: A}, {event: B}", "A-3h B-2h", True),
        ("{event: A}, {event: B}", "B-3h A-2h", False),
        ("{event: A}, {event: B}", "A-2h B-2h", False),  # two events of one time are in no order
        ("{event: A}, {event: A}", "A-2h", False),
        # A .. A .. B with B within a day of A: the first A fails, the second does not
        ("{event: A}, {event: B, gap: {at_most: 1 day}}", "A-50h A-10h B-2h", True),
        ("{event: A}, {event: B, gap: {at_most: 1 day}}", "A-50h B-2h", False),
        # and the latest A before B is not the right one where a gap has to be long
        ("{event: A}, {event: B, gap: {at_least: 1 day}}", "A-50h A-10h B-2h", True),
        # after 1 hour and within 24 hours takes 12 hours and refuses 36
        ("{event: A}, {event: B, gap: {at_least: 1 hour, at_most: 24 hours}}", "A-14h B-2h", True),
        ("{event: A}, {event: B, gap: {at_least: 1 hour, at_most: 24 hours}}", "A-38h B-2h", False),
        ("{event: A}, {event: B, gap: {at_least: 1 hour, at_most: 24 hours}}", "A-26h B-2h", True),
        ("{event: A}, {event: B, gap: {at_least: 1 hour, at_most: 24 hours}}", "A-2.5h B-2h", False),
        # a middle step that greedy choice would take too early
        ("{event: A}, {event: X, gap: {at_most: 5 hours}}, {event: B, gap: {at_most: 5 hours}}", "A-20h X-18h A-9h X-6h B-2h", True),
        ("{event: A}, {event: X, gap: {at_most: 5 hours}}, {event: B, gap: {at_most: 5 hours}}", "A-20h X-18h X-6h B-2h", False),
        # exclusions between steps: nothing in the gap, of some choice
        ("{event: A}, {without: X}, {event: B}", "A-9h X-5h B-2h", False),
        ("{event: A}, {without: X}, {event: B}", "A-9h X-5h A-4h B-2h", True),
        ("{event: A}, {without: X}, {event: B}", "A-9h X-9h X-2h B-2h", True),
        # a last exclusion: none after, and the time has passed
        ("{event: A}, {without: B}", "A-9h", True),
        ("{event: A}, {without: B}", "A-9h B-1h", False),
        ("{event: A}, {without: B}", "B-9h A-1h", True),
        ("{event: A}, {without: B, gap: {at_most: 4 hours}}", "A-9h B-1h", True),
        ("{event: A}, {without: B, gap: {at_most: 4 hours}}", "A-9h B-5h", False),
        ("{event: A}, {without: B, gap: {at_most: 4 hours}}", "A-3h", False),
        ("{event: A}, {without: B, gap: {at_most: 4 hours}}", "A-4h", True),
        # variables of an earlier event
        ("{event: A, as: a}, {event: B, where: {category: {equals: {step: a, field: category}}}}", "A-9h:red A-8h:blue B-2h:red", True),
        ("{event: A, as: a}, {event: B, where: {category: {equals: {step: a, field: category}}}}", "A-9h:red B-2h:blue", False),
        ("{event: A, as: a}, {event: B, where: {category: {equals: {step: a, field: category}}}}", "A-9h B-2h", False),
        ("{event: A, as: a}, {event: X}, {event: B, where: {category: {equals: {step: a, field: category}}}}", "A-9h:red A-8h:blue X-5h B-2h:red", True),
        ("{event: A, as: a}, {without: B, where: {category: {equals: {step: a, field: category}}}}", "A-9h:red B-8h:red A-5h:blue B-2h:red", True),
        ("{event: A, as: a}, {without: B, where: {category: {equals: {step: a, field: category}}}}", "A-9h:red B-8h:red A-5h:blue B-2h:blue", False),
        ("{event: A, as: a}, {without: X, where: {category: {equals: {step: a, field: category}}}}, {event: B}", "A-9h:red X-5h:blue B-2h", True),
        ("{event: A, as: a}, {without: X, where: {category: {equals: {step: a, field: category}}}}, {event: B}", "A-9h:red X-5h:red B-2h", False),
        ("{event: A}", "", False),
        ("{event: A}, {event: A}, {event: A}, {event: B}, {event: A}, {event: B}", "A-9h A-8h A-7h B-6h A-5h B-4h", True),
    ],
)  # fmt: skip
def test_a_sequence(steps: str, history: str, expected: bool):
    assert holds(steps, history) is expected


def seen(hours: float, category: str | None, *labels: str | None) -> dict[str, Any]:
    when = NOW - timedelta(hours=hours)
    return {
        "event_type": "visit",
        "occurred_at": when,
        "category": category,
        "labels": list(labels) if labels else None,
    }


def bought(hours: float, *skus: str | None, labels: list[str | None] | None = None) -> dict[str, Any]:
    lines = [{"sku": sku, "price": None} for sku in skus]
    return {"event_type": "order", "occurred_at": NOW - timedelta(hours=hours), "products": lines, "labels": labels}


@pytest.mark.parametrize(
    ("where", "history", "expected"),
    [
        # viewed a product, then bought it in an order with lines
        ("{products: {any_item: {sku: {equals: {step: v, field: category}}}}}", [seen(9, "a"), bought(2, "b", "a")], True),
        ("{products: {any_item: {sku: {equals: {step: v, field: category}}}}}", [seen(9, "c"), bought(2, "b", "a")], False),
        ("{products: {any_item: {sku: {equals: {step: v, field: category}}}}}", [seen(9, "a"), seen(8, "c"), bought(2, "b", "a")], True),
        ("{products: {any_item: {sku: {equals: {step: v, field: category}}}}}", [seen(9, None), bought(2, None)], False),
        ("{products: {any_item: {sku: {equals: {step: v, field: category}}}}}", [bought(9, "a"), seen(2, "a")], False),
        ("{products: {any_item: {not: {sku: {equals: {step: v, field: category}}}}}}", [seen(9, None), bought(2, "a")], True),
        ("{products: {every_item: {sku: {equals: {step: v, field: category}}}}}", [seen(9, "a"), bought(2, "a", "a")], True),
        ("{products: {every_item: {sku: {equals: {step: v, field: category}}}}}", [seen(9, "a"), bought(2, "a", "b")], False),
        ("{products: {every_item: {sku: {equals: {step: v, field: category}}}}}", [seen(9, "a"), bought(2)], False),
        ("{products: {first_item: {sku: {one_of: {step: v, field: labels}}}}}", [seen(9, None, "b", None), bought(2, "b", "c")], True),
        ("{products: {first_item: {sku: {one_of: {step: v, field: labels}}}}}", [seen(9, None, "c"), bought(2, "b", "c")], False),
        ("{not: {products: {any_item: {sku: {equals: {step: v, field: category}}}}}}", [seen(9, "a"), bought(2, "a")], False),
        ("{not: {products: {any_item: {sku: {equals: {step: v, field: category}}}}}}", [seen(9, "c"), bought(2, "a")], True),
        ("{labels: {includes: {step: v, field: category}}}", [seen(9, "a"), bought(2, labels=["b", "a"])], True),
        ("{labels: {includes: {step: v, field: category}}}", [seen(9, "c"), bought(2, labels=["b", "a"])], False),
        ("{labels: {includes: {step: v, field: category}}}", [seen(9, None), bought(2, labels=[None])], False),
        ("{labels: {any_item: {one_of: {step: v, field: labels}}}}", [seen(9, None, "x", "a"), bought(2, labels=["b", "a"])], True),
        ("{labels: {any_item: {one_of: {step: v, field: labels}}}}", [seen(9, None, "x"), bought(2, labels=["b", "a"])], False),
        ("{labels: {any_item: {one_of: {step: v, field: labels}}}}", [seen(9, None, None), bought(2, labels=[None])], False),
        # two arrays against each other
        ("{labels: {includes_any: {step: v, field: labels}}}", [seen(9, None, "x", "a"), bought(2, labels=["b", "a"])], True),
        ("{labels: {includes_any: {step: v, field: labels}}}", [seen(9, None, "x", None), bought(2, labels=["b", None])], False),
        ("{labels: {includes_any: {step: v, field: labels}}}", [seen(9, None), bought(2, labels=["b"])], False),
        ("{labels: {includes_all: {step: v, field: labels}}}", [seen(9, None, "a", None, "b"), bought(2, labels=["b", "c", "a"])], True),
        ("{labels: {includes_all: {step: v, field: labels}}}", [seen(9, None, "a", "b"), bought(2, labels=["a"])], False),
        ("{labels: {includes_all: {step: v, field: labels}}}", [seen(9, None, None), bought(2, labels=["a"])], False),
        ("{not: {labels: {includes_all: {step: v, field: labels}}}}", [seen(9, None), bought(2, labels=["a"])], True),
    ],
)  # fmt: skip
def test_an_earlier_event_is_named_in_tests_of_an_array(where: str, history: list[dict[str, Any]], expected: bool):
    # given
    rule = parsed(f"{{sequence: {{steps: [{{event: visit, as: v}}, {{event: order, where: {where}}}]}}}}")
    # when
    found = members(Program.of({"s": rule}, "UTC"), *tables([rule], [{}], [history]), NOW)
    # then, as plain Python has it too
    assert bool(found[0, 0]) is expected
    assert Oracle(NOW, "UTC").member(rule, {}, history) is expected


def test_events_that_named_steps_chose_are_as_one_only_where_their_arrays_are_alike():
    # given arrays that a careless code would take for one: the same items in other numbers, or a missing one
    wanted = [["a"], ["a", "a"], ["a", None], [None, "a"], ["b", "a"], [None], [], None]
    lists = column_of(pa.array(wanted + wanted, pa.list_(pa.string())), "array<string>")
    # when
    codes = sequences._code(lists).tolist()
    # then
    assert codes[:8] == codes[8:]
    assert len(set(codes)) == 8
    assert codes[7] == -1


def test_all_steps_are_in_the_window_and_a_last_exclusion_looks_up_to_as_of():
    assert not holds("{event: A}, {event: B}", "A-30h B-2h", ", within_last: 1 day")
    assert holds("{event: A}, {event: B}", "A-20h B-2h", ", within_last: 1 day")
    assert not holds("{event: A}, {without: B}", "A-20h B-2h", ", window: {to: 10 hours ago}")


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rules=st.lists(sequence_rules(), min_size=1, max_size=6),
    histories=st.lists(
        st.lists(
            st.tuples(
                st.sampled_from(["order", "visit", "refund"]),
                st.sampled_from([0, 1, 2, 23, 24, 25, 48, 49, 72, 720, 721]),
                st.sampled_from(["DE", "de", None]),
                st.sampled_from([1, 2, None]),
                st.sampled_from([None, [], ["DE"], ["de", None], ["DE", "de"]]),
            ),
            max_size=9,
        ),
        min_size=1,
        max_size=4,
    ),
    few_pairs=st.booleans(),
    far_apart=st.booleans(),
)
def test_every_choice_is_tried(rules: list[Any], histories: list[Any], few_pairs: bool, far_apart: bool):
    # given
    people = [
        [
            {
                "event_type": kind,
                "occurred_at": AS_OF - timedelta(hours=hours),
                "category": category,
                "pieces": pieces,
                "labels": words,
                "products": words and [{"sku": word, "price": None} for word in words],
            }
            for kind, hours, category, pieces, words in history
        ]
        for history in histories
    ]
    read = {f"s{number}": parsed(yaml_text(rule)) for number, rule in enumerate(rules)}
    profiles: list[dict[str, Any]] = [{"age": 1, "name": "DE"} for _ in people]
    at_once, fits = sequences._PAIRS_AT_ONCE, clock._FITS
    # when
    try:
        sequences._PAIRS_AT_ONCE = 2 if few_pairs else at_once  # the work in many parts gives the same
        clock._FITS = 1 if far_apart else fits  # and so do times that are too far apart for one key
        found = members(Program.of(read, "UTC"), *tables(list(read.values()), profiles, people), AS_OF)
    finally:
        sequences._PAIRS_AT_ONCE, clock._FITS = at_once, fits
    # then
    oracle = Oracle(AS_OF, "UTC")
    expected = [
        [oracle.member(rule, person, mine) for person, mine in zip(profiles, people, strict=True)]
        for rule in read.values()
    ]
    assert found.tolist() == expected, [yaml_text(rule) for rule in rules]


def test_two_variables_of_one_busy_person_are_no_matter_of_all_pairs(monkeypatch: pytest.MonkeyPatch):
    # given 1,500 events, each with a value of its own, so that no choice satisfies every step
    times = [AS_OF - timedelta(minutes=minute) for minute in range(1500)]
    events = [
        {"event_type": ("order", "visit")[n % 2], "occurred_at": time, "category": f"c{n}"}
        for n, time in enumerate(times)
    ]
    rule = parsed(
        "{sequence: {steps: [{event: visit, as: v}, {event: order, as: w},"
        " {event: visit, where: {category: {equals: {step: v, field: category}}}},"
        " {event: order, where: {category: {equals: {step: w, field: category}}}}], within_last: 60 days}}"
    )
    pairs, counts = sequences._pairs, []

    def counted(first: Any, after: Any) -> Any:
        for stretches, places in pairs(first, after):
            counts.append(len(places))
            yield stretches, places

    monkeypatch.setattr(sequences, "_pairs", counted)
    # when
    found = members(Program.of({"s": rule}, "UTC"), *tables([rule], [{}], [events]), AS_OF)
    # then the pairs are those of the first two steps, not these again with each later visit
    assert (found.tolist(), sum(counts) <= 750 * 750) == ([[False]], True)
