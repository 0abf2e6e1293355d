"""Generated pages are checked in, and stale ones are told."""

from __future__ import annotations

from profile_engine.command_line.reference_pages import pages


def test_generated_pages_are_fresh():
    stale = [
        path.name for path, text in pages().items() if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    assert stale == [], "run `make docs`"
