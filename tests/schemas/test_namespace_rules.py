"""Namespaces: priority is the place in the list; placeholders and given values are no identifiers."""

from __future__ import annotations

import hashlib

import pytest

from profile_engine.schemas.hygiene import refusal
from profile_engine.schemas.namespace_rules import Namespaces
from profile_engine.schemas.namespaces import NamespaceConfig
from profile_engine.schemas.normalisers import normaliser
from profile_engine.schemas.placeholders import PRESETS
from profile_engine.schemas.standard_namespaces import STANDARD_NAMESPACES

CONFIGS = [
    NamespaceConfig(name="crm_id", kind="person"),
    NamespaceConfig(name="email", kind="email", normalise="email"),
    NamespaceConfig(name="store", kind="thing"),
]


def namespaces(**changes: object) -> Namespaces:
    given: dict[str, object] = {"blocked": {"email": ["Test@Shop.Example", " b@b.b "]}, **changes}
    return Namespaces.of(CONFIGS, normalised=lambda name, value: normaliser(name).normalised_value(value), **given)  # type: ignore[arg-type]


def test_priority_is_the_place_in_the_list() -> None:
    names = namespaces()
    assert names.names == ("crm_id", "email", "store")
    assert [names.priority(name) for name in names.names] == [1, 2, 3]
    assert "email" in names
    assert "mail" not in names
    assert not names.config("store").enters_graph
    with pytest.raises(KeyError):
        names.priority("mail")


@pytest.mark.parametrize(
    "value",
    ["null", "NULL", "Null", "none", "n/a", "N/A", "anonymous", "not provided", "Not Provided", "unknown", "undefined", "test",
     "0", "0000000", "0" * 38, "00000000-0000-0000-0000-000000000000", "NaN", "nAn", "[object Object]", "NoEmail", "not_provided",
     "Not-Provided", "\\N", "#N/A", "#REF!", "(blank)", "<Null>", "N.v.t.", "0.0", "Test@Test.com", "NONE", "No_Phone"],
)  # fmt: skip
def test_placeholders_are_blocked_in_every_namespace_whatever_their_case(value: str) -> None:
    assert all(namespaces().is_blocked(name, value) for name in namespaces().names)


@pytest.mark.parametrize(
    "value", ["10", "11111", "1234567890", "C00001", "jo@test.de", "nullmann@web.de", "Nonee", "N", "Nan1"]
)
def test_real_looking_values_are_not_placeholders(value: str) -> None:
    assert not namespaces().is_blocked("crm_id", value)


def test_presets_are_in_lower_case_so_that_any_case_is_found() -> None:
    assert all(value == value.lower() for values in PRESETS.values() for value in values)


def test_given_values_are_blocked_in_normal_form_and_only_there() -> None:
    names = namespaces(blocked={"email": ["Test@Shop.Example", " b@b.b "], "crm_id": ["X-0"]})
    assert names.is_blocked("email", "test@shop.example")
    assert names.is_blocked("email", "b@b.b")
    assert names.is_blocked("crm_id", "X-0")
    assert not names.is_blocked("crm_id", "x-0"), "only placeholders are blocked whatever their case"
    assert not names.is_blocked("crm_id", "test@shop.example")


def test_without_presets_only_the_given_values_are_blocked() -> None:
    assert not namespaces(presets=()).is_blocked("crm_id", "null")


def test_the_hash_of_nothing_is_blocked_without_presets_too() -> None:
    names = Namespaces.of([NamespaceConfig(name="x", preset="email_sha256")], presets=())  # type: ignore[arg-type,call-arg]
    assert names.is_blocked("x", OF_NOTHING)
    assert not names.is_blocked("x", OF_NULL)


def test_a_value_that_is_kept_is_not_blocked_and_others_in_another_case_are() -> None:
    names = namespaces(kept={"crm_id": ["NaN", "X-0"]}, blocked={"crm_id": ["X-0"]})
    assert [names.is_blocked("crm_id", value) for value in ("NaN", "X-0", "nan")] == [False, False, True]
    assert names.is_blocked("email", "NaN")


def test_the_static_hash_moves_with_what_decides_about_identifiers_and_with_nothing_else() -> None:
    base = namespaces().static_hash
    assert namespaces().static_hash == base
    assert namespaces(presets=()).static_hash != base
    assert namespaces(identifiers_per_record=3).static_hash != base
    assert namespaces(blocked={}).static_hash != base
    assert namespaces(kept={"crm_id": ["NULL"]}).static_hash != base
    assert namespaces(kept={"crm_id": ["C1"]}).static_hash == base, "nothing blocks it"
    assert Namespaces.of(reversed(CONFIGS)).static_hash != Namespaces.of(CONFIGS).static_hash
    described = [CONFIGS[0].model_copy(update={"description": "words", "unique": True}), *CONFIGS[1:]]
    assert Namespaces.of(described).static_hash == Namespaces.of(CONFIGS).static_hash


@pytest.mark.parametrize("preset", STANDARD_NAMESPACES)
def test_a_preset_gives_the_settings_that_are_not_written_beside_it(preset: str) -> None:
    plain = NamespaceConfig(name="x", preset=preset)  # type: ignore[arg-type,call-arg]
    own = NamespaceConfig(name="x", preset=preset, pattern="[a-z]+", persons_per_value=2)  # type: ignore[arg-type,call-arg]
    assert plain == NamespaceConfig(name="x", preset=preset, **STANDARD_NAMESPACES[preset])  # type: ignore[arg-type]
    assert (own.kind, own.normalise, own.pattern) == (plain.kind, plain.normalise, "[a-z]+")


HASH = hashlib.sha256(b"ann@example.com").hexdigest()
OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
OF_NULL = hashlib.sha256(b"NULL").hexdigest()
IDFA = "EA7583CD-A667-48BC-B806-42ECB2B48606"


@pytest.mark.parametrize(
    ("preset", "text", "expected"),
    [
        ("ecid", "1" * 37 + "2", ("1" * 37 + "2", None)),
        ("ecid", "1" * 37, ("1" * 37, "pattern")),
        ("ecid", "1" * 37 + "x", ("1" * 37 + "x", "pattern")),
        ("ecid", "0" * 38, ("0" * 38, "blocked")),
        ("email_sha256", f" {HASH.upper()} ", (HASH, None)),
        ("phone_sha256", HASH.upper(), (HASH, None)),
        ("phone_sha256", "+31612345678", ("+31612345678", "invalid")),
        ("email_sha256", OF_NOTHING.upper(), (OF_NOTHING, "blocked")),
        ("phone_sha256", OF_NOTHING, (OF_NOTHING, "blocked")),
        ("email_sha256", OF_NULL, (OF_NULL, "blocked")),
        ("crm_id", OF_NULL, (OF_NULL, None)),
        ("idfa", IDFA, (IDFA.lower(), None)),
        ("gaid", "00000000-0000-0000-0000-000000000000", ("00000000-0000-0000-0000-000000000000", "blocked")),
        ("phone", "+31 6 1234 5678", ("+31612345678", None)),
        ("email", " Ann@X.com", ("ann@x.com", None)),
        ("crm_id", "x" * 1025, ("x" * 1025, "length")),
        ("login", "ann", ("ann", None)),
        ("cookie", "anonymous", ("anonymous", "blocked")),
    ],
)
def test_standard_namespaces_know_their_values(preset: str, text: str, expected: tuple[str | None, str | None]) -> None:
    names = Namespaces.of([NamespaceConfig(name="x", preset=preset)])  # type: ignore[arg-type,call-arg]
    assert refusal(names, "x", text) == expected


@pytest.mark.parametrize("text", ["call me", "keine", "a@b@c", "a@b", "@x.de", "a@", "a b@x.de", "a@x .de", "a@x\u00a0y.de", "a@.de",
                                  "a@x..de", "a@x.de; b@x.de", "root@localhost", '"a@x.de', "Ann <ann@x.de>"])  # fmt: skip
def test_what_is_no_address_is_no_email(text: str) -> None:
    names = Namespaces.of([NamespaceConfig(name="x", preset="email")])  # type: ignore[arg-type,call-arg]
    assert refusal(names, "x", text)[1] == "pattern"


@pytest.mark.parametrize("text", ["ann@x.de", "a.b+c@gmail.com", "o'neill@x.co.uk", '"quoted..part"@x.com', '"a@b c"@x.com', "юзер@екзампл.ком",
                                  "伊昭傑@郵件.商務", "!#$%&'*+-/=?^_`.{|}~@example.tld", "ann@x.de.", "a@[127.0.0.1]"])  # fmt: skip
def test_strange_addresses_stay_emails(text: str) -> None:
    names = Namespaces.of([NamespaceConfig(name="x", preset="email")])  # type: ignore[arg-type,call-arg]
    assert refusal(names, "x", text) == (text, None)


def test_a_least_length_leaves_the_greatest_as_it_is() -> None:
    names = Namespaces.of([NamespaceConfig(name="x", preset="login", length={"at_least": 3})])  # type: ignore[arg-type,call-arg]
    assert [refusal(names, "x", text)[1] for text in ("ab", "abc", "a" * 5000)] == ["length", None, "length"]
    own = NamespaceConfig(name="x", kind="person", length={"at_most": 2000})
    assert own.length == {"at_most": 2000}
