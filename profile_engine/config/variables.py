"""`${NAME}` and `${NAME:-default}` in scalars, filled in after the YAML was parsed, so that no value can break a file."""

from __future__ import annotations

import os
import re

from profile_engine.config.problems import Place, Problems
from profile_engine.config.yaml_document import Scalar

_VARIABLE = re.compile(r"(\$?)\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")


class FromEnvironment(str):
    """Text that came whole from `${NAME}`; remembers the name, so that a secret can tell it from a literal."""

    variable: str
    has_default: bool


class UnsetVariable:
    """A `${NAME}` that stands alone and is not set: a secret may be set later, anything else is refused."""

    def __init__(self, variable: str) -> None:
        self.variable = variable

    def __repr__(self) -> str:
        return f"${{{self.variable}}}"


def filled_in(scalar: Scalar, problems: Problems) -> str:
    """The scalar's text with each `${NAME}` replaced by the environment's value; one that is not set is a problem.

    `${NAME:-text}` takes the text where the variable is unset or empty, as a shell does; `$${NAME}` stays as `${NAME}`.
    """
    text = filled_or_unset(scalar, problems)
    if isinstance(text, UnsetVariable):
        report_unset(text.variable, scalar, problems)
        return ""
    return text


def filled_or_unset(scalar: Scalar, problems: Problems) -> str | UnsetVariable:
    """The same, but a variable that stands alone and is not set is handed on, for the reader to judge."""
    if "${" not in scalar.text:
        return scalar.text
    whole = _VARIABLE.fullmatch(scalar.text)
    if whole is not None and not whole[1]:
        value = _value(whole[2], whole[3])
        if value is None:
            return UnsetVariable(whole[2])
        text = FromEnvironment(value)
        text.variable, text.has_default = whole[2], whole[3] is not None
        return text
    return _VARIABLE.sub(lambda match: _replaced(match, scalar, problems), scalar.text)


def report_unset(variable: str, scalar: Scalar, problems: Problems) -> None:
    """Adds the problem of a variable that must be set and is not."""
    problems.add_at(
        Place(scalar.position, max(1, len(scalar.text))), "E110", f"the environment variable {variable} is not set",
        f"set it, or give a default: ${{{variable}:-text}}",
    )  # fmt: skip


def _replaced(match: re.Match[str], scalar: Scalar, problems: Problems) -> str:
    if match[1]:
        return match[0][1:]
    value = _value(match[2], match[3])
    if value is None:
        report_unset(match[2], scalar, problems)
    return value or ""


def _value(name: str, default: str | None) -> str | None:
    value = os.environ.get(name)
    return default if default is not None and not value else value
