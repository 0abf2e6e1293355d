"""Tests of text: each runs once over the distinct words of a column."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from profile_engine.config.yaml_document import Node
from profile_engine.rules.columns import Column, Mask, TextColumn
from profile_engine.rules.field_types import Kind
from profile_engine.rules.literals import scalar_text
from profile_engine.rules.operators.operator import Example, Operator, Reading, Testing, items_of, of_type
from profile_engine.rules.syntax import Check, Operand
from profile_engine.rules.words import told
from profile_engine.schemas.patterns import LETTER_END, java_like, java_pattern, like_pattern, reason_against

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn

    from profile_engine.rules.compile.compiling import Compiling
    from profile_engine.rules.compile.value import Value

_TEXT: frozenset[Kind] = frozenset({"text"})


def _read(node: Node, reading: Reading) -> Operand | None:
    text = scalar_text(node, reading.problems, "text")
    if text == "":
        reading.problems.add("E304", "empty text is missing, so nothing can be compared with it", node.position)
        return None
    return text


def _read_pattern(node: Node, reading: Reading) -> Operand | None:
    pattern = _read(node, reading)
    if isinstance(pattern, str) and (reason := reason_against(pattern)) is not None:
        reading.problems.add("E313", f"not a regular expression that can be used: {reason[0]}", node.position, reason[1],
                             length=len(pattern))  # fmt: skip
        return None
    return pattern


def _part(passes: Callable[[str, str], bool]) -> Callable[[Column, Testing], Mask]:
    """A test of each word against the operand, both folded where case is ignored."""

    def test(column: Column, testing: Testing) -> Mask:
        text = of_type(testing.check.operand, str)
        if testing.check.ignoring_case:
            folded = text.casefold()
            return of_type(column, TextColumn).where(lambda word: passes(word.casefold(), folded))
        return of_type(column, TextColumn).where(lambda word: passes(word, text))

    return test


def _like(column: Column, testing: Testing) -> Mask:
    text = of_type(testing.check.operand, str)
    if not testing.check.ignoring_case:
        pattern = re.compile(like_pattern(text), re.DOTALL)
        return of_type(column, TextColumn).where(lambda word: pattern.fullmatch(word) is not None)
    folded = re.compile(like_pattern(text.casefold(), folded_apart=True), re.DOTALL)
    return of_type(column, TextColumn).where(lambda word: folded.fullmatch(_folded_apart(word)) is not None)


def _folded_apart(word: str) -> str:
    return "".join(letter.casefold() + LETTER_END for letter in word)


def _like_column(value: Value, compiling: Compiling) -> SparkColumn:
    pattern, ignoring_case = _text(compiling.check), compiling.check.ignoring_case
    text = value.text_folded_apart() if ignoring_case else value.column
    return text.rlike(java_like(pattern, folded_apart=ignoring_case))


def _matches(column: Column, testing: Testing) -> Mask:
    """By RE2, which takes time in proportion to the text whatever the pattern."""
    import pyarrow as pa
    import pyarrow.compute as pc

    words = of_type(column, TextColumn)
    found = pc.match_substring_regex(
        pa.array(words.words, pa.string()), of_type(testing.check.operand, str), ignore_case=testing.check.ignoring_case
    )
    return words.spread(np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.bool_))


def _length(column: Column, testing: Testing) -> Mask:
    return testing.inner(of_type(column, TextColumn).lengths(), items_of(testing.check.operand, Check))


def _read_length(node: Node, reading: Reading) -> Operand | None:
    return reading.inner(node, "integer")


def _folds(value: Value, compiling: Compiling) -> SparkColumn:
    return value.text(compiling.check.ignoring_case)


def _text(check: Check) -> str:
    text = of_type(check.operand, str)
    return text.casefold() if check.ignoring_case else text


def _matches_column(value: Value, compiling: Compiling) -> SparkColumn:
    pattern = java_pattern(of_type(compiling.check.operand, str), ignoring_case=compiling.check.ignoring_case)
    return value.column.rlike(pattern)


OPERATORS = (
    Operator(
        "starts_with", _TEXT, _read, _part(str.startswith), lambda check: f"starts with {told(check.operand)}",
        "begins with this text", "text",
        (
            Example("string", "Berlin", "Ber", True), Example("string", "berlin", "Ber", False), Example("string", None, "Ber", False),
            Example("string", "berlin", "Ber", True, ignoring_case=True),
        ), takes_case=True,
        column=lambda value, compiling: _folds(value, compiling).startswith(_text(compiling.check)),
    ),
    Operator(
        "ends_with", _TEXT, _read, _part(str.endswith), lambda check: f"ends with {told(check.operand)}",
        "ends with this text", "text",
        (
            Example("string", "a@mail.example", '"@mail.example"', True), Example("string", "a@mail.other", '"@mail.example"', False),
            Example("string", None, '"@mail.example"', False), Example("string", "a@MAIL.example", '"@mail.example"', True, ignoring_case=True),
        ), takes_case=True,
        column=lambda value, compiling: _folds(value, compiling).endswith(_text(compiling.check)),
    ),
    Operator(
        "contains", _TEXT, _read, _part(str.__contains__), lambda check: f"contains {told(check.operand)}",
        "has this text in it", "text",
        (
            Example("string", "red shoes", "shoe", True), Example("string", "red hats", "shoe", False),
            Example("string", None, "shoe", False), Example("string", "RED SHOES", "shoe", True, ignoring_case=True),
        ), takes_case=True,
        column=lambda value, compiling: _folds(value, compiling).contains(_text(compiling.check)),
    ),
    Operator(
        "like", _TEXT, _read, _like, lambda check: f"is like {told(check.operand)}",
        "the whole text fits the pattern: % is any text, _ any one character, \\\\ takes the next as it is", "a pattern",
        (
            Example("string", "red shoes", '"%shoe_"', True), Example("string", "red shoe", '"%shoe_"', False),
            Example("string", None, '"%"', False), Example("string", "50%", "'50\\%'", True), Example("string", "500", "'50\\%'", False),
            Example("string", "Straße", '"STRA_E"', True, ignoring_case=True), Example("string", "Strasse", '"stra_e"', False, ignoring_case=True),
            Example("string", "STRASSE", '"straß_"', True, ignoring_case=True), Example("string", "é😀ß", '"___"', True, ignoring_case=True),
            Example("string", "ß", '"s_"', False, ignoring_case=True), Example("string", "Straße", '"%ss%"', True, ignoring_case=True),
            Example("string", "Shoes", '"s%"', True, ignoring_case=True), Example("string", "a\nb", '"a%b"', True),
        ), takes_case=True,
        column=_like_column,
    ),
    Operator(
        "matches", _TEXT, _read_pattern, _matches, lambda check: f"matches {told(check.operand)}",
        "the regular expression is found in the text (^ and $ tie it to the ends)", "a regular expression",
        (
            Example("string", "NL-1234", '"^[A-Z]{2}-[0-9]+$"', True), Example("string", "NL1234", '"^[A-Z]{2}-[0-9]+$"', False),
            Example("string", "see NL-12", '"[A-Z]{2}-[0-9]"', True), Example("string", None, '".*"', False),
            Example("string", "nl-1", '"NL"', True, ignoring_case=True),
        ), takes_case=True,
        column=_matches_column,
    ),
    Operator(
        "length", _TEXT, _read_length, _length, lambda check: "has a length that",
        "the number of characters passes the test", "a test of a number",
        (
            Example("string", "abc", "3", True), Example("string", "abc", "{above: 3}", False), Example("string", None, "{at_most: 3}", False),
            Example("string", "né", "2", True), Example("string", "", "0", False),
        ), takes_inner=True,
        column=lambda value, compiling: compiling.inner(value.length(), items_of(compiling.check.operand, Check)),
    ),
)  # fmt: skip
