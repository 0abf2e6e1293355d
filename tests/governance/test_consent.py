"""Consent: what a purpose reads from a profile, in one frame of people who said different things."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from profile_engine.governance.config import PurposeConfig
from profile_engine.governance.consent import consent_of, consent_state

PEOPLE = """
    person string, consents struct<email:struct<val:string>, share:boolean, pushes:map<string,string>,
    stored:array<struct<key:string,value:struct<val:string>>>>, opt_in string
"""
SAID = [
    ("granted", (("y",), True, {"app.one": "y"}, [("a.b", ("y",))]), "y"),
    ("refused", (("n",), False, {"app.one": "n"}, [("x", ("y",)), ("a.b", ("n",))]), "both"),
    ("pending", (("p",), None, {"other": "y"}, [("x", ("y",))]), "Y"),
    ("padded", ((" y",), None, {}, []), ""),
    ("object_missing", None, None),
    ("value_missing", ((None,), None, None, None), None),
]
PURPOSES = {
    "email": PurposeConfig(attribute="consents.email.val"),
    "share": PurposeConfig(attribute="consents.share", granted=["true"], refused=["false"]),
    "map_key": PurposeConfig(attribute='consents.pushes."app.one"'),
    "stored_map_key": PurposeConfig(attribute='consents.stored."a.b".val'),
    "legal_basis": PurposeConfig(attribute="consents.email.val", granted=["y", "p"], refused=["n"]),
    "opt_in": PurposeConfig(attribute="opt_in", granted=["y", "both"], refused=["n", "both"]),
    "no_such_column": PurposeConfig(attribute="elsewhere.val"),
    "no_such_member": PurposeConfig(attribute="consents.sms.val"),
    "an_object": PurposeConfig(attribute="consents.email"),
}
EXPECTED = {
    "email": ["granted", "refused", "unknown", "unknown", "unknown", "unknown"],
    "share": ["granted", "refused", "unknown", "unknown", "unknown", "unknown"],
    "map_key": ["granted", "refused", "unknown", "unknown", "unknown", "unknown"],
    "stored_map_key": ["granted", "refused", "unknown", "unknown", "unknown", "unknown"],
    "legal_basis": ["granted", "refused", "granted", "unknown", "unknown", "unknown"],
    "opt_in": ["granted", "refused", "unknown", "unknown", "unknown", "unknown"],
    "no_such_column": ["unknown"] * 6,
    "no_such_member": ["unknown"] * 6,
    "an_object": ["unknown"] * 6,
}


def test_consent_is_granted_or_refused_only_where_the_person_said_so(spark: SparkSession) -> None:
    people = spark.createDataFrame(SAID, PEOPLE)
    states = people.select(
        "person", *(consent_state(people.schema, purpose).alias(name) for name, purpose in PURPOSES.items())
    )
    rows = {row["person"]: row for row in states.collect()}
    assert {name: [rows[person[0]][name] for person in SAID] for name in PURPOSES} == EXPECTED


@pytest.mark.parametrize(
    ("value", "state"), [("y", "granted"), ("n", "refused"), ("u", "unknown"), (None, "unknown"), (["y"], "unknown")]
)
def test_the_python_twin_says_the_same(value: object, state: str) -> None:
    assert consent_of(value, PURPOSES["email"]) == state


def test_the_python_twin_reads_booleans() -> None:
    assert [consent_of(value, PURPOSES["share"]) for value in (True, False, None)] == ["granted", "refused", "unknown"]
