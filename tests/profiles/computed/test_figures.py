"""Computed attributes equal a plain-Python oracle for random people, and only events in moved windows change them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from profile_engine.profiles.computed.attribute import ComputedAttribute, asked_of_events, measure_of
from profile_engine.profiles.computed.figures import ComputedPlan, computed_values
from profile_engine.profiles.computed.moved_windows import moved_stretches
from profile_engine.rules.field_types import scale_of
from profile_engine.rules.moment import Moment, instant
from profile_engine.rules.syntax import Measure
from tests.profiles.computed.written import attributes
from tests.support.rule_people import tables
from tests.support.rules_oracle import Oracle

ZONE = "Europe/Amsterdam"
ATTRIBUTES = attributes()
PLAN = ComputedPlan.of(ATTRIBUTES, ZONE)
NOW = datetime(2026, 3, 31, 21, 30, tzinfo=UTC)
"""Half past eleven in the evening of a month's last day, in Amsterdam."""
Events = list[dict[str, Any]]


def random_events(draw: random.Random) -> Events:
    """Few values, and times that meet each other and the edges of windows."""
    times = [NOW - timedelta(days=draw.randrange(-2, 80), hours=draw.randrange(4)) for _ in range(4)]
    times += [NOW - timedelta(days=30), NOW - timedelta(hours=3), NOW - timedelta(days=370)]

    def event() -> dict[str, Any]:
        prices = [{"sku": "s", "price": draw.choice([None, Decimal("1.10"), Decimal("2.25")])} for _ in range(2)]
        return {
            "event_type": draw.choice(["order", "order", "visit", "refund"]),
            "occurred_at": draw.choice(times),
            "category": draw.choice([None, "", "shoes", "toys", "hats"]),
            "amount": draw.choice([None, Decimal("0.10"), Decimal("12.25"), Decimal("-3.00")]),
            "weight": draw.choice([None, 0.1, 0.2, 1e-7, 2.5e-6, 1e15]),
            "pieces": draw.choice([None, 1, 2, 2**62]),
            "gift": draw.choice([None, True, False]),
            "due": draw.choice([None, date(2026, 4, 2), date(2026, 3, 31)]),
            "shipped_at": draw.choice([None, NOW - timedelta(days=4), NOW - timedelta(days=20)]),
            "products": draw.choice([None, [], prices]),
        }

    return [event() for _ in range(draw.randrange(7))]


def oracle_value(attribute: ComputedAttribute, events: Events, as_of: datetime) -> Any:
    """What the attribute means for one person, from the language page."""
    measure, oracle = measure_of(attribute), Oracle(as_of, ZONE)
    if attribute.figure not in {"last", "most_frequent"}:
        return rounded(oracle.measure(measure, events, {}), attribute)
    counting = Measure("count", measure.events, None, "integer")
    name = measure.of.path  # type: ignore[union-attr]
    seen = [each for each in events if oracle.measure(counting, [each], {}) and each[name] not in (None, "")]
    if attribute.figure == "last":
        ordered = sorted(seen, key=lambda each: (each["occurred_at"], each[name]), reverse=True)
        return [each[name] for each in ordered[: attribute.items]] or None

    def rank(value: Any) -> tuple[Any, ...]:
        times = [each["occurred_at"] for each in seen if each[name] == value]
        return (len(times), max(times), value)

    return max({each[name] for each in seen}, key=rank, default=None)


def rounded(value: Any, attribute: ComputedAttribute) -> Any:
    if not isinstance(value, Fraction | int) or not attribute.field.is_decimal or value is None:
        return value
    with localcontext() as context:
        context.prec = 70
        exact = Fraction(value)
        digits = Decimal(1).scaleb(-scale_of(attribute.field.type))
        shifted = round(exact / Fraction(digits))  # half to even
        return (Decimal(shifted) * digits).quantize(digits, rounding=ROUND_HALF_EVEN)


def computed(people: Sequence[Events], as_of: datetime, *, rows: random.Random) -> list[dict[str, Any]]:
    asked = [asked_of_events(one) for one in ATTRIBUTES.values()]
    profiles, events = tables(asked, [{} for _ in people], list(people))
    order = list(range(events.num_rows))
    rows.shuffle(order)
    values = computed_values(PLAN, profiles, events.take(pa.array(order, pa.int64())), as_of)
    return pa.table(values).to_pylist()


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(min_value=0, max_value=2**32), late=st.integers(min_value=-3, max_value=40))
def test_random_people_have_the_oracles_values_in_any_order_of_rows(seed: int, late: int) -> None:
    draw, as_of = random.Random(seed), NOW + timedelta(days=late, hours=late % 5)
    people = [random_events(draw) for _ in range(8)]
    found = computed(people, as_of, rows=draw)
    for events, values in zip(people, found, strict=True):
        for name, attribute in ATTRIBUTES.items():
            assert values[name] == oracle_value(attribute, events, as_of), name


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(min_value=0, max_value=2**32), hours=st.integers(min_value=-50, max_value=2_000))
def test_by_time_alone_only_those_change_who_have_an_event_in_a_moved_stretch(seed: int, hours: int) -> None:
    draw, later = random.Random(seed), NOW + timedelta(hours=hours)
    people = [random_events(draw) for _ in range(8)]
    before, after = computed(people, NOW, rows=draw), computed(people, later, rows=draw)
    for name, attribute in ATTRIBUTES.items():
        moved = moved_stretches(attribute, Moment(NOW, ZONE), Moment(later, ZONE))
        for events, was, now in zip(people, before, after, strict=True):
            touched = any(
                first <= instant(each["occurred_at"]) <= last and each["event_type"] in attribute.events.types
                for each in events
                for first, last in moved
            )
            assert touched or was[name] == now[name], name


def test_values_have_the_types_that_the_profile_keeps() -> None:
    types = {name: one.field.whole_type for name, one in ATTRIBUTES.items()}
    assert types["spent"] == "decimal(38,2)"
    assert (types["pieces"], types["weight"], types["average_weight"]) == (
        "decimal(38,0)", "decimal(38,6)", "decimal(38,6)"
    )  # fmt: skip
    assert (types["last_amounts"], types["last_order_at"], types["favourite"]) == (
        "array<decimal(12,2)>", "timestamp", "string"
    )  # fmt: skip


def test_a_sum_beyond_all_digits_is_missing() -> None:
    plan = ComputedPlan.of(attributes("w: {sum: {of: weight, event: order}}"), ZONE)
    events = [{"event_type": "order", "occurred_at": NOW, "weight": 1e300}]
    profiles, rows = tables([asked_of_events(plan.attributes[0])], [{}, {}], [events, []])
    assert computed_values(plan, profiles, rows, NOW)["w"].to_pylist() == [None, Decimal("0.000000")]
