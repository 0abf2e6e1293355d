"""Hubs: what is usual in a namespace, and what stands out."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from profile_engine.command_line.identity_lines import REASONS
from profile_engine.identity.hubs import hub_persons, people_met, usual_persons
from profile_engine.identity.linking_rules.rules import RULE_REASONS
from profile_engine.identity.links import PERSONS_PER_VALUE, RULING_ON_LINK, RULING_ON_VALUE


@pytest.mark.parametrize(
    ("values", "usual"),
    [({}, 0), ({1: 95, 40: 5}, 1), ({1: 94, 40: 6}, 40), ({1: 500, 2: 455, 9: 45}, 2), ({7: 1}, 7)],
)
def test_usual_is_what_95_of_a_hundred_values_stay_within(values, usual):
    assert usual_persons(values) == usual
    assert hub_persons(usual) == 5 * usual


def test_every_reason_for_which_a_link_is_dropped_has_its_words():
    assert {*RULE_REASONS, PERSONS_PER_VALUE, RULING_ON_LINK, RULING_ON_VALUE} <= set(REASONS)


def test_people_of_a_value_are_counted_by_every_other_namespace_of_people(spark: SparkSession):
    # given a customer id (priority 1) that a till writes for guests, with 3 e-mails (2) and 4 cookies (3), and a cookie
    # of two customers
    guest = [(1, 10 + n, 1, 2) for n in range(3)] + [(1, 20 + n, 1, 3) for n in range(4)]
    links = spark.createDataFrame(
        [*guest, (2, 20, 1, 3)], "left_id int, right_id int, left_priority int, right_priority int"
    )

    # when customers and e-mails tell people apart
    met = {tuple(row) for row in people_met(links, {1, 2}).collect()}

    # then the guest has met three people, and cookies make nobody's people
    of_emails = {(10 + n, 2, 1, 1) for n in range(3)}
    assert met == {(1, 1, 2, 3), (20, 3, 1, 2), *((20 + n, 3, 1, 1) for n in range(1, 4)), *of_emails}
