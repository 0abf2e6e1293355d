"""Formulas such as `points / 100 + bonus`: numbers, fields, + - * / %, brackets, with the precedence of arithmetic."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from profile_engine.config.problems import Problems
from profile_engine.config.yaml_document import Node, Scalar
from profile_engine.rules.field_types import NAMED_KINDS, kind_of
from profile_engine.rules.fields import fields_of_term
from profile_engine.rules.literals import scalar_text
from profile_engine.rules.names import Names
from profile_engine.rules.syntax import Arithmetic, Computed, Term

_TOKEN = re.compile(r'\s*(?:(\d+(?:\.\d+)?)|([A-Za-z_]\w*(?:\.(?:[A-Za-z_]\w*|"[^"]*"))*)|([-+*/%()]))')
_MOST_OPERATORS = 100
"""Operators and opening brackets of one formula: as deep as all who read it can go."""
_HINT = 'write such as "points / 100 + bonus"'


class _Refused(Exception):
    """The formula can't be read; the problem has been added, unless the message says it."""


def parse_formula(node: Node, names: Names, problems: Problems) -> Computed | None:
    """The formula, or None with a problem at its place."""
    text = scalar_text(node, problems, "a formula")
    if text is None or not isinstance(node, Scalar):
        return None
    try:
        term = _Formula(text, _tokens(text), node, names, problems).whole()
    except _Refused as refused:
        if str(refused):
            problems.add("E303", f"the formula can't be read: {refused}", node.position, _HINT, length=len(text))
        return None
    if not isinstance(term, Arithmetic) or not list(fields_of_term(term)):
        problems.add("E303", "the formula works nothing out from fields", node.position, _HINT, length=len(text))
        return None
    return Computed(term, " ".join(text.split()))


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _Refused(f"'{text[at:].strip()[:10]}' is no number, field, operator or bracket")
        tokens.append(match[0].strip())
        at = match.end()
    if sum(token in set("+-*/%(") for token in tokens) > _MOST_OPERATORS:
        raise _Refused(f"it has more than {_MOST_OPERATORS} operators and brackets")
    return tokens


@dataclass
class _Formula:
    text: str
    tokens: list[str]
    node: Scalar
    names: Names
    problems: Problems
    at: int = 0

    def whole(self) -> Term:
        term = self.sum()
        if self.at < len(self.tokens):
            raise _Refused(f"'{self.tokens[self.at]}' is not expected there")
        return term

    def sum(self) -> Term:
        term = self.product()
        while (sign := self.next_of("+-")) is not None:
            term = Arithmetic(sign, term, self.product())  # type: ignore[arg-type]
        return term

    def product(self) -> Term:
        term = self.single()
        while (sign := self.next_of("*/%")) is not None:
            term = Arithmetic(sign, term, self.single())  # type: ignore[arg-type]
        return term

    def single(self) -> Term:
        if self.next_of("-") is not None:
            return Arithmetic("-", 0, self.single())
        if self.at >= len(self.tokens):
            raise _Refused("it ends where a number or a field is needed")
        token = self.tokens[self.at]
        self.at += 1
        if token == "(":
            term = self.sum()
            if self.next_of(")") is None:
                raise _Refused("a bracket is not closed")
            return term
        if token[0].isdigit():
            return int(token) if token.isdigit() else Decimal(token)
        if token in "+*/%)":
            raise _Refused(f"'{token}' is not expected there")
        source = self.names.source(token, self.node.position, self.problems)
        if source is None:
            raise _Refused
        if kind_of(source.type) != "number":
            self.problems.add("E309", f"a formula needs numbers, and '{token}' is {NAMED_KINDS[kind_of(source.type)]}",
                              self.node.position, length=len(self.text))  # fmt: skip
            raise _Refused
        return source

    def next_of(self, signs: str) -> str | None:
        if self.at < len(self.tokens) and self.tokens[self.at] in signs:
            self.at += 1
            return self.tokens[self.at - 1]
        return None
