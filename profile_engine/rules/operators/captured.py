"""The test of a part of a text, which a regular expression cuts out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from profile_engine.config.yaml_document import Mapping, Node, Scalar
from profile_engine.rules.columns import Column, Mask, TextColumn
from profile_engine.rules.literals import scalar_text
from profile_engine.rules.operators.operator import Example, Operator, Reading, Testing, of_type
from profile_engine.rules.syntax import Check, Operand
from profile_engine.schemas.patterns import java_pattern, reason_against, with_named_group

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn

    from profile_engine.rules.compile.compiling import Compiling
    from profile_engine.rules.compile.value import Value

_HINT = 'write {pattern: "^([A-Z]+)-", equals: NL}'


def _read(node: Node, reading: Reading) -> Operand | None:
    pattern = node.get("pattern") if isinstance(node, Mapping) else None
    if not isinstance(node, Mapping) or not isinstance(pattern, Scalar):
        reading.problems.add("E303", "'captured' takes a pattern and a test", node.position, _HINT)
        return None
    text = scalar_text(pattern, reading.problems, "a regular expression")
    if not text:
        return None
    reason = reason_against(text)
    if reason is None and re.compile(text).groups < 1:
        reason = "it has no group that cuts a part out", "put the part in round brackets"
    if reason is not None:
        reading.problems.add("E313", f"not a regular expression that can be used: {reason[0]}", pattern.position, reason[1],
                             length=len(text))  # fmt: skip
        return None
    checks = reading.inner(node.without("pattern"), "string")
    return None if checks is None else (text, *checks)


def _parts(check: Check) -> tuple[str, tuple[Check, ...]]:
    pattern, *checks = of_type(check.operand, tuple)
    return of_type(pattern, str), tuple(checks)


def _test(column: Column, testing: Testing) -> Mask:
    import pyarrow as pa
    import pyarrow.compute as pc

    pattern, checks = _parts(testing.check)
    words = of_type(column, TextColumn)
    found = pc.extract_regex(pa.array(words.words, pa.string()), with_named_group(pattern))
    cut = [(one or {}).get("part") or "" for one in found.to_pylist()]
    place = {part: number for number, part in enumerate(dict.fromkeys(cut))}
    present = words.spread(np.array([bool(part) for part in cut], dtype=np.bool_))
    codes = np.array([place[part] for part in cut], dtype=np.int64)[words.codes] if cut else words.codes
    return testing.inner(TextColumn(present, codes, tuple(place)), checks)


def _column(value: Value, compiling: Compiling) -> SparkColumn:
    from pyspark.sql import functions as F

    from profile_engine.rules.compile.value import Value

    pattern, checks = _parts(compiling.check)
    part = F.regexp_extract(value.column, java_pattern(pattern), 1)
    return compiling.inner(Value.of(part, "string"), checks)


def _words(check: Check) -> str:
    from profile_engine.rules.operators.registry import operators  # which looks through this folder itself

    pattern, checks = _parts(check)
    told = " and ".join(operators()[one.operator].words(one) for one in checks)
    return f"has a part ({pattern}) that {told}"


OPERATORS = (
    Operator(
        "captured", frozenset({"text"}), _read, _test, _words,
        "the part that the first group of the regular expression cuts out passes the test; an empty part is missing",
        "{pattern: .., TEST}",
        (
            Example("string", "NL-1234", '{pattern: "^([A-Z]+)-", equals: NL}', True),
            Example("string", "BE-1234", '{pattern: "^([A-Z]+)-", equals: NL}', False),
            Example("string", "1234", '{pattern: "^([A-Z]+)-", differs_from: NL}', False),
            Example("string", "a=1;b=2", '{pattern: "(?:^|;)b=([^;]*)", one_of: ["2", "3"]}', True),
            Example("string", "b=", '{pattern: "b=([^;]*)", exists: true}', False),
            Example("string", None, '{pattern: "(.*)", exists: true}', False),
            Example("string", "x(y)z", '{pattern: "([(]y)(.)", ends_with: y}', True),
        ), column=_column,
    ),
)  # fmt: skip
