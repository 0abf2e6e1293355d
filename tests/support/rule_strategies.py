"""Hypothesis strategies: people, their events, and rules over both, as the YAML a person would write."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

AS_OF = datetime(2028, 3, 31, 0, 30, tzinfo=UTC)
"""A month's end in a leap year, near midnight, in the week after clocks changed in Europe."""
ZONES = ("UTC", "Europe/Amsterdam", "America/Sao_Paulo", "Asia/Kolkata", "Pacific/Auckland")
WORDS = ("DE", "de", "FR", "Straße", "STRASSE", "", "a%b", "sho_es", "x\ny", "é")


class Plain(str):
    """Text that stands in YAML without quotes."""


def yaml_text(node: Any) -> str:
    """Flow style; Plain as it is, other text in quotes."""
    if isinstance(node, dict):
        return "{" + ", ".join(f"{key}: {yaml_text(value)}" for key, value in node.items()) + "}"
    if isinstance(node, list):
        return "[" + ", ".join(yaml_text(item) for item in node) + "]"
    return str(node) if isinstance(node, Plain) else json.dumps(node, ensure_ascii=False)


ENDS_OF_TIME = [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
"""What sources write for "since ever" and "for ever"; in most time zones their day is none of the calendar."""
# the edges that windows have: a whole number of days before as_of, and one microsecond beside it
_near_times = st.builds(
    lambda days, micro: AS_OF - timedelta(days=days, microseconds=micro),
    st.sampled_from([-400, -31, -1, 0, 1, 2, 7, 29, 30, 31, 60, 90, 91, 92, 365, 366, 800]),
    st.sampled_from([-1, 0, 1, 1_800_000_000, 3_600_000_000, 84_600_000_000]),
)
times = st.one_of(*[_near_times] * 7, st.sampled_from(ENDS_OF_TIME))
days = st.one_of(
    st.builds(lambda off: AS_OF.date() - timedelta(days=off), st.integers(-400, 400)),
    st.sampled_from(
        [
            date(2024, 2, 29),
            date(2023, 2, 28),
            date(1999, 12, 31),
            date(2028, 1, 1),
            date(2028, 3, 1),
            date.min,
            date.max,
        ]
    ),
)
texts = st.sampled_from(WORDS)
whole = st.sampled_from([-1, 0, 1, 2, 3, 2**53, 2**53 + 1, -(2**63), 2**63 - 1])
doubles = st.sampled_from(
    [0.1, 0.2, 0.3, 0.6, 1.5, -2.0, 0.0, 1e-6, 5e-7, 1.5e-6, float(2**53), 1e300, float("nan"), float("inf")]
)
money = st.sampled_from([Decimal(text) for text in ("0.10", "0.20", "19.99", "20.00", "-5.00", "9999999999.99")])
bigs = st.sampled_from(
    [Decimal(text) for text in ("0.0001", "12345678901234567890.1234", "-99999999999999999999999999.9999")]
)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


profiles = st.fixed_dictionaries({
    "name": maybe(texts), "age": maybe(whole), "score": maybe(doubles), "balance": maybe(money), "big": maybe(bigs),
    "vip": maybe(st.booleans()), "born": maybe(days), "seen_at": maybe(times), "tags": maybe(st.lists(maybe(texts), max_size=3)),
    "codes": maybe(st.lists(maybe(whole), max_size=3)), "all": maybe(texts), "joined_at": maybe(times),
    "limits": maybe(st.dictionaries(st.sampled_from(["gold", "x y"]), maybe(whole), max_size=2)),
    "cards": maybe(st.lists(st.one_of(st.none(), st.fixed_dictionaries({"kind": maybe(texts), "points": maybe(whole)})), max_size=3)),
    "address": maybe(st.fixed_dictionaries({"country": maybe(texts), "city": maybe(texts)})),
})  # fmt: skip
events = st.fixed_dictionaries({
    "event_type": st.sampled_from(["order", "visit", "refund"]), "occurred_at": times, "category": maybe(texts),
    "amount": maybe(money), "weight": maybe(doubles), "pieces": maybe(whole), "gift": maybe(st.booleans()), "due": maybe(days),
    "shipped_at": maybe(times), "labels": maybe(st.lists(maybe(texts), max_size=2)), "shop.city": maybe(texts),
    "products": maybe(st.lists(st.fixed_dictionaries({"sku": maybe(st.sampled_from(["a", "b", "DE"])), "price": maybe(money)}), max_size=2)),
})  # fmt: skip

some_text = texts.filter(bool)
number_literals = st.sampled_from(
    [Plain(text) for text in ("-1", "0", "1", "2", "0.3", "0.6", "19.99", "20", "0.0001", "9007199254740993", "1e2", "10000000000000000000000")]
)  # fmt: skip
day_literals = days.map(lambda day: Plain(day.isoformat()))
time_literals = times.map(lambda when: Plain(when.isoformat().replace("+00:00", "Z")))
spans = st.sampled_from(
    [
        Plain(text)
        for text in (
            "1 day",
            "7 days",
            "2 weeks",
            "30 days",
            "1 month",
            "3 months",
            "13 months",
            "1 year",
            "1000 years",
        )
    ]
)
fine_spans = st.one_of(spans, st.sampled_from([Plain("1 hour"), Plain("90 minutes"), Plain("30 minutes")]))
periods = st.sampled_from(
    [Plain(f"{which} {unit}") for which in ("this", "last", "next") for unit in ("week", "month", "quarter", "year")]
    + [Plain(text) for text in ("today", "yesterday", "tomorrow", "2028-02", "2027", "2028-03-31", "0001", "9999", "9999-12", "9999-12-31")]
)  # fmt: skip
month_days = st.sampled_from([Plain(text) for text in ("02-28", "02-29", "03-31", "12-24", "01-06")])


def one(name: str, operand: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return operand.map(lambda value: {name: value})


def lists(item: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(item, min_size=1, max_size=3)


exists = one("exists", st.sampled_from([Plain("true"), Plain("false")]))


def equality(item: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(item, lists(item), one("differs_from", item), one("none_of", lists(item)), exists)


number_tests: st.SearchStrategy[Any] = st.one_of(
    equality(number_literals),
    *(one(name, number_literals) for name in ("above", "at_least", "below", "at_most")),
    one(
        "between",
        st.sampled_from(
            [[Plain("0"), Plain("0.6")], [Plain("0.3"), Plain("0.3")], [Plain("-5"), Plain("9007199254740993")]]
        ),
    ),
)
counts = st.one_of(
    *(one(name, st.sampled_from([Plain("0"), Plain("1"), Plain("2")])) for name in ("at_least", "at_most", "equals"))
)


@st.composite
def text_tests(draw: st.DrawFn) -> Any:
    test = draw(
        st.one_of(
            equality(some_text),
            *(one(name, some_text) for name in ("starts_with", "ends_with", "contains")),
            one("like", st.sampled_from(["%", "d_", "%e%", "a\\%b", "str%", "_", "stra_e"])),
            one("matches", st.sampled_from(["^[A-Z]{2}$", "e", "^.$", "s|é"])),
            one("length", counts),
            one(
                "captured",
                st.sampled_from(
                    [{"pattern": "^(.)(.)", "one_of": ["D", "d"]}, {"pattern": "(?:s|S)(.*)$", "contains": "e"}]
                ),
            ),
            one("equals", some_text),
        )
    )
    if isinstance(test, dict) and not test.keys() & {"exists", "length", "matches", "captured"} and draw(st.booleans()):
        test = {**test, "ignoring_case": Plain("true")}
    return test


def stretch_tests(literals: st.SearchStrategy[Any], lengths: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        one("before", literals), one("after", literals), one("during", periods),
        *(one(name, lengths) for name in ("within_last", "within_next", "longer_ago_than", "further_ahead_than")),
        one("between", st.sampled_from([[Plain("2027-12-31"), Plain("2028-02-29")], [Plain("0001-01-01"), Plain("9999-12-31")]])),
    )  # fmt: skip


anniversaries = one(
    "anniversary",
    st.one_of(month_days, one("within_next", spans), one("within_last", spans), one("during", periods),
              one("between", st.lists(month_days, min_size=2, max_size=2))),
)  # fmt: skip
parts_of_dates = st.one_of(
    one("year", st.sampled_from([{"at_least": Plain("2028")}, Plain("2027"), [Plain("1999"), Plain("2024")]])),
    one("month", st.sampled_from([Plain("2"), {"between": [Plain("3"), Plain("5")]}])),
    one("day_of_month", st.sampled_from([{"above": Plain("28")}, Plain("1")])),
)
date_tests = st.one_of(equality(day_literals), stretch_tests(day_literals, spans), anniversaries, parts_of_dates)
time_tests = st.one_of(
    equality(time_literals),
    stretch_tests(st.one_of(day_literals, time_literals), fine_spans),
    anniversaries,
    parts_of_dates,
)


def nested(leaf: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            *(one(word, st.lists(inner, min_size=1, max_size=3)) for word in ("all", "any", "none")), one("not", inner)
        ),
        max_leaves=4,
    )


def on_items(condition: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A test of an array that puts its items to the condition or to its complement."""
    return st.builds(
        lambda word, c: {word: c},
        st.sampled_from(["any_item", "every_item", "first_item"]),
        st.one_of(condition, one("not", condition)),
    )


array_tests = st.one_of(exists, one("size", counts), one("includes", some_text), one("includes_any", lists(some_text)),
                        one("includes_all", lists(some_text)),
                        on_items(nested(text_tests())))  # fmt: skip
item_conditions = st.one_of(one("sku", st.sampled_from(["a", "b", ["a", "DE"]])), one("price", number_tests))
card_conditions = st.one_of(
    one("kind", text_tests()),
    one("points", number_tests),
    st.just({"compute": "points * 2", "above": {"field": Plain("points")}}),
)
formulas = st.sampled_from(
    ["age + 1", "age * balance - score", "balance / age", "(age % 2) * -3 + big", "score / (score - 0.5)"]
)


def as_tests(test: Any) -> dict[str, Any]:
    return test if isinstance(test, dict) else {"one_of" if isinstance(test, list) else "equals": test}


def sides(word: str, fields: list[str], operators: list[str]) -> st.SearchStrategy[Any]:
    return st.builds(
        lambda name, field: {name: {word: Plain(field)}}, st.sampled_from(operators), st.sampled_from(fields)
    )


ORDER = ["equals", "differs_from", "above", "at_least", "below", "at_most"]
# items of an event's arrays beside attributes of its person
of_products = nested(st.one_of(
    item_conditions, one("sku", sides("profile", ["name", "address.city"], ORDER[:2])), one("sku", sides("profile", ["tags"], ["one_of", "none_of"])),
    one("price", sides("profile", ["balance", "age"], ORDER)),
))  # fmt: skip
of_labels = nested(
    one("item", st.one_of(sides("profile", ["name"], ORDER[:2]), sides("profile", ["tags"], ["one_of", "none_of"])))
)
flags = st.one_of(exists, st.sampled_from([Plain("true"), Plain("false")]))

attribute_conditions = st.one_of(
    *(one(path, text_tests()) for path in ("name", "address.country", "address.city")),
    *(one(path, number_tests) for path in ("age", "score", "balance", "big")),
    one("vip", flags), one("born", date_tests), one("seen_at", time_tests), one("tags", array_tests),
    text_tests().filter(lambda test: isinstance(test, dict)).map(lambda test: {"field": Plain("all"), **test}),
    st.builds(lambda text, test: {"compute": text, **as_tests(test)}, formulas, number_tests),
    one("age", sides("field", ["score", "balance", "big"], ORDER)), one("seen_at", sides("field", ["joined_at"], ["before", "after", "equals"])),
    st.builds(lambda test, fold: {"name": {**test, **fold}}, sides("field", ["address.city", "all"], ORDER[:2]), st.sampled_from([{}, {"ignoring_case": Plain("true")}])),
    one("name", sides("field", ["tags"], ["one_of", "none_of"])), one("age", sides("field", ["codes"], ["one_of", "none_of"])),
    one("limits.gold", number_tests), one('limits."x y"', number_tests), one("limits", st.one_of(exists, one("has_key", st.sampled_from(["gold", "x y"])))),
    one("cards", on_items(card_conditions)), one("tags", sides("field", ["name", "all"], ["includes"])),
    one("tags", sides("field", ["tags"], ["includes_any", "includes_all"])), one("address", exists),
)  # fmt: skip
field_conditions = st.one_of(
    one("category", text_tests()), one("shop.city", text_tests()),
    *(one(path, number_tests) for path in ("amount", "weight", "pieces")),
    one("gift", flags), one("due", date_tests), one("shipped_at", time_tests), one("occurred_at", time_tests), one("labels", array_tests),
    one("category", sides("profile", ["name", "address.city"], ORDER[:2])), one("category", sides("profile", ["tags"], ["one_of", "none_of"])),
    one("shop.city", sides("field", ["labels"], ["one_of", "none_of"])), one("amount", sides("profile", ["balance", "age", "score"], ORDER)),
    one("pieces", sides("field", ["weight", "amount"], ORDER)), st.builds(lambda test: {"compute": "amount * pieces", **as_tests(test)}, number_tests),
    one("products", on_items(of_products)), one("labels", on_items(of_labels)), one("labels", sides("profile", ["name"], ["includes"])),
    one("labels", sides("field", ["category"], ["includes"])), one("labels", sides("profile", ["tags"], ["includes_any", "includes_all"])),
    one("shop", exists),
)  # fmt: skip
