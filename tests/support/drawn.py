"""Values drawn from a hypothesis strategy, the same in every run: for tests that put many of them into one Spark frame."""

from __future__ import annotations

from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

Drawn = TypeVar("Drawn")


def drawn(strategy: st.SearchStrategy[Drawn], count: int) -> list[Drawn]:
    """So many values; what fails on one of them is not shrunk, so a test names the value itself."""
    found: list[Any] = []

    @settings(
        max_examples=count, derandomize=True, database=None, phases=[Phase.generate], deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(strategy)
    def collect(value: Drawn) -> None:
        found.append(value)

    collect()
    return found[:count]
