"""How each form of rule can be evaluated: the rows of the reference product's table, and the reasons."""

from __future__ import annotations

import pytest

from profile_engine.rules.periods import MonthDay
from profile_engine.rules.syntax import Attribute, Check, ItemField, Not, Passes
from profile_engine.segments.evaluation_method import evaluation_method
from tests.support.rule_people import parsed

DAY = "within_last: 24 hours"
SEQUENCE = "steps: [{event: visit}, {event: order, gap: {at_most: 1 hour}}]"
OTHERS = {
    "adults": "{age: {at_least: 18}}",
    "buyers": "{did: {event: order, within_last: 90 days}}",
    "fresh": f"{{all: [{{did: {{event: visit, {DAY}}}}}, {{did_not: {{event: order, {DAY}}}}}]}}",
}
ROWS = [
    # one event, at most 24 hours
    (f"{{did: {{event: order, where: {{category: a}}, {DAY}}}}}", "edge", "one event within 24 hours"),
    ("{did: {event: order, during: today}}", "edge", "one event"),
    ("{did: {event: order, within_last: 1 day}}", "edge", "one event"),
    ("{did: {event: order, window: {from: 20 hours ago, to: 2 hours ago}}}", "edge", "one event"),
    # attributes only
    ("{all: [{age: 1}, {not: {name: a}}]}", "edge", "attributes of the profile only"),
    # one event and attributes
    (f"{{all: [{{age: 1}}, {{did: {{event: order, {DAY}}}}}]}}", "edge", "and attributes"),
    # a sequence of one step is one event
    (f"{{sequence: {{steps: [{{event: visit}}], {DAY}}}}}", "edge", "one event within 24 hours"),
    # several events in their order
    (f"{{sequence: {{{SEQUENCE}, {DAY}}}}}", "streaming", "in their order"),
    (f"{{all: [{{age: 1}}, {{sequence: {{{SEQUENCE}, {DAY}}}}}]}}", "streaming", "in their order"),
    (f"{{did: {{event: order, times: {{at_least: 2}}, {DAY}}}}}", "streaming", "more than one event"),
    # a negated event beside a positive one
    (f"{{all: [{{did: {{event: visit, {DAY}}}}}, {{did_not: {{event: order, {DAY}}}}}]}}", "streaming", "beside a positive one"),
    # negated events only, however they are written
    (f"{{did_not: {{event: order, {DAY}}}}}", "batch", "negated event rules only"),
    (f"{{none: [{{did: {{event: order, {DAY}}}}}]}}", "batch", "negated event rules only"),
    (f"{{did: {{event: order, times: {{at_most: 2}}, {DAY}}}}}", "batch", "negated event rules only"),
    (f"{{did: {{event: order, times: 0, {DAY}}}}}", "batch", "negated event rules only"),
    (f"{{did: {{event: order, latest: {{of: category, exists: false}}, {DAY}}}}}", "batch", "negated event rules only"),
    (f"{{did: {{event: order, max: {{of: amount, exists: false}}, {DAY}}}}}", "batch", "negated event rules only"),
    (f"{{did: {{event: order, times: {{exists: true}}, {DAY}}}}}", "batch", "negated event rules only"),
    (f"{{not: {{did: {{event: order, latest: {{of: category, exists: false}}, {DAY}}}}}}}", "streaming", "more than one event"),
    (f"{{not: {{did_not: {{event: order, {DAY}}}}}}}", "edge", "one event"),
    # references only
    ("{in_segment: adults}", "edge", "references to segments only (adults)"),
    ("{any: [{in_segment: buyers}, {in_segment: adults}]}", "edge", "a loss is checked every 24 hours"),
    ("{in_segment: fresh}", "streaming", "it names fresh, which streams"),
    # an event beside a reference
    (f"{{all: [{{did: {{event: order, {DAY}}}}}, {{in_segment: adults}}]}}", "batch", "stands beside a reference"),
    ("{all: [{age: 1}, {in_segment: adults}]}", "batch", "attributes stand beside a reference"),
    # no window, or more than 24 hours
    ("{did: {event: order}}", "batch", "no time window"),
    ("{did: {event: order, within_last: 25 hours}}", "batch", "longer than 24 hours"),
    ("{did: {event: order, during: this month}}", "batch", "longer than 24 hours"),
    (f"{{sequence: {{{SEQUENCE}}}}}", "batch", "no time window"),
    # the year ignored
    ("{born: {anniversary: {within_next: 7 days}}}", "batch", "ignores the year"),
    ("{days: {any_item: {anniversary: {during: today}}}}", "batch", "ignores the year"),
    (f"{{did: {{event: order, where: {{days: {{any_item: {{anniversary: 05-01}}}}}}, {DAY}}}}}", "batch", "ignores the year"),
    (f"{{did: {{event: order, where: {{due: {{anniversary: 05-01}}}}, {DAY}}}}}", "batch", "ignores the year"),
    # items of an array beside the person, and beside an earlier event
    (f"{{did: {{event: order, where: {{products: {{any_item: {{sku: {{equals: {{profile: name}}}}}}}}}}, {DAY}}}}}", "edge", "and attributes"),
    (f"{{sequence: {{steps: [{{event: visit, as: v}}, {{event: order, where: {{labels: {{includes: {{step: v, field: category}}}}}}}}], {DAY}}}}}", "streaming", "in their order"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "method", "reason"), ROWS, ids=[rule for rule, *_ in ROWS])
def test_a_form_of_rule(rule: str, method: str, reason: str):
    conditions = {name: parsed(text, *OTHERS) for name, text in OTHERS.items()}
    found = evaluation_method(parsed(rule, *OTHERS), conditions)
    assert (found.method, reason in found.reason) == (method, True), found


def test_an_anniversary_of_items_ignores_the_year_too():
    item = Passes(ItemField("", "date"), Check("anniversary", MonthDay(5, 1)))
    rule = Passes(Attribute("paid_on", "array<date>"), Check("any_item", Not(item)))
    assert evaluation_method(rule, {}).method == "batch"


def test_a_merge_policy_without_the_graph_and_mixed_feeds_are_for_batch():
    rule = parsed(f"{{did: {{event: order, {DAY}}}}}")
    assert "identity graph" in evaluation_method(rule, {}, identity_graph=False).reason
    both = frozenset({"batch", "stream"})
    mixed = evaluation_method(rule, {}, event_feeds={"order": both})
    assert (mixed.method, "as a stream" in mixed.reason) == ("batch", True)
    assert evaluation_method(rule, {}, event_feeds={"order": frozenset({"stream"}), "visit": both}).method == "edge"
    two_types = parsed(f"{{did: {{event: [order, visit], {DAY}}}}}")
    apart = {"order": frozenset({"stream"}), "visit": frozenset({"batch"})}
    assert evaluation_method(two_types, {}, event_feeds=apart).method == "batch"
