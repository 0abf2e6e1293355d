"""Values that nobody has, in a form that a project's namespaces accept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from profile_engine.errors import ConfigurationError
from profile_engine.schemas.hygiene import refusal
from profile_engine.schemas.namespace_rules import Namespaces

Form = Callable[[str, int], str]
"""A word for the thing and its number to a value."""


def _digest(number: int, digits: int) -> str:
    return hashlib.sha256(f"made up {number}".encode()).hexdigest()[:digits]


_NUMBERED: tuple[Form, ...] = (
    lambda word, number: f"{word}{number}",
    lambda word, number: f"{number:038d}",
    lambda word, number: f"{10_000_000 + number}",
    lambda word, number: f"{1_000_000_000 + number}",
    lambda word, number: f"{word[:1].upper()}{10_000 + number}",
    lambda word, number: f"{word[:1].upper()}{10_000_000 + number}",
    lambda word, number: _digest(number, 32),
    lambda word, number: _digest(number, 64),
    lambda word, number: "-".join(_digest(number, 32)[a:b] for a, b in ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))),
)
_FORMS: dict[str, tuple[Form, ...]] = {
    "email": (lambda word, number: f"{word}@example.com", *_NUMBERED),
    "phone": (lambda word, number: f"+316{10_000_000 + number}", *_NUMBERED),
}
"""Addresses at example.com (RFC 2606) and Dutch mobile numbers; both in the forms that namespaces of hashes take too."""


def value_form(namespaces: Namespaces, namespace: str) -> Form:
    """The first form whose values the namespace accepts; raises ConfigurationError where none is."""
    config = namespaces.config(namespace)
    for form in _FORMS.get(config.kind, _NUMBERED):
        if all(
            refusal(namespaces, namespace, form(word, number))[1] is None
            for word, number in (("tom", 7), ("ann", 4321))
        ):
            return form
    raise ConfigurationError(
        f"no made-up value fits namespace {namespace}: its pattern or length asks for a form that is not known here; "
        "write the events out (--events)"
    )


def namespace_of_kind(namespaces: Namespaces, *kinds: str) -> str | None:
    """The namespace of the first of these kinds that the project has, the highest in priority."""
    for kind in kinds:
        for config in namespaces.configs:
            if config.kind == kind:
                return config.name
    return None
