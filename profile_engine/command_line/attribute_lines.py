"""Attributes of a person as people read them: each value with the records that gave it, and below it those that lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from profile_engine.workspace.explain_attributes import AttributeExplained


def attribute_lines(attributes: Sequence[AttributeExplained]) -> Iterator[str]:
    """One line a value; under it, with `not`, one for each value that the merge policy did not take."""
    yield "attributes"
    width = max((len(one.path) for one in attributes), default=0)
    for one in attributes:
        since = f" of {one.time:%Y-%m-%d}" if one.time is not None else ""
        also = "".join(f", {other.dataset} of {other.time:%Y-%m-%d}" for other in one.also_from)
        yield f"  {one.path:<{width}}  {one.value}  from {one.dataset}{since}{also}"
        for other in one.lost:
            yield f"  {'':<{width}}    not {other.value}  from {other.dataset} of {other.time:%Y-%m-%d}"
    if not attributes:
        yield "  none: only events know this person"
