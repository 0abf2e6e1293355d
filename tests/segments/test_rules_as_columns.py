"""The Column back end: every example of every test, and rules that hypothesis draws, beside numpy and plain Python."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DataType, DecimalType, StringType, StructField, StructType

from profile_engine.rules.compile.case_folding import folded
from profile_engine.rules.compile.conditions import passes
from profile_engine.rules.compile.event_filters import events_that_matter
from profile_engine.rules.compile.rules import compiled
from profile_engine.rules.compile.value import Value
from profile_engine.rules.evaluate import evaluated
from profile_engine.rules.field_types import item_type, kind_of, object_leaves, precision_of, scale_of
from profile_engine.rules.moment import Moment
from profile_engine.rules.operators.registry import operators
from profile_engine.rules.operators.time import EXAMPLES_AS_OF
from profile_engine.rules.program import Program
from profile_engine.schemas.fields import Field
from profile_engine.schemas.spark_types import spark_type
from tests.support.drawn import drawn
from tests.support.event_strategies import conditions, event_conditions, item_events, sequences
from tests.support.operator_examples import check_of
from tests.support.rule_people import parsed, tables
from tests.support.rule_strategies import AS_OF, attribute_conditions, events, profiles, yaml_text
from tests.support.rules_oracle import Oracle
from tests.support.spark_people import people_frame

pytestmark = pytest.mark.spark
ZONE = "America/Sao_Paulo"
COVERS_LESS = (
    "sums and formulas over doubles",
    "a double compared with a decimal or a formula",
    "38 digits",
    "37 digits",
)
"""What the module says that it does not cover."""
ARRAYS_BESIDE_OTHERS = [
    *(f"{{sequence: {{steps: [{{event: [visit, refund], as: v}}, {{event: [order, visit], where: {where}}}]}}}}" for where in (
        "{products: {any_item: {sku: {equals: {step: v, field: category}}}}}",
        "{products: {every_item: {not: {sku: {equals: {step: v, field: category}}}}}}",
        "{labels: {first_item: {differs_from: {step: v, field: category}}}}",
        "{labels: {any_item: {one_of: {step: v, field: labels}}}}",
        "{not: {labels: {includes: {step: v, field: category}}}}",
        "{labels: {includes_any: {step: v, field: labels}}}",
        "{labels: {includes_all: {step: v, field: labels}}}",
        "{shop: {exists: false}}",
    )),
    "{did: {event: [order, visit], where: {products: {any_item: {price: {above: {profile: age}}}}}}}",
    "{did: {event: [order, visit], where: {labels: {every_item: {none: [{one_of: {profile: tags}}, {starts_with: s}]}}}}}",
    "{did: {event: [order, visit], each: products, where: {labels: {any_item: {equals: {profile: name}}}}}}",
    "{did: {event: [order, visit], where: {not: {labels: {includes_all: {profile: tags}}}}}}",
    "{tags: {includes: {field: name}}}",
    "{address: {exists: false}}",
    "{not: {address: {exists: false}}}",
]  # fmt: skip
"""Rare among those that are drawn, so written down."""


def test_every_example_of_every_test_holds_as_a_column(spark: SparkSession):
    # given: one row with a column for each example
    moment = Moment(EXAMPLES_AS_OF, "UTC")
    cases = [(operator, example) for operator in operators().values() for example in operator.examples]
    types = [StructField(f"c{number}", _stored(example.type)) for number, (_, example) in enumerate(cases)]
    frame = spark.createDataFrame([tuple(example.value for _, example in cases)], StructType(types))
    # when
    answers, missing = [], []
    for number, (operator, example) in enumerate(cases):
        check = check_of(operator, example, moment)
        answers.append(passes(Value.of(F.col(f"c{number}"), example.type), check, moment).alias(f"a{number}"))
        nothing = F.lit(None).cast(_stored(example.type))
        missing.append(passes(Value.of(nothing, example.type), check, moment).alias(f"m{number}"))
    found = frame.select(*answers, *missing).collect()[0]
    # then
    wrong = [
        f"{operator.name}: {example}"
        for number, (operator, example) in enumerate(cases)
        if found[f"a{number}"] is not example.expected
        or found[f"m{number}"] is not (operator.name == "exists" and example.operand == "false")
    ]
    assert wrong == []


def test_drawn_rules_mean_the_same_in_all_three(spark: SparkSession):
    # given: many rules and people, all in one frame and one select
    kinds: list[tuple[st.SearchStrategy[Any], int]] = [
        (attribute_conditions, 90), (event_conditions(), 40), (item_events(), 12), (sequences(), 18), (conditions, 20),
    ]  # fmt: skip
    texts = [yaml_text(rule) for strategy, count in kinds for rule in drawn(strategy, count)]
    texts += ARRAYS_BESIDE_OTHERS
    rules = {f"s{number}": parsed(text, time_zone=ZONE) for number, text in enumerate(dict.fromkeys(texts))}
    people = drawn(st.tuples(profiles, st.lists(events, max_size=6)), 60)
    program = Program.of(rules, ZONE)
    # when
    as_columns = compiled(program, Moment(AS_OF, ZONE), F.col("events"))
    frame = people_frame(spark, people)
    rows = frame.select(*(column.alias(id) for id, column in as_columns.columns.items())).collect()
    profile_rows, event_rows = tables(list(rules.values()), [one for one, _ in people], [mine for _, mine in people])
    by_numpy = evaluated(program, profile_rows, event_rows, AS_OF)
    # then
    oracle = Oracle(AS_OF, ZONE)
    wrong = []
    for place, (id, rule) in enumerate(rules.items()):
        for number, (person, mine) in enumerate(people):
            plain = oracle.member(rule, person, mine)
            column = rows[number][id] if id in as_columns.columns else plain
            if not plain == column == bool(by_numpy.matrix[place][number]):
                wrong.append((texts[place], number, plain, column))
    assert wrong == [], f"{len(wrong)} differ, such as {wrong[:3]}"
    unexpected = {id: why for id, why in as_columns.refused.items() if not any(one in why for one in COVERS_LESS)}
    assert unexpected == {}
    assert len(as_columns.refused) < len(rules) / 5
    assert by_numpy.failures == {}


def test_a_rule_that_can_not_be_compiled_is_set_aside_with_its_reason(spark: SparkSession):
    # given
    rules = {
        "sound": parsed("{age: 1}"), "too_exact": parsed("{compute: score + 1, above: 2}"),
        "leans_on_it": parsed("{in_segment: too_exact}", "too_exact"), "of_events": parsed("{did: {event: order}}"),
        "of_everyone": parsed("{in_segment: [everyone, sound]}", "sound"),
    }  # fmt: skip
    # when
    found = compiled(Program.of(rules, "UTC"), Moment(AS_OF, "UTC"))
    # then the others are there
    assert list(found.columns) == ["sound", "of_everyone"]
    assert found.refused == {
        "too_exact": "it asks for sums and formulas over doubles, which are rounded exactly",
        "leans_on_it": "it asks for members of too_exact, which was set aside or is not at hand",
        "of_events": "it asks for events, and none are at hand",
    }
    two_policies = compiled(
        Program.of(rules, "UTC", {"sound": "default", "of_events": "by_time"}), Moment(AS_OF, "UTC")
    )
    assert "several merge policies" in two_policies.refused["sound"]


def test_events_that_do_not_matter_change_nothing(spark: SparkSession):
    # given: rules over events of many people, each in a frame of its own events
    texts = [
        yaml_text(rule) for strategy in (event_conditions(), item_events(), sequences()) for rule in drawn(strategy, 12)
    ]
    rules = {f"s{number}": parsed(text, time_zone=ZONE) for number, text in enumerate(texts)}
    people = drawn(st.tuples(profiles, st.lists(events, max_size=6)), 40)
    timeline = people_frame(spark, people).select("profile_id", F.posexplode("events").alias("place", "event"))
    timeline = timeline.select("profile_id", "place", "event.*")
    # when: each rule alone says which events it can see
    moment = Moment(AS_OF, ZONE)
    seen = [events_that_matter(Program.of({id: rule}, ZONE), moment).alias(id) for id, rule in rules.items()]
    rows = timeline.select("profile_id", "place", *seen).collect()
    # then: without the others everybody's answer is the same
    oracle, left_out = Oracle(AS_OF, ZONE), 0
    by_person = {(row.profile_id, row.place): row for row in rows}
    for id, rule in rules.items():
        for number, (person, mine) in enumerate(people):
            kept = [one for place, one in enumerate(mine) if by_person[f"p{number}", place][id]]
            left_out += len(mine) - len(kept)
            assert oracle.member(rule, person, kept) == oracle.member(rule, person, mine), (id, texts, number)
    assert left_out > len(rows) * len(rules) / 3


def test_text_is_folded_as_python_folds_it(spark: SparkSession):
    every = [chr(number) for number in range(1, 0x110000) if not 0xD800 <= number < 0xE000 and chr(number).casefold() != chr(number)]  # fmt: skip
    words = [*every, "".join(every), "Straße ﬁn ΣΑΣ ς 😀", "plain ASCII", "é"]
    frame = spark.createDataFrame([(word,) for word in words], "word string")
    wrong = [row.word for row in frame.select("word", folded(F.col("word")).alias("folded")).collect() if row.folded != row.word.casefold()]  # fmt: skip
    assert wrong == []


def _stored(type_text: str) -> DataType:
    kind = kind_of(type_text)
    if kind == "map":
        return ArrayType(StringType())
    if kind == "array":
        return ArrayType(_stored(item_type(type_text)))
    if kind == "object":
        return StructType([StructField(path, _stored(leaf)) for path, leaf in object_leaves(type_text).items()])
    if type_text.startswith("decimal"):
        return DecimalType(precision_of(type_text), scale_of(type_text))
    return spark_type(Field("value", type_text))
