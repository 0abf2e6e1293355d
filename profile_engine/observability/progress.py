"""Progress on a terminal: one line that names the business step and counts its tasks; silent when piped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

Tasks = Callable[[], tuple[int, int]]

STEP_WORDS = {
    "datasets": "Reading source data",
    "identity": "Finding which records are one person",
    "profiles": "Merging records into profiles",
    "segments": "Deciding who is in which segment",
    "destinations": "Writing audiences to destinations",
}


class RunProgress:
    """Shows the steps of a run; `console` None means silence."""

    def __init__(self, console: Console | None, tasks: Tasks = lambda: (0, 0)) -> None:
        self.console, self.tasks = console, tasks

    @contextmanager
    def step(self, stage: str) -> Iterator[None]:
        """A line with a bar that moves inside one stage."""
        words = STEP_WORDS.get(stage, stage)
        if self.console is None or not self.console.is_terminal:
            yield
            return
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[tasks]}"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self.console, transient=True) as progress:
            bar = progress.add_task(words, total=None, tasks="")
            finished = threading.Event()
            watcher = threading.Thread(target=self._watch, args=(progress, bar, finished), daemon=True)
            watcher.start()
            try:
                yield
            finally:
                finished.set()
                watcher.join(timeout=2)

    def _watch(self, progress: Progress, bar: object, finished: threading.Event) -> None:
        while not finished.wait(0.5):
            done, total = self.tasks()
            shown = f"{done}/{total} tasks" if total else ""
            progress.update(bar, completed=done, total=total or None, tasks=shown)  # type: ignore[arg-type]
