"""This process and all it started, the JVM and Spark's Python workers among them: what they took of processor and memory."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_EVERY_SECONDS = 0.2
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Process:
    """As /proc tells it at one moment; `resident` in bytes, `cpu` in seconds, with those of its children that have ended."""

    number: int
    parent: int
    name: str
    cpu: float
    resident: int


def process_tree() -> list[Process]:
    """This process and all below it."""
    found = {one.number: one for entry in Path("/proc").iterdir() if (one := _process(entry)) is not None}
    ours, grew = {os.getpid()}, True
    while grew:
        below = {number for number, one in found.items() if one.parent in ours} - ours
        ours |= below
        grew = bool(below)
    return [found[number] for number in ours if number in found]


@contextmanager
def watched(look: Callable[[list[Process]], None]) -> Iterator[None]:
    """`look` is shown the tree five times a second, from another thread."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(_EVERY_SECONDS):
            look(process_tree())

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def _process(entry: Path) -> Process | None:
    """None where the entry is no process, or one that has ended meanwhile."""
    if not entry.name.isdigit():
        return None
    try:
        before, _, after = (entry / "stat").read_text().rpartition(")")
    except OSError:
        return None
    stat = after.split()
    cpu = sum(map(int, stat[11:15])) / _TICKS
    return Process(int(entry.name), int(stat[1]), before.partition("(")[2], cpu, int(stat[21]) * _PAGE)
