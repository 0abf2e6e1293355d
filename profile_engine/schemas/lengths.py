"""The length of a text in characters, at least and at most, as a person writes it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator


def _possible(length: dict[Literal["at_least", "at_most"], int]) -> dict[Literal["at_least", "at_most"], int]:
    at_least, at_most = length.get("at_least", 0), length.get("at_most")
    if at_most is not None and at_most < 1:
        raise ValueError("no text is that short; write 'at_most: 1' or more")
    if at_least < 0:
        raise ValueError("no text has fewer than 0 characters; write 'at_least: 0' or more")
    if at_most is not None and at_least > at_most:
        raise ValueError(f"no text has at least {at_least} and at most {at_most} characters; write an at_most of {at_least} or more")  # fmt: skip
    return length


Length = Annotated[dict[Literal["at_least", "at_most"], int], AfterValidator(_possible)]
"""Both ends inclusive; an end that is left out is no limit."""
