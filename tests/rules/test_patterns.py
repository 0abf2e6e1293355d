"""Patterns that several engines have to read alike."""

from __future__ import annotations

import pytest

from profile_engine.rules.patterns import java_like, java_pattern, reason_against, with_named_group


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
