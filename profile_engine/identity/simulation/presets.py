"""Stories to begin with: a shared device, a wrong phone number, values that are none."""

from __future__ import annotations

from profile_engine.errors import ConfigurationError
from profile_engine.identity.simulation.made_up_values import namespace_of_kind, value_form
from profile_engine.schemas.namespace_rules import Namespaces

_PERSON, _EMAIL, _PHONE, _DEVICE = ("person",), ("email",), ("phone",), ("cookie", "device")
Part = tuple[tuple[str, ...], str, int]
"""Kinds of namespace, of which the project's first is taken; a word and a number for the value."""


def _tom(*parts: Part) -> tuple[Part, ...]:
    return ((_PERSON, "tom", 1), *parts)


def _summer(*parts: Part) -> tuple[Part, ...]:
    return ((_PERSON, "summer", 2), *parts)


PRESETS: dict[str, tuple[str, tuple[tuple[Part, ...], ...]]] = {
    "shared_device": (
        "Tom logs in on his tablet, then Summer does",
        (
            _tom((_EMAIL, "tom", 1)),
            _tom((_DEVICE, "tablet", 1)),
            _summer((_EMAIL, "summer", 2)),
            _summer((_DEVICE, "laptop", 2)),
            _summer((_DEVICE, "tablet", 1)),
        ),
    ),
    "wrong_phone": (
        "Summer types Tom's phone number",
        (
            _tom((_PHONE, "tom", 1), (_EMAIL, "tom", 1)),
            _summer((_PHONE, "summer", 2), (_EMAIL, "summer", 2)),
            _tom((_DEVICE, "tablet", 1)),
            _summer((_PHONE, "tom", 1)),
        ),
    ),
    "bad_values": (
        "a placeholder for a customer number, an address that an app sends for everybody",
        (
            _tom((_EMAIL, "tom", 1)),
            _summer((_EMAIL, "summer", 2)),
            ((_PERSON, "null", -1), (_EMAIL, "tom", 1)),
            ((_PERSON, "null", -1), (_EMAIL, "summer", 2)),
            _tom((_EMAIL, "app", 9)),
            _summer((_EMAIL, "app", 9)),
            *(((_PERSON, "person", number), (_EMAIL, "app", 9)) for number in (3, 4, 5)),
        ),
    ),
}
"""By name: the story in words, and its events."""


def preset_lines(name: str, namespaces: Namespaces) -> list[str]:
    """The events of a preset as text, in the project's namespaces; raises ConfigurationError where one is missing."""
    lines = []
    for event in PRESETS[name][1]:
        parts = []
        for kinds, word, number in event:
            namespace = namespace_of_kind(namespaces, *kinds)
            if namespace is None:
                raise ConfigurationError(f"preset {name} needs a namespace of kind {' or '.join(kinds)}")
            value = word if number < 0 else value_form(namespaces, namespace)(word, number)
            parts.append(f"{namespace}: {value}")
        lines.append(", ".join(parts))
    return lines
