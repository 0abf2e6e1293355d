"""Every mistake in a rule is found, at its line and column, with what was meant; many at once, none hides another."""

from __future__ import annotations

import pytest

from profile_engine.rules.evaluate import members
from profile_engine.rules.program import Program
from tests.support.rule_people import at, parsed, problems_of, tables

MISTAKES = [
    # (rule, code, column, part of the message or hint)
    ("{adress.country: DE}", "E301", 2, "did you mean 'address.country'?"),
    ("{address: DE}", "E301", 2, "write address.country"),
    ("{xyzzy: DE}", "E301", 2, "words that may stand here: all, any, none, not, field, compute, did, did_not, sequence, in_segment"),
    ("{sequence: {steps: []}}", "E314", 12, "takes a list of 'steps'"),
    ("{sequence: {steps: [{event: order, gap: {at_most: 1 day}}]}}", "E314", 21, "no step before it"),
    ("{sequence: {steps: [{without: order}, {event: order}]}}", "E314", 21, "needs a step before it"),
    ("{sequence: {steps: [{event: order}, {without: order, gap: {at_most: 1 day}}, {event: visit}]}}", "E314", 37, "only a last"),
    ("{sequence: {steps: [{event: order}, {event: visit, gap: {at_most: 1 month}}]}}", "E314", 67, "write it in days"),
    ("{sequence: {steps: [{event: order}, {event: visit, gap: {at_most: 1 hour, at_least: 1 day}}]}}", "E314", 57, "turn them round"),
    ("{sequence: {steps: [{event: order, as: a}, {event: visit, where: {category: {equals: {step: b, field: category}}}}]}}", "E314", 93, "known: a"),
    ("{sequence: {steps: [{event: order}], in_last: 3 days}}", "E314", 38, "did you mean 'within_last'?"),
    ('{compute: "age + 1"}', "E310", 1, "is given no test"),
    ('{compute: "age + ", above: 1}', "E303", 11, "it ends where a number"),
    ('{compute: "age + name", above: 1}', "E309", 11, "needs numbers, and 'name' is text"),
    ('{compute: "age + agee", above: 1}', "E301", 11, "did you mean 'age'?"),
    ("{age: {field: score}}", "E310", 8, "write {equals: {field: x}}"),
    ("{age: {equals: {field: name}}}", "E309", 16, "a number can't be compared with text"),
    ("{name: {contains: {field: all}}}", "E303", 19, "compares with literals only"),
    ("{age: {equals: {profile: age}}}", "E303", 16, "inside of events only"),
    ("{tags: {any_item: {equals: {profile: name}}}}", "E303", 28, "an item is compared with fields of its own"),
    ("{did: {event: order, where: {products: {any_item: {sku: {equals: {profile: age}}}}}}}", "E309", 66, "text can't be compared with a number"),
    ("{did: {event: order, where: {products: {any_item: {sku: {equals: {step: v, field: category}}}}}}}", "E314", 73, "no earlier step is named 'v'"),
    ("{sequence: {steps: [{event: visit, as: v}, {event: order, where: {products: {any_item: {sku: {equals: {step: w, field: category}}}}}}]}}", "E314", 110, "no earlier step is named 'w'; known: v"),
    ("{sequence: {steps: [{event: visit, as: v}, {event: order, where: {category: {one_of: {step: v, field: shop.city}}}}]}}", "E309", 86, "looked for in an array of such values, and text stands there"),
    ("{tags: {includes: {field: age}}}", "E309", 19, "'includes' looks for text here, and a number stands there"),
    ("{tags: {includes: {field: tags}}}", "E309", 19, "write includes_any"),
    ("{cards: {includes: {field: name}}}", "E309", 20, "'includes' looks for an object here"),
    ("{tags: {any_item: {not: {item: a}, starts_with: q}}}", "E301", 36, "item: {starts_with: ..}"),
    ("{tags: {includes_any: {field: name}}}", "E309", 23, "write includes: {..} to look for one value"),
    ("{tags: {includes_all: {field: codes}}}", "E309", 23, "the items of another array of such values"),
    ("{address: {exists: true, country: NL}}", "E301", 2, "write address.country, or address: {exists: false}"),
    ("{address: {exists: maybe}}", "E303", 20, "write it like true or false"),
    ("{limits: gold}", "E309", 10, "write limits.key"),
    ("{cards: {any_item: {kin: a}}}", "E301", 21, "did you mean 'kind'?"),
    ("{did: {event: ordr}}", "E302", 15, "did you mean 'order'?"),
    ("{did: {event: order, where: {catgory: a}}}", "E301", 30, "did you mean 'category'?"),
    ("{did: {event: order, where: {did: {event: order}}}}", "E301", 30, "unknown event field or word 'did'"),
    ("{did: {event: order, where: {name: a}}}", "E301", 30, "unknown event field or word 'name'"),
    ("{age: old}", "E303", 7, "'old' is not a number, and the field is of type integer"),
    ("{age: \"5\"}", "E303", 7, "leave the quotes away: 5"),
    ("{vip: yes}", "E303", 7, "write it like true or false"),
    ("{born: 31.05.2026}", "E303", 8, "write it like 2026-05-31"),
    ("{born: 2026-02-30}", "E303", 8, "is not a date"),
    ("{born: {before: 2026-05-31T12:00:00Z}}", "E303", 17, "is not a date"),
    ("{seen_at: 2026-05-31}", "E303", 11, "write {during: 2026-05-31}"),
    ("{age: null}", "E304", 7, "write {exists: false}"),
    ("{age: }", "E304", 6, "write {exists: false}"),
    ("{name: {one_of: [a, ~]}}", "E304", 21, "null is no value"),
    ("{name: \"\"}", "E304", 8, "empty text is missing"),
    ("{tags: null}", "E304", 8, "null is no value"),
    ("{all: {age: 1}}", "E305", 7, "'all' takes a list, and here is a mapping"),
    ("{any: []}", "E305", 7, "'any' has an empty list"),
    ("[{age: 1}]", "E305", 1, "write all: [..] or any: [..]"),
    ("{not: 5}", "E305", 7, "a value stands where a condition is needed"),
    ("{did: order}", "E305", 7, "write {event: order"),
    ("{tags: sport}", "E306", 8, "write {includes: sport}"),
    ("{tags: [sport, art]}", "E306", 8, "includes_any"),
    ("{born: {within_last: 24 hours}}", "E307", 22, "which has no hours"),
    ("{in_segment: vpi}", "E308", 14, "did you mean 'vip'?"),
    ("{in_segment: [vip, nobody]}", "E308", 20, "unknown segment 'nobody'"),
    ("{name: {above: 5}}", "E309", 9, "'above' does not fit 'name', which is text"),
    ("{age: {within_last: 5 days}}", "E309", 8, "does not fit 'age', which is a number"),
    ("{age: {equals: 5, ignoring_case: true}}", "E309", 19, "fits text only"),
    ("{name: {ignoring_case: true}}", "E310", 8, "is given no test"),
    ("{name: {exists: true, ignoring_case: true}}", "E310", 9, "stands beside no test of text"),
    ("{age: {atleast: 5}}", "E310", 8, "did you mean 'at_least'?"),
    ("{tags: {any_itm: {equals: a}}}", "E310", 9, "any_item"),
    # words of other languages
    ("{name: {not_equals: a}}", "E310", 9, "did you mean 'differs_from'?"),
    ("{name: {not_in: [a]}}", "E310", 9, "did you mean 'none_of'?"),
    ("{name: {does_not_contain: a}}", "E310", 9, "write 'contains', and not: before the whole condition"),
    ("{tags: {not_includes: a}}", "E310", 9, "write 'includes', and not: before the whole condition"),
    ("{name: {is_null: true}}", "E310", 9, "write exists: false"),
    ("{age: {is: 3}}", "E310", 8, "did you mean 'equals'?"),
    ("{age: {gt: 3}}", "E310", 8, "did you mean 'above'?"),
    ("{seen_at: {gt: 2026-01-01}}", "E310", 12, "did you mean 'after'?"),
    ("{born: {above: 2026-01-01}}", "E309", 9, "did you mean 'after'?"),
    ("{tags: {contains: a}}", "E309", 9, "did you mean 'includes'?"),
    ("{did: {event: order, times: {gte: 3}}}", "E310", 30, "did you mean 'at_least'?"),
    ("{or: [{age: 1}, {age: 2}]}", "E301", 2, "did you mean 'any'?"),
    ("{did: {event: order, where: {and: [{gift: true}]}}}", "E301", 30, "did you mean 'all'?"),
    # a sign before a number is a test, with quotes and without
    ("{age: '> 3'}", "E303", 7, "write {above: 3}"),
    ("{age: <3}", "E303", 7, "write {below: 3}"),
    ("{born: '> 2026-01-01'}", "E303", 8, "write {after: 2026-01-01}"),
    ("{age: >3}", "E102", 7, "write it as a test: {age: {above: 3}}"),
    ("age: >= 3", "E102", 7, "write it as a test: age: {at_least: 3}"),
    # a value that begins before the place where the scanner gives up
    ("name: {matches: [A-Z]+}", "E102", 22, 'put it in quotes: name: {matches: "[A-Z]+"}'),
    ("{any: [{name: [A-Z]+}, {age: 1}]}", "E102", 20, 'put it in quotes: {any: [{name: "[A-Z]+"}, {age: 1}]}'),
    ('{compute: "' + "(" * 340 + "age + 1" + ")" * 340 + '", above: 1}', "E303", 11, "more than 100 operators and brackets"),
    ('{compute: "age' + " + age" * 2000 + '", above: 1}', "E303", 11, "more than 100 operators and brackets"),
    ("{did: {event: order, within: 5 days}}", "E311", 22, "unknown word 'within' about events; did you mean 'within_last'?"),
    ("{did: {within_last: 5 days}}", "E311", 7, "'event' is missing"),
    ("{did: {event: order, each: amount}}", "E309", 28, "needs an array"),
    ("{did: {event: order, times: {at_least: 1}, sum: {of: amount, above: 1}}}", "E311", 44, "only one measure can"),
    ("{did: {event: order, sum: {above: 1}}}", "E311", 27, "needs 'of'"),
    ("{did: {event: order, sum: {of: category, above: 1}}}", "E309", 32, "'sum' needs a number, and 'category' is text"),
    ("{did: {event: order, sum: {of: amont, above: 1}}}", "E301", 32, "did you mean 'amount'?"),
    ("{did: {event: order, sum: {of: amount}}}", "E310", 27, "is given no test"),
    ("{did: {event: order, times: all}}", "E311", 29, "which is missing"),
    ("{did: {event: order, times: {at_least: many}}}", "E303", 40, "'many' is not a number"),
    ("{did: {event: order, within_last: 5}}", "E312", 35, "'90 days'"),
    ("{did: {event: order, within_last: 999999 days}}", "E312", 35, "1,000 years"),
    ("{did: {event: order, window: {from: 99999999999 days ago}}}", "E312", 37, "1,000 years"),
    ("{seen_at: {longer_ago_than: 1001 years}}", "E312", 29, "1,000 years"),
    ("{sequence: {steps: [{event: order}, {event: visit, gap: {at_most: 999999 days}}]}}", "E312", 67, "1,000 years"),
    ("{did: {event: order, during: last decade}}", "E312", 30, "not a period"),
    ("{did: {event: order, window: {since: 3 days ago}}}", "E312", 30, "'from', 'to' or both"),
    ("{did: {event: order, between: [2026-05-01, 2026-04-01]}}", "E303", 32, "write [2026-04-01, 2026-05-01]"),
    ("{age: {between: [1, 2, 3]}}", "E303", 17, "needs two values, and here are 3"),
    ("{age: {between: 1}}", "E303", 17, "needs a list"),
    ("{name: {matches: \"(?=a)b\"}}", "E313", 18, "look-around"),
    ("{name: {matches: \"[a\"}}", "E313", 18, "not a regular expression"),
    ("{name: {matches: \"(a)\\\\1\"}}", "E313", 18, "does not mean the same everywhere"),
    ("{born: {anniversary: {before: 2026-01-01}}}", "E310", 23, "is no test of an anniversary"),
    ("{born: {anniversary: 02-30}}", "E312", 22, "is not a day of the year"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "code", "column", "part"), MISTAKES, ids=[rule[:120] for rule, *_ in MISTAKES])
def test_a_mistake_is_shown_at_its_place(rule: str, code: str, column: int, part: str):
    found = problems_of(rule, "vip")
    assert [(one[0], one[1], one[2]) for one in found] == [(code, 1, column)], found
    assert part in found[0][3]


def test_all_mistakes_are_found_at_once_with_their_lines():
    found = problems_of(
        """
all:
  - adress.country: DE
  - age: {at_least: old, above: 3}
  - did: {event: ordr, where: {category: null}, within_last: 3 fortnights, sum: {of: amont, above: x}}
  - any:
      - not: {vip: maybe}
      - tags: sport
""",
        "vip",
    )
    assert [(code, line) for code, line, _, _ in found] == [
        ("E301", 3), ("E303", 4), ("E302", 5), ("E304", 5), ("E312", 5), ("E301", 5), ("E303", 7), ("E306", 8)
    ]  # fmt: skip


def test_a_plain_scalar_is_read_by_the_type_of_its_field():
    assert parsed("{name: 01012}") == parsed('{name: "01012"}')
    assert parsed("{name: NO}") == parsed('{name: "NO"}')
    assert parsed("{age: 010}") == parsed("{age: 10}")
    assert parsed("{name: [NO, yes, 12:30]}") == parsed('{name: ["NO", "yes", "12:30"]}')


def test_short_and_long_forms_are_one_rule():
    assert parsed("{age: 5}") == parsed("{age: {equals: 5}}") == parsed("{field: age, equals: 5}")
    assert parsed("{name: [a, b]}") == parsed("{name: {one_of: [a, b]}}")
    assert parsed("{age: 5, vip: true}") == parsed("{all: [{age: 5}, {vip: true}]}")
    assert parsed("{did_not: {event: order}}") == parsed("{not: {did: {event: [order], times: {at_least: 1}}}}")
    assert parsed("{did: {event: [visit, order]}}") == parsed("{did: {event: [order, visit]}}")


def test_a_field_named_like_a_word_takes_the_long_form():
    assert parsed("{field: all, equals: x}").source.path == "all"  # type: ignore[union-attr]


def test_variables_are_filled_in(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COUNTRY", "DE")
    assert parsed("address.country: ${COUNTRY}") == parsed("{address.country: DE}")


def test_a_formula_may_be_as_deep_as_the_limit():
    for formula in ("(" * 99 + "age + 1" + ")" * 99, "age" + " + age" * 100):
        rule = parsed(f'{{compute: "{formula}", above: 1}}')
        program = Program.of({"s": rule}, "UTC")
        assert members(program, *tables([rule], [{"age": 1}], [[]]), at("2026-05-31T12:00:00Z")).tolist() == [[True]]
