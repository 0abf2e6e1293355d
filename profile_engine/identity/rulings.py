"""Rulings: what people decided about a value or a link, which wins over every limit and rule."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

Named = tuple[str, str]
"""A namespace and a value of it, in normal form."""


@dataclass(frozen=True)
class Ruling:
    """One decision. Kept, a link stands whatever it brings together, and a value is over no limit; cut, they join nobody."""

    verdict: Literal["keep", "cut"]
    about: tuple[Named, ...]
    """One identifier: the value itself; two, ascending: the link between them."""
    by: str
    on: date
    why: str

    @property
    def of_link(self) -> bool:
        return len(self.about) > 1


def without_effect(
    rulings: Sequence[Ruling], known: Collection[Named], links: Collection[frozenset[Named]]
) -> tuple[int, ...]:
    """The places, from 1, of rulings that change nothing: on a value that is not `known`, or on two that are no link."""
    return tuple(
        place
        for place, ruling in enumerate(rulings, start=1)
        if not all(one in known for one in ruling.about) or (ruling.of_link and frozenset(ruling.about) not in links)
    )
