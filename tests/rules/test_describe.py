"""Rules as sentences: each says exactly what the rule means."""

from __future__ import annotations

import pytest

from profile_engine.config.units import Span
from profile_engine.rules.describe import sentence
from profile_engine.rules.syntax import AllOf, Attribute, Check, Passes
from tests.support.rule_people import parsed

NAMES = {"employees": "Employees", "vip": "VIP"}


def test_the_sentence_of_the_language_page():
    rule = parsed(
        """
        all:
          - address.country: [DE, FR]
          - did: {event: order, where: {category: shoes}, within_last: 365 days, times: {at_least: 2}}
          - not: {in_segment: employees}
        """,
        "employees",
    )
    # computed attributes come later, so this one is put in by hand
    last_order = Passes(Attribute("computed.last_order_at", "timestamp"), Check("longer_ago_than", Span(90, "day")))
    assert isinstance(rule, AllOf)
    whole = AllOf((rule.conditions[0], last_order, *rule.conditions[1:]))
    assert sentence(whole, NAMES) == (
        "People whose country is DE or FR, whose last order was more than 90 days ago, who had an order with category "
        "shoes at least 2 times in the last 365 days, and who are not in Employees."
    )


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("{did: {event: order, times: {at_most: 2}}}", "who had an order at most 2 times (or never)"),
        ("{did: {event: order, times: {at_least: 1}}}", "who had an order"),
        ("{did: {event: order, times: 3}}", "who had an order exactly 3 times"),
        ("{did: {event: order, times: {between: [0, 3]}}}", "who had an order between 0 and 3 times (or never)"),
        ("{did_not: {event: [order, visit], during: last month}}", "who had no order or visit last month"),
        ("{did: {event: order, where: {gift: true}, times: all}}", "who had an order, and every one with gift true"),
        ("{did: {event: order, sum: {of: amount, below: 10}}}", "whose sum of amount over every order is below 10 (0 for those with none)"),
        ("{did: {event: order, times: {differs_from: 3}}}", "whose number of events (order) is not 3 (0 for those with none)"),
        ("{did: {event: order, times: {none_of: [3, 4]}}}", "whose number of events (order) is not 3 or 4 (0 for those with none)"),
        ("{did: {event: order, times: {none_of: [0, 4]}}}", "whose number of events (order) is not 0 or 4"),
        ("{did: {event: order, sum: {of: amount, differs_from: 3}}}", "whose sum of amount over every order is not 3 (0 for those with none)"),
        ("{did: {event: order, latest: {of: category, exists: false}}}", "whose latest order has a category that is not known (or who had none)"),
        ("{did: {event: order, max: {of: amount, exists: false}}}", "whose greatest amount over every order is not known (or who had none)"),
        ("{did: {event: order, latest: {of: category, differs_from: hats}}}", "whose latest order has a category that is known and is not hats"),
        ("{did: {event: order, latest: {of: category, equals: hats}, within_last: 7 days}}", "whose latest order in the last 7 days has a category that is hats"),
        ("{not: {did: {event: order, average: {of: amount, above: 5}}}}", "who are not among those whose average amount over every order is above 5"),
        ("{name: {length: {at_least: 3, below: 9}}}", "whose name has a length that is at least 3 and is below 9"),
        ("{name: {ends_with: x, ignoring_case: true}}", "whose name ends with x (in capitals or not)"),
        ("{name: {none_of: [a, b]}}", "whose name is known and is not a or b"),
        ('{compute: "age / 2 + score", at_least: 3}', "whose figure (age / 2 + score) is at least 3"),
        ("{age: {above: {field: score}}}", "whose age is above the score"),
        ("{cards: {any_item: {kind: gold, points: {above: 5}}}}", "whose cards has an item with kind gold and with points above 5"),
        ("{tags: {every_item: {starts_with: a}}}", "whose tags has items, every one whose item starts with a"),
        ("{tags: {every_item: {not: {starts_with: a}}}}", "whose tags has items, every one but not (whose item starts with a)"),
        ("{tags: {includes: {field: name}}}", "whose tags includes the name"),
        ("{did: {event: order, where: {labels: {includes_any: {profile: tags}}}}}", "who had an order whose labels includes one of the person's tags"),
        ("{did: {event: order, where: {labels: {includes_all: {profile: tags}}}}}", "who had an order whose labels includes each of the person's tags"),
        ("{address: {exists: false}}", "whose country is not known and whose city is not known"),
        ("{did: {event: order, where: {products: {any_item: {sku: {equals: {profile: name}}}}}}}", "who had an order whose products has an item with sku the person's name"),
        ("{sequence: {steps: [{event: visit, as: view}, {event: order, where: {products: {any_item: {sku: {equals: {step: view, field: category}}}}}}]}}",
         "who had a visit (the view), then an order whose products has an item with sku the category of the view"),
        ("{sequence: {steps: [{event: visit, as: view}, {event: order, where: {labels: {includes: {step: view, field: category}}}}, {event: visit, where: {category: {one_of: {step: view, field: labels}}}}]}}",
         "who had a visit (the view), then an order whose labels includes the category of the view, then a visit with category one of the labels of the view"),
        ("{limits.gold: 5}", "whose gold is 5"),
        ("{did: {event: order, where: {category: {equals: {profile: name}}}}}", "who had an order with category the person's name"),
        ("{did: {event: order, each: products, where: {sku: a}, sum: {of: price, above: 5}}}",
         "whose sum of price over every item of products of an event order with sku a is above 5"),
        ("{sequence: {steps: [{event: visit, as: view}, {without: refund}, {event: order, where: {category: {equals: {step: view, field: category}}}, gap: {at_least: 1 hour, at_most: 1 day}}, {without: refund, gap: {at_most: 2 days}}], within_last: 30 days}}",
         "who had a visit (the view), with no refund before the next step, then an order with category the category of the view at least 1 hour and at most 1 day later, "
         "and no refund in the 2 days after it, which have passed in the last 30 days"),
        ("{born: 2026-05-31}", "whose born was 2026-05-31"),
        ("{born: {anniversary: {within_next: 7 days}}}", "whose born has an anniversary that is in the next 7 days"),
        ("{seen_at: {exists: false}}", "whose seen is not known"),
        ("{any: [{age: 1}, {all: [{age: 2}, {vip: true}]}]}", "whose age is 1 or (whose age is 2 and whose vip is true)"),
        ("{none: [{age: 1}, {in_segment: vip}]}", "who are not among those whose age is 1 or who are in VIP"),
        ("{did: {event: order, where: {category: a, amount: {above: 1}}, window: {from: 90 days ago, to: 30 days ago}}}",
         "who had an order with category a and with amount above 1 from 90 days ago to 30 days ago"),
    ],
)  # fmt: skip
def test_each_says_what_it_means(rule: str, told: str):
    assert sentence(parsed(rule, "vip"), NAMES) == f"People {told}."


def test_two_fields_of_one_name_are_told_apart():
    rule = parsed("{all: [{address.city: Porto}, {did: {event: order, where: {shop.city: Porto}}}]}")
    assert sentence(rule, {}) == "People whose city is Porto and who had an order with city Porto."
