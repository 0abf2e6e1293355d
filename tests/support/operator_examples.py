"""The examples that every test of the rule language carries, read as the language reads them."""

from __future__ import annotations

from profile_engine.config.problems import Problems
from profile_engine.config.yaml_document import parse_yaml
from profile_engine.rules.field_types import item_type
from profile_engine.rules.moment import Moment
from profile_engine.rules.names import Names
from profile_engine.rules.operators.operator import Example, Operator, Reading
from profile_engine.rules.parse import items_condition
from profile_engine.rules.parse_tests import parse_tests
from profile_engine.rules.syntax import Check
from tests.support.rule_people import scope


def check_of(operator: Operator, example: Example, moment: Moment) -> Check:
    """The check of an example; fails where its operand can't be read."""
    problems = Problems()
    node = parse_yaml(example.operand, "example", problems)
    assert node is not None
    zone = moment.zone
    names = Names(scope(), "person").inside(item_type(example.type))
    reading = Reading(
        example.type,
        zone,
        problems,
        lambda part, of_type: parse_tests(part, of_type, "inner", zone, problems),
        lambda condition: items_condition(condition, names, problems),
    )
    operand = operator.read(node, reading)
    problems.raise_if_any()
    assert operand is not None
    return Check(operator.name, operand, example.ignoring_case)
