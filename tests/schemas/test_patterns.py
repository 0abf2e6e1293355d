"""Patterns that several engines have to read alike."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from profile_engine.schemas.config import FieldConfig
from profile_engine.schemas.namespaces import NamespaceConfig
from profile_engine.schemas.patterns import java_like, java_pattern, python_pattern, reason_against, with_named_group


@pytest.mark.parametrize(
    ("pattern", "part"),
    [
        ("a{,3}", "{n}"), ("a{", "{n}"), ("a{x}", "{n}"), ("(?=a)", "look-around"), ("a++", "possessive"), (r"\b", "same"),
        ("a{1001}", "1000"), ("[a&&b]", "class"), ("(", "unterminated"),
    ],
)  # fmt: skip
def test_what_engines_read_differently_is_refused(pattern: str, part: str):
    reason = reason_against(pattern)
    assert reason is not None
    assert part in f"{reason[0]}; {reason[1]}"


@pytest.mark.parametrize("pattern", [r"a\{,3\}", "[{]", "a{2}", "a{2,}", "a{2,3}", r"(?:a|b)+$", r"[^\s]\d"])
def test_the_shared_subset_is_taken(pattern: str):
    assert reason_against(pattern) is None


def test_java_is_told_what_re2_means():
    assert java_pattern("a$") == r"(?d)a\z"
    assert java_pattern(r"[$]\$.$", ignoring_case=True) == r"(?diu)[$]\$.\z"
    assert java_pattern(r"\s[\s]\S[^\S]") == r"(?d)[\t\n\f\r ][\t\n\f\r ][\S\x0B][^\S\x0B]"
    assert java_like("50%_\\%") == r"(?s)\A(?:50.*.%)\z"


def test_the_first_group_cuts_out():
    assert with_named_group(r"(?:a)([(]b)\((c)") == r"(?:a)(?P<part>[(]b)\((?:c)"


def test_python_reads_a_pattern_as_java_does():
    # given digits and letters of other alphabets, a line end, and the vertical tab
    words = [
        ("[0-9]{2}", "12\n"),
        (r"\d", "٣"),
        (r"\w", "é"),
        (r"\s", "\x0b"),
        (r"a$", "a\n"),
        (r"\d{2}", "12"),
        (r"\S", "é"),
    ]
    # when a pattern is for the whole text, then only what RE2 lets pass does
    assert [python_pattern(pattern).fullmatch(text) is not None for pattern, text in words] == [False] * 5 + [True] * 2


def test_a_pattern_of_one_engine_only_is_refused_where_it_is_written():
    for model in (
        lambda pattern: FieldConfig(type="string", pattern=pattern),
        lambda pattern: NamespaceConfig(name="card", kind="person", pattern=pattern),
    ):
        assert model("[0-9]{4}").pattern == "[0-9]{4}"
        with pytest.raises(ValidationError, match="named groups and flags are not shared by all engines; use letters"):
            model("(?P<card>[0-9]{4})")
