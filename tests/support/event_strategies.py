"""Hypothesis strategies: figures over events, events taken item by item, sequences of events, and whole rules of every kind."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.support.rule_strategies import (
    ORDER,
    Plain,
    as_tests,
    attribute_conditions,
    counts,
    day_literals,
    field_conditions,
    fine_spans,
    item_conditions,
    nested,
    number_tests,
    of_labels,
    of_products,
    on_items,
    one,
    periods,
    text_tests,
    time_literals,
    time_tests,
)

windows = st.one_of(
    st.just({}),
    one("within_last", fine_spans),
    one("during", periods),
    one("between", st.just([Plain("2027-12-31"), Plain("2028-03-01")])),
    one("before", day_literals),
    st.builds(lambda low: {"after": low, "within_last": Plain("365 days")}, time_literals),
    one("window", st.sampled_from([
        {"from": Plain("90 days ago"), "to": Plain("30 days ago")}, {"from": Plain("2028-01-01")}, {"to": Plain("2 months ago")},
        {"from": Plain("2027-12-31"), "to": Plain("2028-02-29T22:59:59.999999Z")},
    ])),
)  # fmt: skip
measures = st.one_of(
    st.just({}),
    one("times", counts),
    *(st.builds(lambda test, name, of: {name: {"of": Plain(of), **as_tests(test)}}, number_tests, st.just(name), st.sampled_from(["amount", "weight", "pieces"]))
      for name in ("sum", "average", "min", "max", "distinct")),
    *(st.builds(lambda test, name: {name: {"of": Plain("category"), **as_tests(test)}}, text_tests(), st.just(name)) for name in ("first", "latest")),
    st.builds(lambda test, name: {name: {"of": Plain("occurred_at"), **as_tests(test)}}, time_tests, st.sampled_from(["min", "latest", "first"])),
)  # fmt: skip


@st.composite
def event_conditions(draw: st.DrawFn) -> Any:
    types = draw(
        st.one_of(
            st.sampled_from(["order", "visit"]),
            st.lists(st.sampled_from(["order", "visit", "refund"]), min_size=1, max_size=3, unique=True),
        )
    )
    where = draw(st.one_of(st.just({}), one("where", nested(field_conditions))))
    measure = draw(measures)
    if where and draw(st.integers(0, 7)) == 0:
        measure = {"times": Plain("all")}
    body = {"event": types, **where, **draw(windows), **measure}
    return {draw(st.sampled_from(["did", "did_not"])): body}


@st.composite
def item_events(draw: st.DrawFn) -> Any:
    """Events taken item by item."""
    where = draw(
        st.one_of(
            st.just({}),
            one("where", st.one_of(of_products, one("labels", on_items(of_labels)), one("category", text_tests()))),
        )
    )
    measure = draw(st.one_of(
        st.just({}), one("times", counts),
        st.builds(lambda name, test: {name: {"of": Plain("price"), **as_tests(test)}}, st.sampled_from(["sum", "max", "latest", "distinct", "average"]), number_tests),
    ))  # fmt: skip
    return {"did": {"event": [Plain("order")], "each": Plain("products"), **where, **draw(windows), **measure}}


gaps = st.sampled_from(
    [
        {},
        {"at_most": Plain("1 day")},
        {"at_least": Plain("1 hour")},
        {"at_least": Plain("1 day"), "at_most": Plain("30 days")},
    ]
)
step_types = st.sampled_from(["order", "visit", ["order", "refund"]])


@st.composite
def sequences(draw: st.DrawFn) -> Any:
    steps: list[Any] = []
    for number in range(draw(st.integers(1, 4))):
        if number and draw(st.integers(0, 2)) == 0:
            steps.append({"without": draw(step_types), **draw(_step_filter(number))})
        gap = draw(gaps) if number else {}
        steps.append(
            {
                "event": draw(step_types),
                **draw(_step_filter(number)),
                **({"gap": gap} if gap else {}),
                "as": Plain(f"s{number}"),
            }
        )
    if draw(st.integers(0, 2)) == 0:
        gap = draw(st.sampled_from([{}, {"gap": {"at_most": Plain("2 days")}}]))
        steps.append({"without": draw(step_types), **draw(_step_filter(len(steps) and 1)), **gap})
    return {"sequence": {"steps": steps, **draw(windows)}}


def _sides(step: st.SearchStrategy[int], fields: list[str], names: list[str]) -> st.SearchStrategy[Any]:
    """A test that names a field of the event which an earlier step chose."""
    return st.builds(
        lambda number, field, name: {name: {"step": Plain(f"s{number}"), "field": Plain(field)}},
        step, st.sampled_from(fields), st.sampled_from(names),
    )  # fmt: skip


def _step_filter(number: int) -> st.SearchStrategy[Any]:
    choices = [st.just({}), one("where", field_conditions)]
    if number:
        step = st.integers(0, number - 1)
        side = st.one_of(
            *(one(field, _sides(step, [field], ORDER[:2])) for field in ("category", "pieces")),
            one("category", _sides(step, ["labels"], ["one_of", "none_of"])),
            one("labels", _sides(step, ["category"], ["includes"])),
            one("labels", _sides(step, ["labels"], ["includes_any", "includes_all"])),
            one("labels", on_items(one("item", _sides(step, ["category"], ORDER[:2])))),
            one("labels", on_items(one("item", _sides(step, ["labels"], ["one_of", "none_of"])))),
            one("products", on_items(nested(st.one_of(
                item_conditions, one("sku", _sides(step, ["category", "shop.city"], ORDER[:2])), one("price", _sides(step, ["amount"], ORDER)),
            )))),
        )  # fmt: skip
        choices += [
            one("where", side),
            one("where", st.builds(lambda c, other: {"any": [c, other]}, side, field_conditions)),
        ]
    return st.one_of(choices)


conditions = nested(st.one_of(attribute_conditions, event_conditions(), item_events(), sequences()))
