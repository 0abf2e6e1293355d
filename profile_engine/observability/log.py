"""Log lines to standard error: `key=value` for people, JSON for machines, each with its run and step."""

from __future__ import annotations

import contextvars
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

_run_id: contextvars.ContextVar[str] = contextvars.ContextVar("run_id", default="-")
_step: contextvars.ContextVar[str] = contextvars.ContextVar("step", default="-")


class KeyValueFormatter(logging.Formatter):
    """time level run= step= logger message, on one line."""

    def format(self, record: logging.LogRecord) -> str:
        message = record.getMessage().replace("\n", " | ")
        line = f"{_time(record)} {record.levelname} run={_run_id.get()} step={_step.get()} {record.name} {message}"
        return f"{line} | {self.formatException(record.exc_info)}" if record.exc_info else line


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, run_id, step, logger, event."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": _time(record), "level": record.levelname, "run_id": _run_id.get(), "step": _step.get(),
            "logger": record.name, "event": record.getMessage(),
        }  # fmt: skip
        if record.exc_info:
            entry["error"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def set_up_logging(log_format: str, level: str = "INFO") -> None:
    """Sends the engine's log to standard error as `text` or `json`; other libraries only from warnings on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if log_format == "json" else KeyValueFormatter())
    engine = logging.getLogger("profile_engine")
    engine.handlers[:] = [handler]
    engine.setLevel(level)
    engine.propagate = False
    for chatty in ("py4j", "botocore", "boto3", "urllib3"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


@contextmanager
def log_context(*, run_id: str | None = None, step: str | None = None) -> Iterator[None]:
    """Every line logged inside carries this run and step."""
    tokens = [(_run_id, _run_id.set(run_id))] if run_id is not None else []
    if step is not None:
        tokens.append((_step, _step.set(step)))
    try:
        yield
    finally:
        for variable, token in reversed(tokens):
            variable.reset(token)
