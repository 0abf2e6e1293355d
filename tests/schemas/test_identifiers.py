"""An identifier's id and hygiene are the same in Spark and in Python, on any text, and the key stays out of plans."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import Row, SparkSession

from profile_engine.schemas.fields import Field
from profile_engine.schemas.hygiene import refusal
from profile_engine.schemas.identifier_arrays import identifier_arrays
from profile_engine.schemas.identifiers import (
    identifier_id,
    owner_id,
    owner_of,
    owner_profile_id,
    profile_id_of_owner,
)
from profile_engine.schemas.namespace_rules import Namespaces
from profile_engine.schemas.namespaces import NamespaceConfig
from profile_engine.schemas.schema import IdentityPath, Schema
from tests.support.shared_data import shared

KEY = bytes(range(32))
NASTY = shared("data/nasty_strings/blns.json")
NAMESPACES = Namespaces.of(
    [
        NamespaceConfig(name="crm_id", kind="person"),
        NamespaceConfig(name="email", kind="email", normalise="email", length={"at_least": 3, "at_most": 40}),
        NamespaceConfig(name="phone", kind="phone", normalise="phone:DE"),
        NamespaceConfig(name="card", kind="person", normalise="digits", pattern="[0-9]{4}"),
        NamespaceConfig(name="store", kind="thing"),
    ],
    blocked={"crm_id": ["X-0"]},
    identifiers_per_record=3,
)


def schema_of(*paths: tuple[str, str], identity_map: str | None = None) -> Schema:
    return Schema(
        "customer",
        "record",
        {path: Field(path, "string") for path, _ in paths},
        identity_map_field=identity_map,
        identities=tuple(IdentityPath(path, namespace, False) for path, namespace in paths),
    )


def test_hygiene_names_its_reasons_and_orders_by_priority(spark: SparkSession) -> None:
    # given records with good, bad, blank and too many identifiers
    rows = spark.createDataFrame(
        [
            ("good", " C1 ", "B@x.de", "A@X.de", "030 123456", None, None),
            ("none", "", None, " ", None, None, None),
            ("bad", "X-0", "a@" + "b" * 40, "ab", "call me", "12-345", "S1"),
            ("many", "C2", "b@x.de", "a@x.de", "030 123456", "12 34", None),
            ("twice", None, "A@x.de", "a@X.DE ", None, "1234\n", None),
        ],
        "case string, crm string, mail string, mail2 string, tel string, card string, shop string",
    )
    schema = schema_of(
        ("crm", "crm_id"), ("mail", "email"), ("mail2", "email"), ("tel", "phone"), ("card", "card"), ("shop", "store"),
        ("not_in_frame", "card"),
    )  # fmt: skip
    # when their identifiers are made
    made = identifier_arrays(rows, schema, NAMESPACES, KEY)
    found = {row.case: row for row in made.select("*", owner_id(made.identifiers).alias("owner")).collect()}
    # then the first owns the record and the dropped carry their reasons
    values = {case: [(i.namespace, i.value) for i in row.identifiers] for case, row in found.items()}
    dropped = {case: [(d.namespace, d.reason) for d in row.dropped] for case, row in found.items()}
    # the fourth of "good" is one too many
    assert values["good"] == [("crm_id", "C1"), ("email", "a@x.de"), ("email", "b@x.de")]
    assert dropped["good"] == [("phone", "too_many")]
    assert values["none"] == []
    assert dropped["none"] == []
    assert found["none"].owner is None
    assert values["bad"] == []
    assert dropped["bad"] == [
        ("crm_id", "blocked"), ("email", "length"), ("email", "length"), ("phone", "invalid"), ("card", "pattern"),
        ("store", "not_a_person_namespace"),
    ]  # fmt: skip
    assert dropped["many"] == [("phone", "too_many"), ("card", "too_many")]
    assert values["twice"] == [("email", "a@x.de"), ("card", "1234")]
    for row in found.values():
        assert [i.identifier_id for i in row.identifiers] == [
            identifier_id(KEY, i.namespace, i.value) for i in row.identifiers
        ]
        assert [i.priority for i in row.identifiers] == [NAMESPACES.priority(i.namespace) for i in row.identifiers]
        assert row.owner == (row.identifiers[0].identifier_id if row.identifiers else None)


def test_one_field_a_namespace_is_in_order_of_priority_and_cut_at_the_limit(spark: SparkSession) -> None:
    # given fields in another order than their namespaces, none of which comes twice
    rows = spark.createDataFrame(
        [("12 34", "C1", "030 123456", "a@x.de")], "card string, crm string, tel string, mail string"
    )
    schema = schema_of(("card", "card"), ("crm", "crm_id"), ("tel", "phone"), ("mail", "email"))
    for limit, kept in ((2, 2), (4, 4), (20, 4)):
        # when a record may have so many
        namespaces = replace(NAMESPACES, identifiers_per_record=limit)
        row = identifier_arrays(rows, schema, namespaces, KEY).first()
        # then the highest priorities stay, in their order
        assert row is not None
        assert [i.namespace for i in row.identifiers] == ["crm_id", "email", "phone", "card"][:kept]
        assert [(d.namespace, d.reason) for d in row.dropped] == [(n, "too_many") for n in ("phone", "card")][
            : 4 - kept
        ]


def test_identity_maps_of_texts_and_of_objects(spark: SparkSession) -> None:
    # given one record with both kinds of map
    rows = spark.createDataFrame(
        [
            Row(texts={"email": ["A@x.de", None, " "], "phone": ["030 123456"], "emial": ["a@x.de"]},
                objects={"email": [Row(id="A@x.de", state="known")], "phone": [Row(id="030 123456", state=None)]}),
            Row(texts=None, objects={}),
        ],
        "texts map<string,array<string>>, objects map<string,array<struct<id:string,state:string>>>",
    )  # fmt: skip
    for carrier in ("texts", "objects"):
        # when identifiers are made of it
        first, second = identifier_arrays(rows, schema_of(identity_map=carrier), NAMESPACES, KEY).collect()
        # then they are normalised by namespace, and an unknown namespace is dropped by name
        assert [(i.namespace, i.value) for i in first.identifiers] == [("email", "a@x.de"), ("phone", "+4930123456")]
        assert [(d.namespace, d.reason) for d in first.dropped] == (
            [("emial", "unknown_namespace")] if carrier == "texts" else []
        )
        assert second.identifiers == []
        assert second.dropped == []


@pytest.mark.skipif(not NASTY.exists(), reason="needs ../shared/data/nasty_strings")
def test_spark_and_python_agree_on_nasty_strings(spark: SparkSession) -> None:
    # given awkward texts in a namespace of each normaliser
    hashes = [hashlib.sha256(text.encode()).hexdigest() for text in ("", "null", "[object Object]", "a@x.de")]
    texts = [text for text in json.loads(NASTY.read_text(encoding="utf-8")) if text] + [
        " x\u00a0",
        "\ufeffİß",
        "a" * 2000,
        *("a@b@c", "юзер@екзампл.ком", '"a@b \\" c"@x.com', "a@x\u00a0y.de", "a@x.de\n", "a@b", "a\nb@x.de", "a@x..de"),
        *hashes,
        hashes[0].upper(),
        *(
            "NULL",
            "NaN",
            "[object Object]",
            "NoEmail",
            "\\N",
            "test@test.com",
            "Not_Provided",
            "\u212aeine Angabe",
            "NoPhone",
            "0" * 30,
            "FFFFFFFF-FFFF-ffff-FFFF-FFFFFFFFFFFF",
            "Keine Kundin, bitte niemandem zuordnen",
            "keine kundin, bitte niemandem zuordnen",
        ),
    ]
    namespaces = Namespaces.of(
        [
            NamespaceConfig(name="as_is", kind="person"),
            NamespaceConfig(name="lower", kind="person", normalise="lower_case"),
            NamespaceConfig(name="digits", kind="person", normalise="digits", length={"at_most": 8}),
            NamespaceConfig(name="phone", kind="phone", normalise="phone:US"),
            NamespaceConfig(name="hash", kind="email", normalise="sha256_hex_lower"),
            NamespaceConfig(name="mail", preset="email"),  # type: ignore[call-arg]
            NamespaceConfig(name="word", kind="person", pattern="[a-z]+|.*script.*"),
        ],
        blocked={
            "lower": ["noemail", "keine kundin, bitte niemandem zuordnen"],
            "as_is": ["\u00a1\u2122", "nan", "Keine Kundin, bitte niemandem zuordnen"],
        },
        kept={"as_is": ["NaN", "NULL"], "lower": ["nan"]},
    )
    rows = spark.createDataFrame(
        [(text, {name: [text] for name in namespaces.names}) for text in texts],
        "text string, map map<string,array<string>>",
    )
    second = spark.createDataFrame([("as_is", texts[0])], "namespace string, value string")
    of_fields = schema_of(*(("text", name) for name in namespaces.names))
    # when Spark and Python make identifiers of them, out of fields and out of an identity map
    made = [
        row
        for schema in (of_fields, schema_of(identity_map="map"))
        for row in identifier_arrays(rows, schema, namespaces, KEY, second).collect()
    ]
    # then they agree on every one: form, reason and id
    for row in made:
        by_python = {name: refusal(namespaces, name, row.text) for name in namespaces.names}
        assert {i.namespace: i.value for i in row.identifiers} == {
            name: value for name, (value, reason) in by_python.items() if reason is None and value is not None
        }
        assert {d.namespace: d.reason for d in row.dropped} == {
            name: reason for name, (_, reason) in by_python.items() if reason is not None
        }
        for i in row.identifiers:
            expected = identifier_id(KEY, i.namespace, i.value, second=(i.namespace, i.value) == ("as_is", texts[0]))
            assert i.identifier_id == expected


def test_an_owner_has_the_same_profile_id_in_spark_and_in_python(spark: SparkSession) -> None:
    numbers = (0, 11, -1, 2**63 - 1, -(2**63))
    rows = spark.createDataFrame([(number,) for number in numbers], "owner_id bigint")
    found = {row.owner_id: row.id for row in rows.select("owner_id", owner_profile_id().alias("id")).collect()}
    assert found == {number: profile_id_of_owner(number) for number in numbers}
    assert found[11] == "owner_000000000000000b"
    assert tuple(owner_of(found[number]) for number in numbers) == numbers
    assert [owner_of(other) for other in ("p1", "owner_b", "owner_", "000000000000000b")] == [None] * 4


def test_the_key_is_in_no_plan(spark: SparkSession, capsys: pytest.CaptureFixture[str]) -> None:
    # given a key that would be seen
    key = b"a-key-that-would-be-seen-in-a-plan"
    rows = spark.createDataFrame([("a@x.de",)], "mail string")
    # when the plan is shown in full
    identifier_arrays(rows, schema_of(("mail", "email")), NAMESPACES, key).explain(extended=True)
    shown = capsys.readouterr().out
    # then the key is not in it, in any spelling
    assert "identifier_key" in shown
    assert key.decode() not in shown
    assert key.hex().upper() not in shown.replace(" ", "").upper()


@given(*[st.text(st.characters(exclude_categories=["Cs"]))] * 4)
def test_no_two_pairs_hash_alike_by_moving_the_border(a: str, b: str, c: str, d: str) -> None:
    if (a, b) != (c, d):
        assert identifier_id(KEY, a, b) != identifier_id(KEY, c, d)
    assert -(2**63) <= identifier_id(KEY, a, b) < 2**63
    assert identifier_id(KEY, a, b) != identifier_id(KEY, a, b, second=True)


def test_an_id_stays_what_it_is_from_version_to_version() -> None:
    assert identifier_id(KEY, "email", "a@x.de") == 2180548538917981628
    assert identifier_id(KEY, "email", "a@x.de", second=True) == 96897210931708298
