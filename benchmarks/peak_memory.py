"""The most memory that this process and all it started held at a time: Python, the JVM, and Spark's Python workers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.process_tree import Process, watched


@dataclass
class Peak:
    bytes: int = 0

    @property
    def gigabytes(self) -> float:
        return self.bytes / 1e9


@contextmanager
def peak_memory() -> Iterator[Peak]:
    """Resident memory, sampled five times a second; shared pages count once a process."""
    peak = Peak()

    def look(processes: list[Process]) -> None:
        peak.bytes = max(peak.bytes, sum(one.resident for one in processes))

    with watched(look):
        yield peak
