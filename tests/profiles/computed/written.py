"""Computed attributes of every kind, as people write them, over the events of `tests.support.rule_people`."""

from __future__ import annotations

from profile_engine.config.problems import Problems
from profile_engine.config.yaml_document import Mapping, parse_yaml
from profile_engine.profiles.computed.attribute import ComputedAttribute
from profile_engine.profiles.computed.reading import read_computed_attribute
from tests.support.rule_people import scope

WRITTEN = """
orders: {count: {event: order}}
orders_30d: {count: {event: order}, within_last: 30 days}
visits_3h: {count: {event: [visit, order]}, within_last: 3 hours}
big_orders: {count: {event: order, where: {amount: {at_least: 10}}}, within_last: 6 months}
spent: {sum: {of: amount, event: order}}
pieces: {sum: {of: pieces, event: order}, during: this month}
weight: {sum: {of: weight, event: [order, refund]}, within_last: 90 days}
average_weight: {average: {of: weight, event: order}}
average_pieces: {average: {of: pieces, event: order}, within_last: 2 weeks}
average_amount: {average: {of: amount, event: order, where: {category: {differs_from: toys}}}}
least: {min: {of: amount, event: order}, during: last month}
latest_due: {max: {of: due, event: order}}
categories: {distinct: {of: category, event: [order, visit]}, during: this year}
first_category: {first: {of: category, event: order}}
last_category: {latest: {of: category, event: order}, within_last: 1 month}
last_order_at: {latest: {of: occurred_at, event: order}}
was_gift: {latest: {of: gift, event: order}}
favourite: {most_frequent: {of: category, event: [order, visit]}, within_last: 365 days}
usual_pieces: {most_frequent: {of: pieces, event: order}}
last_amounts: {last: {of: amount, event: order, items: 2}}
last_categories: {last: {of: category, event: [order, visit, refund], items: 3}, window: {from: 60 days ago, to: 1 day ago}}
line_value: {sum: {of: price, event: order, each: products}}
shipped_lately: {count: {event: order, where: {shipped_at: {within_last: 5 days}}}}
soon_due: {count: {event: order, where: {not: {due: {within_next: 3 days}}}}, within_last: 30 days}
"""


def attributes(text: str = WRITTEN, time_zone: str = "Europe/Amsterdam") -> dict[str, ComputedAttribute]:
    """The attributes of a text that has no problem."""
    problems = Problems()
    tree = parse_yaml(text, "computed_attributes.yaml", problems)
    assert isinstance(tree, Mapping)
    read = {name.text: read_computed_attribute(name, node, scope(time_zone=time_zone), problems) for name, node in tree}
    problems.raise_if_any()
    return {name: one for name, one in read.items() if one is not None}
