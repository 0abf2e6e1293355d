"""The most memory that this process and all it started held at a time: Python, the JVM, and Spark's Python workers."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_EVERY_SECONDS = 0.2
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Peak:
    bytes: int = 0

    @property
    def gigabytes(self) -> float:
        return self.bytes / 1e9


@contextmanager
def peak_memory() -> Iterator[Peak]:
    """Resident memory, sampled five times a second; shared pages count once a process."""
    peak, over = Peak(), threading.Event()

    def watch() -> None:
        while not over.wait(_EVERY_SECONDS):
            peak.bytes = max(peak.bytes, _resident(os.getpid()))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()


def _resident(root: int) -> int:
    parents, resident = {}, {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text().rpartition(")")[2].split()
            parents[int(entry.name)] = int(stat[1])
            resident[int(entry.name)] = int((entry / "statm").read_text().split()[1]) * _PAGE
        except OSError:  # it has ended meanwhile
            continue
    ours, grew = {root}, True
    while grew:
        children = {process for process, parent in parents.items() if parent in ours} - ours
        ours |= children
        grew = bool(children)
    return sum(resident.get(process, 0) for process in ours)
