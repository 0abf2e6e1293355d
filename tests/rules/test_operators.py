"""Every test of the registry, proved by its own examples; a new entry is tested by existing."""

from __future__ import annotations

import pyarrow as pa
import pytest

from profile_engine.rules.arrow_columns import arrow_type, column_of
from profile_engine.rules.field_types import kind_of
from profile_engine.rules.moment import Moment
from profile_engine.rules.operators.operator import Example, Operator
from profile_engine.rules.operators.registry import collected, fitting, operators
from profile_engine.rules.operators.time import EXAMPLES_AS_OF
from profile_engine.rules.steps import passing_rows
from tests.support.operator_examples import check_of

MOMENT = Moment(EXAMPLES_AS_OF, "UTC")
CASES = [(operator, example) for operator in operators().values() for example in operator.examples]


@pytest.mark.parametrize(("operator", "example"), CASES, ids=lambda part: getattr(part, "name", None) or str(part)[:60])
def test_each_example_holds(operator: Operator, example: Example):
    # given
    check = check_of(operator, example, MOMENT)
    column = column_of(pa.array([example.value, None], arrow_type(example.type)), example.type)
    # when
    answers = passing_rows(column, check, MOMENT)
    # then
    assert bool(answers[0]) is example.expected
    assert bool(answers[1]) is (operator.name == "exists" and check.operand is False)


@pytest.mark.parametrize("operator", operators().values(), ids=lambda operator: operator.name)
def test_each_has_a_true_a_false_and_a_missing_case(operator: Operator):
    outcomes = {example.expected for example in operator.examples}
    assert outcomes == {True, False}
    assert any(example.value is None for example in operator.examples)
    if operator.takes_case:
        assert any(example.ignoring_case for example in operator.examples) or operator.name in {"differs_from"}


def test_a_name_used_twice_names_both_places():
    exists = operators()["exists"]
    with pytest.raises(ValueError, match=r"'exists' is defined in both one\.family and another\.family"):
        collected([("one.family", [exists]), ("another.family", [exists])])


def test_tests_fit_the_kinds_of_the_language():
    assert set(fitting("number")) >= {
        "equals",
        "one_of",
        "differs_from",
        "none_of",
        "exists",
        "above",
        "at_least",
        "below",
        "at_most",
        "between",
    }
    assert "above" not in fitting("text")
    assert set(fitting("array")) == {
        "exists",
        "includes",
        "includes_any",
        "includes_all",
        "size",
        "any_item",
        "every_item",
        "first_item",
    }
    assert kind_of("decimal(12,2)") == "number"
