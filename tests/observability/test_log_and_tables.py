"""Log lines carry run and step; the closing table shows each stage's figures once."""

from __future__ import annotations

import io
import json
import logging

from rich.console import Console

from profile_engine.observability.closing_table import show_closing_table
from profile_engine.observability.log import JsonFormatter, KeyValueFormatter, log_context
from profile_engine.observability.progress import RunProgress
from profile_engine.observability.stage_report import StageReport


def record(message: str) -> logging.LogRecord:
    return logging.LogRecord("profile_engine.x", logging.INFO, "x.py", 1, message, None, None)


def test_lines_carry_their_run_and_step():
    with log_context(run_id="r1"), log_context(step="identity"):
        text = KeyValueFormatter().format(record("start job=a\nb"))
        parsed = json.loads(JsonFormatter().format(record("start")))
    assert "INFO run=r1 step=identity profile_engine.x start job=a | b" in text
    assert (parsed["run_id"], parsed["step"], parsed["event"], parsed["level"]) == ("r1", "identity", "start", "INFO")
    assert "run=- step=-" in KeyValueFormatter().format(record("after"))


def test_the_closing_table_shows_figures_seconds_and_what_was_set_aside():
    out = io.StringIO()
    reports = [
        StageReport("datasets", {"read": 1234, "rejected": 3}, refused=("batch b1: above the error threshold",)),
        StageReport("identity", skipped="nothing moved"),
    ]
    show_closing_table(Console(file=out, width=100), reports, {"datasets": 2.0, "identity": 0.5})
    shown = out.getvalue()
    assert "1,234" in shown
    assert "nothing to do: nothing moved" in shown
    assert "set aside in datasets: batch b1: above the error threshold" in shown
    assert shown.count("datasets") == 2
    assert "2.5" in shown


def test_progress_is_silent_when_piped():
    out = io.StringIO()
    with RunProgress(Console(file=out)).step("identity"):
        pass
    assert out.getvalue() == ""
